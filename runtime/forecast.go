package runtime

// This file tells how long calls will take, from where the client stands.

import (
	"fmt"
	"maps"
	"slices"
	"sync/atomic"
	"time"

	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/budget"
)

// Forecast tells how long work will take that begins now: when each part ends,
// and which limit holds it up. amounts are by operation name ("Tickets.Show"):
// of a list with a known page size so many items, one page after another unless
// the client has [WithParallelPages];
// otherwise so many calls.
//
// It reckons with what is used at this moment, with limits that answers have
// told, with what WithLeave leaves to others, and with the latency of the
// client's own calls so far. Limits that each object has a counter of its own
// for (scopes as path:ticket_id), and draws that hang on parameters, are left
// out. Of a pool's members those that are no reserve and not out are reckoned to
// make the same number of calls each; a list goes by one. Nothing is sent or charged.
func (c *Client) Forecast(amounts map[string]int) (budget.Outlook, error) {
	var works []budget.Work
	for _, name := range slices.Sorted(maps.Keys(amounts)) {
		op := c.desc.Operation(name)
		if op == nil {
			return budget.Outlook{}, fmt.Errorf("%s: forecast: there is no operation %q", c.desc.Name, name)
		}
		charges, _, err := budget.ChargesOf(c.desc.Name, c.limits, op)
		if err != nil {
			return budget.Outlook{}, fmt.Errorf("%s: forecast: %w", c.desc.Name, err)
		}
		for i := range charges {
			charges[i].Key.Scope = c.who.Load().scope(c.limits[charges[i].Key.Limit], &call{op: op})
		}
		w := budget.Work{Name: name, Requests: amounts[name], Charges: charges}
		if op.Pagination != nil {
			w.AtOnce = c.callDefault.pagesAtOnce(op)
			if size := c.pageSize(op); size > 0 && w.Requests > 0 {
				w.Requests = (w.Requests-1)/size + 1
			}
		}
		works = append(works, c.spread(w, op)...)
	}
	o, err := c.foretell(works, 0)
	if err != nil {
		return o, fmt.Errorf("%s: %w", c.desc.Name, err)
	}
	return gather(o), nil
}

// pageSize is what lists ask for unless a call says otherwise.
func (c *Client) pageSize(op *api.Operation) int {
	size := c.desc.MaxPage(op, c.plan)
	if wanted := c.callDefault.pageSize; wanted > 0 {
		size = min(size, wanted)
	}
	return size
}

// foretell makes a forecast from the present state. A call takes as long as of
// late, and no less than least.
func (c *Client) foretell(works []budget.Work, least time.Duration) (budget.Outlook, error) {
	state := c.ledger.Snapshot()
	return budget.Forecast(works, budget.Conditions{Latency: max(c.latency.mean(), least), State: &state, Leave: c.leave})
}

// latency is how long answers take of late: a mean in which each counts an eighth.
type latency struct{ nanos atomic.Int64 }

func (l *latency) saw(d time.Duration) {
	was := l.nanos.Load()
	if was == 0 {
		was = int64(d)
	}
	l.nanos.Store(was + (int64(d)-was)/8) // of two at once one may be lost, which is no matter
}

func (l *latency) mean() time.Duration { return time.Duration(l.nanos.Load()) }
