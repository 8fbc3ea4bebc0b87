package budget

import "time"

// foreign is what is known of others who draw on the same limit: the user's own
// clicks, other programs. Only what the provider tells to be left shows them.
//
// Rule for fixed windows whose end is told: room is the least that any answer
// told to be left in this window, less our own charges that are not answered
// yet; our own count holds beside it, and the smaller of the two counts.
//
// Proof. Within one window what is left only falls. Of the answers in, let Z
// have told the least. A call of ours that was counted after Z would have told
// less, so each that is answered was counted by then, and only those in flight
// may be missing from Z's number. (An earlier form took the number told to the
// newest call, less all that was not answered when that was sent. It is as safe,
// but where many are in flight it never learns of their answers, and leaves
// their number unused at the end of each window.)
//
// Others are seen when an answer tells less to be left than all that we have
// charged can explain, or when a call is refused for which there was room by our
// own count. From then on, for thirty windows, the first call of each new window
// goes alone, and then at most a quarter of the room is in flight at once, for
// they draw while our calls are under way. Where no end is told, what others were
// seen to draw is charged to our own count as if it was ours.
//
// Two windows are not enough: who has many callers uses up a window within a
// second of its begin, and sees of others only what they draw in that second.
// Care costs some round trips at both ends of a window's use, and no room.
type foreign struct {
	until moment // others were seen lately enough to be careful until then
}

// careful is for how many turnovers others are reckoned with once they were seen.
const careful = 30

// room is what others leave.
func (f *foreign) room(c *counter, now moment) int {
	w, ok := c.meter.(*window)
	if !ok {
		return unbounded
	}
	e := w.current(now)
	if e == nil || e.remaining < 0 {
		return unbounded
	}
	return e.remaining - e.blind - c.inFlight
}

// calls is how many more calls may go while others are about.
func (f *foreign) calls(c *counter, now moment, room int) int {
	if now >= f.until {
		return unbounded
	}
	if w, ok := c.meter.(*window); ok && w.anyEnd() && w.current(now) == nil {
		return 1 - c.calls
	}
	return max(1, (room+c.inFlight)/4) - c.calls
}

// remaining takes the news that so much is left of limit: told now, by the
// answer to a call sent at sent, and of the window that ends at e if that is
// known. The answer's own charge is still in flight.
func (c *counter) remaining(now, sent moment, left, limit int, e *end) {
	if c.supply != nil { // other ledgers' calls are not foreign, and they are counted together
		switch c.meter.(type) {
		case *bucket:
			c.supply.Level(c.ledger.time(sent), limit-left)
		default:
			if e != nil {
				c.supply.Left(left, c.ledger.time(e.earliest), c.ledger.time(e.latest))
			}
		}
		return
	}
	ours := c.meter.used(now) + c.inFlight
	switch m := c.meter.(type) {
	case *window:
		if m.fixed && e != nil {
			if e.latest <= now {
				return // of a window that is over
			}
			if e.remaining < 0 || left < e.remaining {
				e.remaining = left
				if sent >= e.blindAt {
					e.blind = 0
				}
			}
		}
		// A charge freed since the call was sent may have been in the provider's count.
		if m.lastFreed >= sent {
			return
		}
		if others := limit - left - ours; others > 0 {
			c.sawOthers(now)
			if e == nil {
				m.answered(now, others)
			}
		}
	case *bucket:
		// What has drained since the call was sent may have been in the provider's level.
		drained := int(now.sub(sent)/m.unit) + 1
		if others := limit - left - ours - drained; others > 0 {
			c.sawOthers(now)
			m.answered(now, others)
		}
	}
}

func (c *counter) sawOthers(now moment) {
	c.own().foreign.until = now.add(times(max(c.meter.turnover(), time.Second), careful))
}

// limitTold takes the news that the limit is another one than the one held. Of
// several answers the one to the call sent last is the newest.
func (l *Local) limitTold(c *counter, now, sent moment, limit int) {
	if _, numberless := c.meter.(*adaptive); numberless || limit < 1 || c.told && sent < c.toldAt {
		return
	}
	was := limitOf(c.shape())
	c.own().told, c.toldAt = true, sent
	if c.toldShape = c.shape(); limit == was {
		return
	}
	c.toldShape = withLimit(c.toldShape, limit)
	l.reshape(c, c.toldShape, now)
	l.event(Event{Kind: LimitChanged, Time: l.time(now), Key: c.key, Limit: limit, Was: was})
	if limit < was {
		l.failImpossible(c)
	}
}
