package quota

import (
	"net/http"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/budget"
)

// The rules of reading.go, one by one.
func TestContradictions(t *testing.T) {
	two := func(second api.QuotaHeaders) *api.API {
		desc := oneFamily(api.EpochSeconds)
		desc.QuotaHeaders = append(desc.QuotaHeaders, second)
		return desc
	}
	one := oneFamily(api.EpochSeconds)
	used := two(api.QuotaHeaders{Limit: "X-RateLimit-Limit", Used: "X-RateLimit-Used"})
	delta := two(api.QuotaHeaders{Limit: "Limit", Remaining: "Left", Reset: "Reset", ResetIs: api.DeltaSeconds})
	const s = time.Second
	tests := map[string]struct {
		desc   *api.API
		header []string
		want   []heard
	}{
		"negative numbers":            {one, []string{"X-RateLimit-Limit: -5", "X-RateLimit-Remaining: -1", "X-RateLimit-Reset: -30"}, nil},
		"beyond 2^31":                 {one, []string{"X-RateLimit-Limit: 2147483648", "X-RateLimit-Remaining: 99999999999999999999"}, nil},
		"a limit of nothing":          {one, []string{"X-RateLimit-Limit: 0", "X-RateLimit-Remaining: 0"}, []heard{{"core", -1, 0, 0, Annotated}}},
		"something left of nothing":   {one, []string{"X-RateLimit-Limit: 0", "X-RateLimit-Remaining: 5"}, nil},
		"more left than the limit":    {one, []string{"X-RateLimit-Limit: 10", "X-RateLimit-Remaining: 11", "X-RateLimit-Reset: " + epoch(30*s)}, nil},
		"more used than the limit":    {used, []string{"X-RateLimit-Limit: 10", "X-RateLimit-Used: 11"}, []heard{{"core", 10, 0, 0, Annotated}}},
		"used and left disagree":      {used, []string{"X-RateLimit-Limit: 10", "X-RateLimit-Remaining: 8", "X-RateLimit-Used: 5"}, []heard{{"core", 10, 5, 0, Annotated}}},
		"two limits":                  {delta, []string{"X-RateLimit-Limit: 10", "X-RateLimit-Remaining: 8", "Limit: 20", "Left: 17"}, []heard{{"core", 10, 8, 0, Annotated}}},
		"one with less, one with all": {delta, []string{"X-RateLimit-Limit: 100", "X-RateLimit-Remaining: 50", "Limit: 20", "Left: 20"}, []heard{{"core", 20, 20, 0, Annotated}}},
		"two resets of one end":       {delta, []string{"X-RateLimit-Reset: " + epoch(30*s), "Reset: 30.5"}, []heard{{"core", -1, -1, 30*s + 600*time.Millisecond, Annotated}}},
		"two resets of different ends": {delta, []string{"X-RateLimit-Reset: " + epoch(30*s), "Reset: 900"},
			[]heard{{"core", -1, -1, 901 * s, Annotated}}},
		"the same, the other way": {delta, []string{"X-RateLimit-Reset: " + epoch(900*s), "Reset: 30"},
			[]heard{{"core", -1, -1, 901 * s, Annotated}}},
		"a header twice":               {one, []string{"X-RateLimit-Remaining: 8", "X-RateLimit-Remaining: 3"}, []heard{{"core", -1, 3, 0, Annotated}}},
		"headers twice, the same":      {one, []string{"X-RateLimit-Limit: 10", "X-RateLimit-Limit: 10", "X-RateLimit-Remaining: 8", "X-RateLimit-Remaining: 8"}, []heard{{"core", 10, 8, 0, Annotated}}},
		"two in one line":              {one, []string{"X-RateLimit-Remaining: 8, 3"}, []heard{{"core", -1, 3, 0, Annotated}}},
		"a thousand with a comma":      {one, []string{"X-RateLimit-Remaining: 1,000 requests"}, nil},
		"of two limits of a gateway's": {one, []string{"X-RateLimit-Limit: 10", "X-RateLimit-Limit: 1000", "X-RateLimit-Remaining: 8", "X-RateLimit-Remaining: 900", "X-RateLimit-Reset: " + epoch(9*s)}, []heard{{"core", 10, 8, 10 * s, Annotated}}},
		"a resource for each value":    {one, []string{"X-RateLimit-Remaining: 8", "X-RateLimit-Resource: core", "X-RateLimit-Remaining: 3", "X-RateLimit-Resource: search"}, []heard{{"core", -1, 8, 0, Annotated}, {"search", -1, 3, 0, Annotated}}},
		"a reset just past":            {one, []string{"X-RateLimit-Remaining: 8", "X-RateLimit-Reset: " + epoch(0)}, []heard{{"core", -1, 8, s, Annotated}}},
		"a reset past":                 {one, []string{"X-RateLimit-Remaining: 0", "X-RateLimit-Reset: " + epoch(-5*s)}, []heard{{"core", -1, -1, 0, Annotated}}},
		"one past, one to come":        {delta, []string{"X-RateLimit-Remaining: 0", "X-RateLimit-Reset: " + epoch(-5*s), "Left: 7", "Reset: 60"}, []heard{{"core", -1, 7, 61 * s, Annotated}}},
		"a reset that means nothing":   {one, []string{"X-RateLimit-Remaining: 8", "X-RateLimit-Reset: 0"}, []heard{{"core", -1, 8, 0, Annotated}}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got := hear(NewReader(tt.desc).Readings(drawing("core"), header(append(tt.header, dateNow)...), nil, now, now))
			if len(got)+len(tt.want) > 0 && !cmp.Equal(got, tt.want, cmp.AllowUnexported(heard{})) {
				t.Error(cmp.Diff(tt.want, got, cmp.AllowUnexported(heard{})))
			}
		})
	}
}

// What the dialects of the providers' table leave out.
func TestOtherFamilies(t *testing.T) {
	const s = time.Second
	tests := map[string]struct {
		family api.QuotaHeaders
		header []string
		want   []heard
	}{
		"keys of use and window": {api.QuotaHeaders{Prefix: "Acme-", Limit: "max", Remaining: "left", Reset: "in", ResetIs: api.GoDuration, Used: "used", Window: "per", WindowIs: api.DeltaSeconds},
			[]string{`acme-core: max=10, used=4, per=60, in="1.5s"`}, []heard{{"core", 10, 6, 1600 * time.Millisecond, Annotated}}},
		"keys twice":                         {api.QuotaHeaders{Prefix: "Acme-", Limit: "max", Remaining: "left"}, []string{"acme-core: left=5", "acme-core: left=3;max=9;"}, []heard{{"core", 9, 3, 0, Annotated}}},
		"percent":                            {api.QuotaHeaders{Limit: "Max", UsedShare: "Share"}, []string{"Max: 200", "Share: 95 %"}, []heard{{"core", 200, 10, 0, Annotated}}},
		"percent, without a sign":            {api.QuotaHeaders{Limit: "Max", UsedShare: "Share"}, []string{"Max: 200", "Share: 80"}, []heard{{"core", 200, 40, 0, Annotated}}},
		"a share of what plans differ in":    {api.QuotaHeaders{UsedShare: "Share"}, []string{"Share: 0.9"}, nil},
		"a share that is none":               {api.QuotaHeaders{Limit: "Max", UsedShare: "Share"}, []string{"Max: 200", "Share: most"}, []heard{{"core", 200, -1, 0, Annotated}}},
		"not near the limit":                 {api.QuotaHeaders{Limit: "Max", NearLimit: "Near"}, []string{"Max: 200", "Near: false"}, []heard{{"core", 200, -1, 0, Annotated}}},
		"near, but more finely told":         {api.QuotaHeaders{Limit: "Max", Remaining: "Left", NearLimit: "Near"}, []string{"Max: 200", "Left: 7", "Near: true"}, []heard{{"core", 200, 7, 0, Annotated}}},
		"usage without a limit":              {api.QuotaHeaders{Usage: "Usage"}, []string{"Usage: 32"}, nil},
		"usage of nobody knows what":         {api.QuotaHeaders{Usage: "Usage"}, []string{"Usage: a=/, b=1/x, =3/4"}, nil},
		"the limit that has such a window":   {api.QuotaHeaders{Remaining: "Left", Window: "Window", WindowIs: api.DeltaMillis, Of: []string{"core", "brief"}}, []string{"Left: 3", "Window: 1000"}, []heard{{"brief", -1, 3, 0, Annotated}}},
		"a window that none has":             {api.QuotaHeaders{Remaining: "Left", Window: "Window", WindowIs: api.DeltaMillis, Of: []string{"core", "brief"}}, []string{"Left: 3", "Window: 1234"}, []heard{{"core", -1, 3, 0, Annotated}}},
		"coarser than the window":            {api.QuotaHeaders{Reset: "Reset", ResetIs: api.ISO8601, Of: []string{"brief"}}, []string{"Reset: 2026-11-21T10:00Z"}, []heard{{"brief", -1, -1, 6*s + 100*time.Millisecond, Annotated}}},
		"a name without its last parts":      {api.QuotaHeaders{Remaining: "Left", Names: "Name", Limits: map[string]string{"Core": "core"}}, []string{"Left: 3", "Name: core/read:4711"}, []heard{{"core", -1, 3, 0, Annotated}}},
		"decimals of the draft":              {api.QuotaHeaders{IETF: "RateLimit"}, []string{`RateLimit: "core";r=5.0;t=1.5`}, []heard{{"core", -1, 5, 1600 * time.Millisecond, Annotated}}},
		"text for numbers of the draft":      {api.QuotaHeaders{IETF: "RateLimit"}, []string{`RateLimit: "core";r="5";t="x"`}, nil},
		"a list in the draft, out of place":  {api.QuotaHeaders{IETF: "RateLimit"}, []string{`RateLimit: ("core" "x");r=5`, `RateLimit-Policy: (1 2);w=5`}, nil},
		"a list for a number, out of place":  {api.QuotaHeaders{IETF: "RateLimit"}, []string{"RateLimit: limit=(1 2), remaining=?1"}, nil},
		"other words under the draft's name": {api.QuotaHeaders{IETF: "RateLimit"}, []string{"RateLimit: burst=5"}, nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			desc := &api.API{
				Limits:       []api.Limit{window("core", 1000, time.Hour), window("brief", 10, s)},
				Plans:        []api.Plan{{Name: "big", Limits: []api.PlanLimit{{Limit: "core", Shape: api.Window{Limit: 5000, Per: time.Hour}}}}},
				QuotaHeaders: []api.QuotaHeaders{tt.family},
			}
			got := hear(NewReader(desc).Readings(drawing("core", "brief"), header(append(tt.header, dateNow)...), nil, now, now))
			if len(got)+len(tt.want) > 0 && !cmp.Equal(got, tt.want, cmp.AllowUnexported(heard{})) {
				t.Error(cmp.Diff(tt.want, got, cmp.AllowUnexported(heard{})))
			}
		})
	}
}

// Where the annotations tell no window, the cap bounds a reset.
func TestCap(t *testing.T) {
	desc := &api.API{
		Limits:       []api.Limit{bucket("bucket", 10, 1, time.Second), window("daily", 10, 24*time.Hour)},
		QuotaHeaders: []api.QuotaHeaders{{Reset: "Reset", ResetIs: api.DeltaSeconds}},
	}
	tests := []struct {
		limit, reset string
		options      []Option
		want         int
	}{
		{"bucket", "7199", nil, 1}, {"bucket", "7300", nil, 0}, {"unheard-of", "7300", nil, 0},
		{"bucket", "59", []Option{WithCap(time.Minute)}, 1}, {"bucket", "90", []Option{WithCap(time.Minute)}, 0},
		{"daily", "80000", []Option{WithCap(time.Minute)}, 1}, {"daily", "100000", nil, 0},
	}
	for _, tt := range tests {
		got := NewReader(desc, tt.options...).Observations(drawing(tt.limit), header("Reset: "+tt.reset), nil, now, now)
		if len(got) != tt.want {
			t.Errorf("%s of %s: %+v", tt.reset, tt.limit, got)
		}
	}
}

// An answer whose window is over still shows why it refuses.
func TestPastResetRefuses(t *testing.T) {
	h := header(dateNow, "X-RateLimit-Limit: 60", "X-RateLimit-Remaining: 0", "X-RateLimit-Reset: "+epoch(-5*time.Second), "X-RateLimit-Resource: core")
	got := NewReader(dialects["github"]).Refusal(drawing("core"), 403, h, nil, now, now)
	if !cmp.Equal(got, &budget.Refusal{Limit: "core"}) {
		t.Errorf("refusal %+v", got)
	}
}

// A reset that jumps back is the ledger's to judge: the later end holds.
func TestResetThatJumpsBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ledger, err := budget.NewLedger()
		if err != nil {
			t.Fatal(err)
		}
		defer ledger.Close()
		r, op := NewReader(oneFamily(api.DeltaSeconds)), drawing("core")
		key := budget.Key{API: "acme", Limit: "core"}
		start := time.Now()
		for _, reset := range []string{"1800", "900"} {
			ticket, err := ledger.Admit(t.Context(), &budget.Request{Alternatives: [][]budget.Charge{{{Key: key, Shape: api.Window{Limit: 5000, Per: time.Hour}, Cost: 1}}}})
			if err != nil {
				t.Fatal(err)
			}
			ticket.Sent()
			h := header("X-RateLimit-Limit: 5000", "X-RateLimit-Remaining: 4000", "X-RateLimit-Reset: "+reset)
			ticket.Answer(budget.Answer{Observations: r.Observations(op, h, nil, time.Now(), time.Now())})
			ticket.Done()
			if at := ledger.Snapshot().Counters[0].Reset.Sub(start); at < 1800*time.Second || at > 1802*time.Second {
				t.Errorf("after a reset of %s s: the window ends in %v", reset, at)
			}
		}
	})
}

// Defects of others, that must not be ours.

// Airbyte, with Retry-After for its reset header, reads 93 as 93 s after 1970.
func TestDefectRetryAfterAsResetIsNot1970(t *testing.T) {
	for _, is := range []api.ResetEncoding{api.EpochSeconds, api.DeltaSeconds, api.HTTPDate} {
		desc := &api.API{
			Limits:       []api.Limit{window("core", 100, 2*time.Minute)},
			QuotaHeaders: []api.QuotaHeaders{{Remaining: "X-Left", Reset: "Retry-After", ResetIs: is}},
		}
		for value, want := range map[string]time.Duration{"93": 94 * time.Second, "Sat, 21 Nov 2026 10:01:33 GMT": 94 * time.Second} {
			got := NewReader(desc).Observations(drawing("core"), header(dateNow, "X-Left: 0", "Retry-After: "+value), nil, now, now)
			if len(got) != 1 || got[0].Reset.Sub(now) != want {
				t.Errorf("%s: %q is %+v", is, value, got)
			}
		}
	}
}

// failsafehttp ignores an HTTP date, and go-retryablehttp sleeps 482,500 h for
// an epoch, whatever its maximum.
func TestDefectRetryAfterDatesAndEpochs(t *testing.T) {
	for value, want := range map[string]time.Duration{
		"Sat, 21 Nov 2026 10:00:40 GMT": 40 * time.Second, "Saturday, 21-Nov-26 10:00:40 GMT": 40 * time.Second, "Sat Nov 21 10:00:40 2026": 40 * time.Second,
		epoch(40 * time.Second): 40 * time.Second, epoch(40*time.Second) + "000": 40 * time.Second, "40": 40 * time.Second,
	} {
		got := NewReader(&api.API{}).Refusal(drawing("core"), 429, header(dateNow, "Retry-After: "+value), nil, now, now)
		if got == nil || got.Until.Sub(now) != want {
			t.Errorf("%q is %+v", value, got)
		}
	}
	const hours = 482_500
	got := NewReader(&api.API{}).Refusal(drawing("core"), 429, header(dateNow, "Retry-After: "+strconv.Itoa(hours*3600)), nil, now, now)
	if !cmp.Equal(got, &budget.Refusal{}) {
		t.Errorf("%d h is %+v", hours, got)
	}
}

// Two clients of Linear read its milliseconds as seconds. Annotated wrongly or
// not at all, they are milliseconds still.
func TestDefectEpochMillisecondsAreNotSeconds(t *testing.T) {
	for _, is := range []api.ResetEncoding{"", api.EpochMillis, api.EpochSeconds, api.DeltaSeconds} {
		h := header(dateNow, "X-RateLimit-Remaining: 3", "X-RateLimit-Reset: "+epoch(20*time.Minute)+"000")
		got := hear(NewReader(oneFamily(is)).Readings(drawing("core"), h, nil, now, now))
		want := heard{"core", -1, 3, 20*time.Minute + time.Millisecond, Likely}
		if is == api.EpochMillis {
			want.confidence = Annotated
		}
		if !cmp.Equal(got, []heard{want}, cmp.AllowUnexported(heard{})) {
			t.Errorf("annotated as %q: %+v", is, got)
		}
	}
}

// Of several Retry-Afters the longest counts.
func TestRetryAfterTwice(t *testing.T) {
	h := http.Header{"Retry-After": {"5", "soon", "30"}}
	if wait, ok := RetryAfter(h, now); !ok || wait != 30*time.Second {
		t.Errorf("RetryAfter = %v, %v", wait, ok)
	}
}
