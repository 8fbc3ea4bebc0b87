package providertest

// This file tells the state of the counters in headers, rightly or wrongly.

import (
	"cmp"
	"maps"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/weirkit/weir/runtime/api"
)

// HeaderMode decides what answers tell of the limits. It is called for each
// header family that an answer could carry, with the true numbers; it may
// change them, and it returns false to withhold them. It is called by many
// requests at once.
type HeaderMode func(t *Told) bool

// Told is what one header family of one answer tells.
type Told struct {
	Family    *api.QuotaHeaders
	Operation *api.Operation
	// Limit is the name of the limit that the numbers are of.
	Limit string
	// Max and Remaining are not told where negative.
	Max, Remaining int
	// Reset is when all of the limit is free again; not told where zero, as for
	// limits of concurrency.
	Reset time.Time
	// Now is the time of the answer.
	Now time.Time
	// Garbage is told in place of every number, unless empty.
	Garbage string
}

// HeadersDefault tells the truth in every family of the API, on every answer
// of an operation that draws on the family's limit.
func HeadersDefault(*Told) bool { return true }

// HeadersNone tells nothing.
func HeadersNone(*Told) bool { return false }

// HeadersWrong misleads, each answer in a way chosen at random: more or less
// remaining than there is, a limit twice as large, a reset too early, too late,
// in the past or decades away, numbers that are none.
func HeadersWrong(seed uint64) HeaderMode {
	var mu sync.Mutex
	random := rand.New(rand.NewPCG(seed, 1))
	return func(t *Told) bool {
		mu.Lock()
		way := random.IntN(8)
		mu.Unlock()
		switch way {
		case 0:
			t.Remaining = t.Max
		case 1:
			t.Remaining = 0
		case 2:
			t.Max *= 2
		case 3:
			t.Reset = t.Now
		case 4:
			t.Reset = t.Reset.Add(time.Hour)
		case 5:
			t.Reset = t.Now.Add(-time.Hour)
		case 6:
			t.Reset = t.Now.AddDate(52, 0, 0)
		default:
			t.Garbage = "soon;q=many"
		}
		return true
	}
}

// HeadersZendeskDocumented tells what Zendesk's documentation says, and no
// more: X-Rate-Limit and X-Rate-Limit-Remaining everywhere, ratelimit-* on
// lists of the ticketing API only (so not in the help center), and
// zendesk-ratelimit-* on endpoints with limits of their own.
func HeadersZendeskDocumented(t *Told) bool {
	if !strings.EqualFold(t.Family.Limit, "ratelimit-limit") {
		return true
	}
	path := t.Operation.Path
	return t.Operation.Pagination != nil &&
		!strings.HasPrefix(path, "/api/v2/help_center/") && !strings.HasPrefix(path, "/api/v2/guide/")
}

// family is an api.QuotaHeaders made ready for writing.
type family struct {
	api.QuotaHeaders
	theirs map[string]string // ours to theirs
	// only are the limits that it tells of; nil means any.
	only map[string]bool
}

func newFamily(q api.QuotaHeaders) *family {
	f := &family{QuotaHeaders: q, theirs: make(map[string]string)}
	// Of several names for one limit the first in order is used.
	for _, theirs := range slices.Sorted(maps.Keys(q.Limits)) {
		if ours := q.Limits[theirs]; f.theirs[ours] == "" {
			f.theirs[ours] = theirs
		}
	}
	names := q.Of
	if len(names) == 0 && (q.Names != "" || q.Prefix != "") {
		names = slices.Collect(maps.Keys(f.theirs))
	}
	if len(names) > 0 {
		f.only = make(map[string]bool, len(names))
		for _, name := range names {
			f.only[name] = true
		}
	}
	if q.Prefix == "" {
		f.Limit, f.Remaining, f.Reset = canonical(q.Limit), canonical(q.Remaining), canonical(q.Reset)
		f.Names = canonical(q.Names)
	}
	return f
}

func canonical(name string) string {
	if name == "" {
		return ""
	}
	return http.CanonicalHeaderKey(name)
}

// tell writes the headers of every family that the call's charges appear in.
func (p *Provider) tell(h http.Header, c *Call) {
	for _, f := range p.families {
		for i := range c.charges {
			ch := &c.charges[i]
			if ch.tally == nil || f.only != nil && !f.only[ch.limit.name] {
				continue
			}
			most, told := capacity(ch.limit.shape)
			if !told {
				continue
			}
			t := Told{
				Family: &f.QuotaHeaders, Operation: c.Operation, Limit: ch.limit.name,
				Max: most, Remaining: max(0, most-ch.used), Now: time.Unix(0, p.now()),
			}
			if ch.reset != 0 {
				t.Reset = time.Unix(0, ch.reset)
			}
			if p.options.Headers(&t) {
				f.write(h, &t, p.options.FloorResets)
			}
			if f.Prefix == "" {
				break // one limit's numbers are all that these headers can tell
			}
		}
	}
}

func (f *family) write(h http.Header, t *Told, floor bool) {
	name := cmp.Or(f.theirs[t.Limit], t.Limit)
	var limit, remaining, reset string
	if t.Max >= 0 {
		limit = strconv.Itoa(t.Max)
	}
	if t.Remaining >= 0 {
		remaining = strconv.Itoa(t.Remaining)
	}
	if !t.Reset.IsZero() {
		reset = encodeReset(f.ResetIs, t.Reset, t.Now, floor)
	}
	if t.Garbage != "" {
		limit, remaining, reset = t.Garbage, t.Garbage, t.Garbage
	}
	if f.Prefix == "" {
		set(h, f.Limit, limit)
		set(h, f.Remaining, remaining)
		set(h, f.Reset, reset)
		set(h, f.Names, name)
		return
	}
	var parts []string
	for _, part := range [...][2]string{{f.Limit, limit}, {f.Remaining, remaining}, {f.Reset, reset}} {
		if part[0] != "" && part[1] != "" {
			parts = append(parts, part[0]+"="+part[1])
		}
	}
	h.Set(f.Prefix+name, strings.Join(parts, "; "))
}

// set writes a header whose name is canonical already, if it has a name and a value.
func set(h http.Header, name, value string) {
	if name != "" && value != "" {
		h[name] = []string{value}
	}
}

// encodeReset writes a reset time. Whole seconds are rounded up, so that the
// time told is never before the true one, unless floor cuts them.
func encodeReset(as api.ResetEncoding, reset, now time.Time, floor bool) string {
	up := time.Second - 1
	if floor {
		up = 0
	}
	switch as {
	case api.EpochSeconds:
		return strconv.FormatInt(reset.Add(up).Unix(), 10)
	case api.EpochMillis:
		return strconv.FormatInt(reset.Add(up%time.Millisecond).UnixMilli(), 10)
	case api.ISO8601:
		return reset.Add(up).UTC().Format(time.RFC3339)
	case api.HTTPDate:
		return reset.Add(up).UTC().Format(http.TimeFormat)
	case api.GoDuration:
		return (reset.Sub(now) + up%time.Millisecond).Truncate(time.Millisecond).String()
	default:
		return strconv.FormatInt(int64((reset.Sub(now)+up)/time.Second), 10)
	}
}
