package quota

import (
	"maps"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/budget"
)

// seen is an observation whose reset lies at most the given time from now.
func seen(limit string, most, remaining int, latest time.Duration) budget.Observation {
	o := budget.Observation{Limit: limit, Max: most, Remaining: remaining}
	if latest > 0 {
		o.Reset = now.Add(latest)
	}
	return o
}

func header(lines ...string) http.Header {
	h := http.Header{}
	for _, line := range lines {
		name, value, _ := strings.Cut(line, ": ")
		h.Add(name, value)
	}
	return h
}

func minute(name string) api.Limit {
	return api.Limit{Name: name, Shape: api.Window{Limit: 100, Per: time.Minute}}
}

// zendesk has the three families of its ticketing API.
var zendesk = &api.API{
	Limits: []api.Limit{minute("support"), minute("tickets-index")},
	QuotaHeaders: []api.QuotaHeaders{
		{Limit: "X-Rate-Limit", Remaining: "X-Rate-Limit-Remaining", Of: []string{"help-center", "support"}},
		{Limit: "ratelimit-limit", Remaining: "ratelimit-remaining", Reset: "ratelimit-reset", ResetIs: api.DeltaSeconds, Of: []string{"support"}},
		{Prefix: "zendesk-ratelimit-", Limit: "total", Remaining: "remaining", Reset: "resets", ResetIs: api.DeltaSeconds,
			Limits: map[string]string{"tickets-index-deep-pagination": "deep"}},
	},
}

func oneFamily(is api.ResetEncoding) *api.API {
	return &api.API{
		Limits: []api.Limit{{Name: "core", Shape: api.Window{Limit: 5000, Per: time.Hour}}},
		QuotaHeaders: []api.QuotaHeaders{{
			Limit: "X-RateLimit-Limit", Remaining: "X-RateLimit-Remaining", Reset: "X-RateLimit-Reset",
			ResetIs: is, Names: "X-RateLimit-Resource",
		}},
	}
}

func epoch(d time.Duration) string { return strconv.FormatInt(now.Add(d).Unix(), 10) }

func TestObservations(t *testing.T) {
	list := &api.Operation{Name: "Tickets.List", Draws: []api.Draw{
		{Limit: "deep", When: &api.When{}}, {Limit: "support"}, {Limit: "tickets-index"},
	}}
	get := &api.Operation{Name: "Issues.Get", Draws: []api.Draw{{Limit: "core"}}}
	date := "Date: Sat, 21 Nov 2026 10:00:00 GMT"
	tests := map[string]struct {
		desc   *api.API
		op     *api.Operation
		header http.Header
		want   []budget.Observation
	}{
		"nothing": {zendesk, list, header("Content-Type: application/json"), nil},
		"plain names": {zendesk, list, header("X-Rate-Limit: 700", "X-Rate-Limit-Remaining: 699"),
			[]budget.Observation{seen("support", 700, 699, 0)}},
		"two families of one limit": {zendesk, list,
			header("X-Rate-Limit: 700", "X-Rate-Limit-Remaining: 699", "ratelimit-limit: 700", "ratelimit-remaining: 698", "ratelimit-reset: 41"),
			[]budget.Observation{seen("support", 700, 698, 42*time.Second)}},
		"a family for each limit": {zendesk, list,
			header("Zendesk-RateLimit-Tickets-Index: total=100; remaining=99; resets=41", "zendesk-ratelimit-tickets-index-deep-pagination: total=50; remaining=0; resets=7"),
			[]budget.Observation{seen("tickets-index", 100, 99, 42*time.Second), seen("deep", 50, 0, 8*time.Second)}},
		"a limit that the operation does not draw on": {zendesk, &api.Operation{Draws: []api.Draw{{Limit: "chat"}}},
			header("X-Rate-Limit: 700", "X-Rate-Limit-Remaining: 699"), nil},
		"the resource named": {oneFamily(api.EpochSeconds), get,
			header(date, "X-RateLimit-Limit: 30", "X-RateLimit-Remaining: 29", "X-RateLimit-Resource: search"),
			[]budget.Observation{seen("search", 30, 29, 0)}},
		"the resource not named": {oneFamily(api.EpochSeconds), get, header(date, "X-RateLimit-Remaining: 29"),
			[]budget.Observation{seen("core", -1, 29, 0)}},
		"epoch seconds": {oneFamily(api.EpochSeconds), get, header(date, "X-RateLimit-Reset: "+epoch(time.Minute)),
			[]budget.Observation{seen("core", -1, -1, time.Minute+time.Second)}},
		"epoch seconds by a clock ahead of ours": {oneFamily(api.EpochSeconds), get,
			header("Date: Sat, 21 Nov 2026 10:10:00 GMT", "X-RateLimit-Reset: "+epoch(11*time.Minute)),
			[]budget.Observation{seen("core", -1, -1, time.Minute+time.Second)}},
		"epoch seconds without Date": {oneFamily(api.EpochSeconds), get, header("X-RateLimit-Reset: " + epoch(time.Minute)),
			[]budget.Observation{seen("core", -1, -1, time.Minute+time.Second+unknownSkew)}},
		"epoch milliseconds": {oneFamily(api.EpochMillis), get, header(date, "X-RateLimit-Reset: "+epoch(time.Minute)+"250"),
			[]budget.Observation{seen("core", -1, -1, time.Minute+251*time.Millisecond)}},
		"decimal seconds": {oneFamily(api.DeltaSeconds), get, header("X-RateLimit-Reset: 7.66"),
			[]budget.Observation{seen("core", -1, -1, 7670*time.Millisecond)}},
		"duration": {oneFamily(api.GoDuration), get, header("X-RateLimit-Reset: 6m0s"),
			[]budget.Observation{seen("core", -1, -1, 6*time.Minute+time.Second)}},
		"duration with decimals": {oneFamily(api.GoDuration), get, header("X-RateLimit-Reset: 7.66s"),
			[]budget.Observation{seen("core", -1, -1, 7670*time.Millisecond)}},
		"ISO 8601": {oneFamily(api.ISO8601), get, header(date, "X-RateLimit-Reset: 2026-11-21T10:02:00Z"),
			[]budget.Observation{seen("core", -1, -1, 2*time.Minute+time.Second)}},
		"ISO 8601 to the minute": {oneFamily(api.ISO8601), get, header(date, "X-RateLimit-Reset: 2026-11-21T10:02Z"),
			[]budget.Observation{seen("core", -1, -1, 3*time.Minute)}},
		"HTTP date": {oneFamily(api.HTTPDate), get, header(date, "X-RateLimit-Reset: Sat, 21 Nov 2026 10:02:00 GMT"),
			[]budget.Observation{seen("core", -1, -1, 2*time.Minute+time.Second)}},
		"encoding not annotated": {oneFamily(""), get, header(date, "X-RateLimit-Reset: "+epoch(time.Minute)),
			[]budget.Observation{seen("core", -1, -1, time.Minute+time.Second)}},
		"a list with a policy": {oneFamily(api.DeltaSeconds), get, header("X-RateLimit-Limit: 100, 100;w=60", "X-RateLimit-Remaining: 99"),
			[]budget.Observation{seen("core", 100, 99, 0)}},
		"decimals of units": {oneFamily(api.DeltaSeconds), get, header("X-RateLimit-Limit: 1000.0", "X-RateLimit-Remaining: 997.9"),
			[]budget.Observation{seen("core", 1000, 997, 0)}},
		"a window that is over says nothing of what is left": {oneFamily(api.EpochSeconds), get,
			header(date, "X-RateLimit-Limit: 10", "X-RateLimit-Remaining: 5", "X-RateLimit-Reset: "+epoch(-time.Minute)),
			[]budget.Observation{seen("core", 10, -1, 0)}},
		"a window that may be over": {oneFamily(api.EpochSeconds), get,
			header(date, "X-RateLimit-Remaining: 5", "X-RateLimit-Reset: "+epoch(0)),
			[]budget.Observation{seen("core", -1, 5, time.Second)}},
		"seconds read as an epoch are in 1970": {oneFamily(api.EpochSeconds), get, header(date, "X-RateLimit-Remaining: 5", "X-RateLimit-Reset: 93"),
			[]budget.Observation{seen("core", -1, 5, 0)}},
		"an epoch of 2022": {oneFamily(api.DeltaSeconds), get, header(date, "X-RateLimit-Remaining: 5", "X-RateLimit-Reset: 1642204800"),
			[]budget.Observation{seen("core", -1, 5, 0)}},
		"longer than the window lasts": {oneFamily(api.DeltaSeconds), get, header("X-RateLimit-Remaining: 5", "X-RateLimit-Reset: 7200"),
			[]budget.Observation{seen("core", -1, 5, 0)}},
		"garbage is not told": {oneFamily(api.EpochSeconds), get,
			header("X-RateLimit-Limit: lots", "X-RateLimit-Remaining: -1", "X-RateLimit-Reset: NaN"), nil},
		"huge":              {oneFamily(api.EpochSeconds), get, header("X-RateLimit-Limit: 99999999999", "X-RateLimit-Remaining: 1e9"), nil},
		"thousands":         {oneFamily(api.EpochSeconds), get, header("X-RateLimit-Limit: 1,000"), nil},
		"a limit of zero":   {oneFamily(api.EpochSeconds), get, header("X-RateLimit-Limit: 0", "X-RateLimit-Remaining: 0"), []budget.Observation{seen("core", -1, 0, 0)}},
		"more left than is": {oneFamily(api.DeltaSeconds), get, header("X-RateLimit-Limit: 10", "X-RateLimit-Remaining: 11", "X-RateLimit-Reset: 5"), nil},
		"not annotated": {&api.API{}, get, header("X-RateLimit-Limit: 10", "X-RateLimit-Remaining: 9", "X-RateLimit-Reset: 5"),
			[]budget.Observation{seen("core", 10, 9, 6*time.Second)}},
		"not annotated, of several limits": {&api.API{}, list, header("X-RateLimit-Limit: 10", "X-RateLimit-Remaining: 9"), nil},
		"annotated as having none":         {&api.API{QuotaHeaders: []api.QuotaHeaders{}}, get, header("X-RateLimit-Remaining: 9"), nil},
		"an operation without limits":      {oneFamily(api.EpochSeconds), &api.Operation{}, header("X-RateLimit-Remaining: 9"), nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got := NewReader(tt.desc).Observations(tt.op, tt.header, nil, now, now)
			for i := range got {
				if got[i].Reset.IsZero() != got[i].ResetEarliest.IsZero() || got[i].ResetEarliest.After(got[i].Reset) {
					t.Errorf("reset between %v and %v", got[i].ResetEarliest, got[i].Reset)
				}
				got[i].ResetEarliest = time.Time{}
			}
			if len(got)+len(tt.want) > 0 && !cmp.Equal(got, tt.want) {
				t.Error(cmp.Diff(tt.want, got))
			}
		})
	}
}

// The bounds hold whatever part of the round trip the answer was made in, and
// whether the provider rounds down or up.
func TestResetBounds(t *testing.T) {
	r := NewReader(oneFamily(api.DeltaSeconds))
	op := &api.Operation{Draws: []api.Draw{{Limit: "core"}}}
	sent, answered := now, now.Add(400*time.Millisecond)
	for made := sent; !made.After(answered); made = made.Add(100 * time.Millisecond) {
		for end := made.Add(5 * time.Second); end.Before(made.Add(7 * time.Second)); end = end.Add(130 * time.Millisecond) {
			left := end.Sub(made)
			for _, told := range []int64{int64(left / time.Second), int64((left + time.Second - 1) / time.Second)} {
				h := header("X-RateLimit-Reset: " + strconv.FormatInt(told, 10))
				o := r.Observations(op, h, nil, sent, answered)[0]
				if end.Before(o.ResetEarliest) || end.After(o.Reset) {
					t.Errorf("made %v, told %d: the end %v is not between %v and %v",
						made.Sub(now), told, end.Sub(now), o.ResetEarliest.Sub(now), o.Reset.Sub(now))
				}
			}
		}
	}
}

// Whole seconds of Date are learnt finer from several answers.
func TestSkewIsLearntFiner(t *testing.T) {
	const ahead = 3*time.Second + 700*time.Millisecond // the provider's clock
	var s skew
	rtt := 20 * time.Millisecond
	for i := range 40 {
		sent := now.Add(time.Duration(i) * 1030 * time.Millisecond)
		h := header("Date: " + sent.Add(rtt/2+ahead).Format(http.TimeFormat))
		s.learn(h, sent, sent.Add(rtt))
		if low, high := s.bounds(); low > ahead || high < ahead {
			t.Fatalf("after answer %d: ahead by %v, not between %v and %v", i, ahead, low, high)
		}
	}
	if low, high := s.bounds(); high-low > 150*time.Millisecond {
		t.Errorf("learnt only to %v", high-low)
	}
	// The clock is set: the newest answer counts.
	h := header("Date: " + now.Add(time.Hour+10*time.Second).Format(http.TimeFormat))
	s.learn(h, now.Add(time.Minute), now.Add(time.Minute))
	if low, _ := s.bounds(); low < 50*time.Minute {
		t.Errorf("after the clock was set by an hour: ahead by at least %v", low)
	}
}

func TestObservationsKeepsHeader(t *testing.T) {
	h := header("Zendesk-RateLimit-Tickets-Index: total=100; remaining=99; resets=41", "X-Rate-Limit: 700")
	before := maps.Clone(h)
	NewReader(zendesk).Observations(&api.Operation{Draws: []api.Draw{{Limit: "support"}}}, h, nil, now, now)
	if !cmp.Equal(before, h) {
		t.Error(cmp.Diff(before, h))
	}
}

// Of two costs of one limit the larger counts.
func TestCosts(t *testing.T) {
	desc := &api.API{
		QuotaHeaders: []api.QuotaHeaders{{Cost: "X-Cost"}, {Cost: "X-Other-Cost"}, {Prefix: "acme-", Limit: "max"}},
		QuotaBodies:  []api.QuotaBody{{Cost: api.Path{"cost"}}, {Remaining: api.Path{"left"}}},
	}
	tests := map[string]struct {
		op     *api.Operation
		header http.Header
		body   string
		want   []budget.Cost
	}{
		"told nowhere":        {drawing("points"), nil, `{}`, nil},
		"free":                {drawing("points"), nil, `{"cost":0}`, []budget.Cost{{Limit: "points"}}},
		"in three places":     {drawing("points"), header("X-Cost: 3", "X-Other-Cost: 7.01"), `{"cost":"2"}`, []budget.Cost{{Limit: "points", Cost: 8}}},
		"nonsense":            {drawing("points"), header("X-Cost: -3", "X-Other-Cost: 1e9"), `{"cost":{}}`, nil},
		"drawing on no limit": {drawing(), header("X-Cost: 3"), `{"cost":1}`, nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := NewReader(desc).Costs(tt.op, tt.header, []byte(tt.body)); !cmp.Equal(got, tt.want) {
				t.Error(cmp.Diff(tt.want, got))
			}
		})
	}
}
