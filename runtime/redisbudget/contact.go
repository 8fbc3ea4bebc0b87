package redisbudget

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"time"

	"github.com/weirkit/weir/runtime/budget"
)

// contact is what a member knows of its exchange with Redis.
//
// A call may be lost on its way, or its reply; and one that was given up may still
// arrive. So calls are numbered, and Redis takes none that is older than one it
// has seen. What is out is stated whole. News are numbered in batches, and one
// without a reply is sent again as it was, until it has one. What was granted
// in a reply that is lost is not in what is stated next, and so is given back.
type contact struct {
	gen       string
	attempt   int       // the last call
	redisTime float64   // what Redis's clock said in the last reply, in milliseconds
	redisAt   time.Time // when that came
	longest   float64   // for which an answered charge of any member counts
	batch     int       // of the news under way
	acked     int       // the last batch that had a reply
	restating bool
	members   int
	others    []string
	recovery  bool  // it was said that there is one
	toldAway  bool  // Away was told
	toldCause bool  // Failing was told
	cause     error // why Redis was not reached last; nil when it was
}

// talk makes one contact and takes in its reply.
func (l *Ledger) talk(ctx context.Context) {
	uses := l.uses()
	var sent time.Time
	var a *ask
	var portions []*portion
	var events []budget.Event
	l.paused(func() {
		sent = l.clock.Now()
		l.isAway(sent)
		a, portions = l.compose(sent, uses)
		if l.away && !l.toldAway {
			l.toldAway = true
			events = append(events, budget.Event{Kind: Away, Err: l.why()})
		}
	})
	l.tell(events...)
	ctx, cancel := context.WithTimeout(ctx, l.timeout+time.Duration(len(portions))*each)
	reply, err := l.call(ctx, a, portions)
	cancel()
	l.take(sent, a, portions, reply, err)
}

// exchange runs the script.
func (l *Ledger) exchange(ctx context.Context, a *ask, keys []string) (*answer, error) {
	body, err := json.Marshal(a)
	if err != nil {
		return nil, err
	}
	text, err := l.script.Run(ctx, l.client, keys, body).Text()
	if err != nil {
		return nil, err
	}
	var reply answer
	if err := json.Unmarshal([]byte(text), &reply); err != nil {
		return nil, fmt.Errorf("reading Redis's reply: %w", err)
	}
	return &reply, nil
}

// key is what is known of the members; all keys of a namespace share its hash tag.
func (l *Ledger) key() string { return "weir:{" + l.namespace + "}" }

func (l *Ledger) keyOf(k budget.Key) string {
	return l.key() + ":" + k.API + ":" + k.Limit + ":" + k.Scope
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

func duration(ms float64) time.Duration { return time.Duration(ms * float64(time.Millisecond)) }

// ownEpoch is what Redis's clock counts from where it goes by the ledger's own.
var ownEpoch = time.Date(1999, 1, 1, 0, 0, 0, 0, time.UTC)

// compose writes the next call, under the lock.
func (l *Ledger) compose(now time.Time, uses map[budget.Key][]budget.Use) (*ask, []*portion) {
	fresh := l.batch == l.acked // nothing is to be sent again
	if fresh {
		l.batch++
	}
	l.attempt++
	a := &ask{
		Name: l.member, Incarnate: l.inc, Fresh: fmt.Sprintf("%s-%d", l.inc, l.attempt), Gen: l.gen,
		Attempt: l.attempt, Batch: l.batch, Acked: l.acked, Longest: l.longest,
		Speed: l.speed, Heartbeat: milliseconds(l.heartbeat), Linger: milliseconds(l.linger),
		Away: l.away, Restate: l.restating && !l.away, Others: append([]string{}, l.others...), Counters: []counterAsk{},
	}
	if !l.redisAt.IsZero() {
		a.Low, a.Until = l.atLeast(now), l.atLeast(l.deadline)
	}
	a.Members = l.members
	if l.config.away == PartitionSafe {
		a.Reserve = milliseconds(l.reserve)
	}
	if l.ownTime {
		a.Now = milliseconds(now.Sub(ownEpoch))
	}
	beat := a.Restate || now.Sub(l.beat) >= l.heartbeat
	if beat {
		l.beat = now
	}
	var portions []*portion
	for _, p := range l.active {
		p.prune(now, l.isAway(now))
		switch {
		case a.Restate:
			p.restate()
		case fresh && !l.away:
			p.giveBack(now)
			p.sending, p.pending = p.pending, report{}
		}
		a.Longest = max(a.Longest, milliseconds(p.turnover()))
		if fresh && p.forgettable(now) {
			p.active = false
			delete(l.active, p.key)
			continue
		}
		if !a.Restate && !p.concerned(now, beat) {
			continue
		}
		p.due, p.unheard = time.Time{}, true
		p.reckon(now)
		a.Counters = append(a.Counters, p.ask(now, uses[p.key]))
		portions = append(portions, p)
	}
	l.next = now.Add(l.heartbeat)
	return a, portions
}

// atLeast is what Redis's clock says at a moment of ours, at the least: when its reply
// came it said what that tells, or more. Clocks may differ in speed by a thousandth.
func (l *Ledger) atLeast(at time.Time) float64 {
	d := milliseconds(at.Sub(l.redisAt))
	return l.redisTime + d - math.Abs(d)/1000
}

// paused has f run under the lock, while the local ledger admits nothing: f may take out
// of a portion what has just been offered.
func (l *Ledger) paused(f func()) {
	l.Pause(func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		f()
	})
}

// take takes in a reply.
func (l *Ledger) take(sent time.Time, a *ask, portions []*portion, reply *answer, err error) {
	var events []budget.Event
	var n news
	l.paused(func() { events, n = l.digest(sent, a, portions, reply, err) })
	l.tell(events...)
	l.deliver(n)
	if err == nil && reply.Mute != "" {
		l.late(redisError(reply.Mute))
	}
}

// digest does that under the lock, and returns what others are to be told.
func (l *Ledger) digest(sent time.Time, a *ask, portions []*portion, reply *answer, err error) (events []budget.Event, n news) {
	now := l.clock.Now()
	switch {
	case err != nil || reply.Stale:
		l.notBefore = now.Add(l.heartbeat / 8)
		l.next = now.Add(l.heartbeat / 4)
		l.missed(sent, now)
		if l.failed(err) {
			events = append(events, budget.Event{Kind: Failing, Err: l.explain("a contact", err)})
		}
		return events, n
	case l.away && !a.Away: // our leases have ended meanwhile, and we go by our own charges since
		l.missed(sent, now)
		l.next = now
		return events, n
	}
	l.cause = nil
	l.notBefore = time.Time{}
	if reply.Taken {
		l.taken = true
		l.next = now.Add(time.Hour)
		l.notBefore = l.next
		return append(events, budget.Event{Kind: NameTaken}), n
	}
	l.gen, l.members, l.others = reply.Gen, max(reply.Members, 1), reply.Others
	n.sharers = l.members
	if at, err := strconv.ParseFloat(reply.Now, 64); err == nil {
		l.redisTime, l.redisAt = at, now
	}
	l.longest = max(l.longest, reply.Longest)
	if reply.Restate {
		// What this call was to renew ends when it would have. A member that comes back
		// from away has nothing in hand until its restatement has had a reply.
		l.restating = true
		if l.away {
			l.away, l.deadline = false, now.Add(5*l.heartbeat)
			for _, p := range l.active {
				p.ready = 0
			}
		}
		l.next = now
		return events, n
	}
	if l.toldAway || l.toldCause {
		l.toldAway, l.toldCause = false, false
		events = append(events, budget.Event{Kind: Back})
	}
	if recovery := reply.Recovery > 0; recovery != l.recovery {
		if l.recovery = recovery; recovery {
			events = append(events, budget.Event{Kind: Recovering, Until: now.Add(duration(reply.Recovery))})
		}
	}
	l.acked, l.restating, l.away, l.deadline = a.Batch, false, false, sent.Add(5*l.heartbeat)
	for i, p := range portions {
		p.sending, p.unheard = report{}, false
		if i < len(reply.Counters) {
			p.heard = a.Attempt
			p.granted(sent, now, &reply.Counters[i], &a.Counters[i], &n)
		}
		p.stated = p.out()
	}
	for _, p := range l.active {
		if !p.due.IsZero() && p.due.Before(l.next) {
			l.next = p.due
		}
	}
	return events, n
}

// news is what a reply brings to the local ledger.
type news struct {
	keys         []budget.Key
	observations []budget.Observation
	denied       map[budget.Key]error
	shared       []apportioned
	slowed       []budget.Key // whose numbers nobody tells, and of which others were refused
	sharers      int          // 0 when not told
	events       []budget.Event
}
