// Package quota reads what answers say of limits: how much is left of one, when
// it refills, and whether a call was refused for lack of it.
//
// Providers say these things in a dozen ways, and now and then they say
// nonsense. What cannot be true is treated as not said: it never makes a call
// wait, and never makes one fail.
package quota

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/budget"
)

// Reader reads the answers of one API. It may be used by many goroutines.
type Reader struct {
	families []family
	throttle []api.Throttling
	longest  map[string]time.Duration // by limit: the longest that its window may last
	skew     skew
}

// NewReader prepares to read the answers of the API.
func NewReader(desc *api.API) *Reader {
	return &Reader{
		families: families(desc),
		throttle: throttling(desc),
		longest:  longestWindows(desc),
	}
}

// Observations returns what the headers of an answer to op say of limits, at
// most one observation of each limit. The times are those at which the request
// was sent and the headers were in.
func (r *Reader) Observations(op *api.Operation, h http.Header, sent, answered time.Time) []budget.Observation {
	if !slices.ContainsFunc(r.families, func(f family) bool { return f.present(h) }) {
		return nil // the common case, spared the reading of dates
	}
	at := moment{sent: sent, answered: answered, date: r.skew.learn(h, sent, answered), skew: &r.skew}
	var seen []budget.Observation
	for i := range r.families {
		seen = r.families[i].read(seen, op, h, at)
	}
	kept := seen[:0]
	for _, o := range seen {
		if longest, ok := r.longest[o.Limit]; ok && o.Reset.Sub(answered) > longest {
			o.Reset, o.ResetEarliest = time.Time{}, time.Time{}
		}
		if o.Max >= 0 || o.Remaining >= 0 || !o.Reset.IsZero() {
			kept = append(kept, o)
		}
	}
	return kept
}

// longestWindows bounds the resets that can be true of each limit, under any
// plan. A window that is told to last longer is another limit's, or misread.
func longestWindows(desc *api.API) map[string]time.Duration {
	longest := map[string]time.Duration{}
	note := func(limit string, s api.Shape) {
		if w, ok := s.(api.Window); ok {
			longest[limit] = max(longest[limit], w.Per+w.Per/10+5*time.Second)
		}
	}
	for _, l := range desc.Limits {
		note(l.Name, l.Shape)
	}
	for _, p := range desc.Plans {
		for _, l := range p.Limits {
			note(l.Limit, l.Shape)
		}
	}
	return longest
}

// drawn is the limit that an operation draws on in any case, or else its first;
// empty where it draws on none.
func drawn(op *api.Operation) string {
	for _, d := range op.Draws {
		if d.When == nil {
			return d.Limit
		}
	}
	if len(op.Draws) > 0 {
		return op.Draws[0].Limit
	}
	return ""
}

// drawnOf is the first of the limits that the operation draws on.
func drawnOf(op *api.Operation, limits []string) string {
	for _, limit := range limits {
		for _, d := range op.Draws {
			if d.Limit == limit {
				return limit
			}
		}
	}
	return ""
}

// lowerKeys makes look-ups by a provider's name independent of case, since
// header names have none.
func lowerKeys(m map[string]string) map[string]string {
	lower := make(map[string]string, len(m))
	for k, v := range m {
		lower[strings.ToLower(k)] = v
	}
	return lower
}
