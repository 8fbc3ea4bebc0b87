package quota

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/weirkit/weir/runtime/api"
)

// What is read where nothing is annotated.
func TestInference(t *testing.T) {
	desc := &api.API{
		Limits: []api.Limit{
			window("minute", 100, time.Minute), window("day", 1000, 24*time.Hour), window("requests", 60, time.Minute),
			window("tokens", 5000, time.Minute), bucket("bucket", 40, 2, time.Second),
		},
		Plans: []api.Plan{{Name: "big", Limits: []api.PlanLimit{{Limit: "minute", Shape: api.Window{Limit: 10000, Per: time.Minute}}}}},
	}
	const s, ms = time.Second, time.Millisecond
	tests := map[string]struct {
		op     *api.Operation
		header []string
		want   []heard
	}{
		"X-RateLimit, delta":              {drawing("minute"), []string{"X-RateLimit-Limit: 100", "X-RateLimit-Remaining: 99", "X-RateLimit-Reset: 30"}, []heard{{"minute", 100, 99, 31 * s, Likely}}},
		"X-Rate-Limit, epoch":             {drawing("minute"), []string{"X-Rate-Limit-Limit: 100", "X-Rate-Limit-Remaining: 99", "X-Rate-Limit-Reset: " + epoch(30*s)}, []heard{{"minute", 100, 99, 31 * s, Likely}}},
		"X_RateLimit":                     {drawing("minute"), []string{"X_ratelimit_limit: 100"}, []heard{{"minute", 100, -1, 0, Likely}}},
		"X-Rate-Limit alone":              {drawing("minute"), []string{"X-Rate-Limit: 100", "X-Rate-Limit-Remaining: 99"}, []heard{{"minute", 100, 99, 0, Likely}}},
		"milliseconds":                    {drawing("minute"), []string{"X-RateLimit-Reset: " + epoch(30*s) + "500"}, []heard{{"minute", -1, -1, 30*s + 501*ms, Guess}}},
		"microseconds":                    {drawing("minute"), []string{"X-RateLimit-Reset: " + epoch(30*s) + "500000"}, []heard{{"minute", -1, -1, 30*s + 500*ms + time.Microsecond, Guess}}},
		"milliseconds by name":            {drawing("minute"), []string{"X-RateLimit-Limit: 100", "X-RateLimit-Reset-Ms: 30000"}, []heard{{"minute", 100, -1, 30*s + ms, Likely}}},
		"milliseconds by name, an epoch":  {drawing("minute"), []string{"X-RateLimit-Limit: 100", "X-RateLimit-Reset-Ms: " + epoch(30*s) + "000"}, []heard{{"minute", 100, -1, 30*s + ms, Likely}}},
		"a window in seconds":             {drawing("minute", "day"), []string{"X-RateLimit-Limit: 90", "X-RateLimit-Remaining: 89", "X-RateLimit-Window: 60"}, []heard{{"minute", 90, 89, 0, Likely}}},
		"a resource that is like a limit": {drawing("minute", "day"), []string{"X-RateLimit-Remaining: 9", "X-RateLimit-Resource: per_minute"}, []heard{{"minute", -1, 9, 0, Likely}}},
		"keys, with what is used":         {drawing("minute", "day"), []string{"acme-ratelimit-minute: limit=100, used=30"}, []heard{{"minute", 100, 70, 0, Likely}}},
		"a date":                          {drawing("minute"), []string{"X-RateLimit-Reset: Sat, 21 Nov 2026 10:00:30 GMT"}, []heard{{"minute", -1, -1, 31 * s, Guess}}},
		"ISO 8601":                        {drawing("minute"), []string{"X-RateLimit-Limit: 100", "X-RateLimit-Reset: 2026-11-21T10:00:30Z"}, []heard{{"minute", 100, -1, 31 * s, Likely}}},
		"a duration":                      {drawing("minute"), []string{"X-RateLimit-Reset: 7.66s"}, []heard{{"minute", -1, -1, 7670 * ms, Guess}}},
		"beyond the window":               {drawing("minute"), []string{"X-RateLimit-Remaining: 1", "X-RateLimit-Reset: 30000"}, []heard{{"minute", -1, 1, 0, Guess}}},
		"beyond the cap":                  {drawing("bucket"), []string{"X-RateLimit-Remaining: 1", "X-RateLimit-Reset: 30000"}, []heard{{"bucket", -1, 1, 0, Guess}}},
		"an unknown window":               {drawing("bucket"), []string{"X-RateLimit-Limit: 40", "X-RateLimit-Remaining: 1", "X-RateLimit-Reset: 30"}, []heard{{"bucket", 40, 1, 31 * s, Guess}}},
		"used":                            {drawing("minute"), []string{"RateLimit-Limit: 100", "RateLimit-Observed: 30"}, []heard{{"minute", 100, 70, 0, Likely}}},
		"a plan's number":                 {drawing("minute"), []string{"X-RateLimit-Limit: 10000"}, []heard{{"minute", 10000, -1, 0, Likely}}},
		"a guess raises nothing":          {drawing("minute"), []string{"X-RateLimit-Limit: 99999", "X-RateLimit-Remaining: 9"}, []heard{{"minute", -1, 9, 0, Guess}}},
		"a guess may lower":               {drawing("minute"), []string{"X-RateLimit-Limit: 80", "X-RateLimit-Remaining: 9"}, []heard{{"minute", 80, 9, 0, Guess}}},
		"by number, of several":           {drawing("minute", "day"), []string{"X-RateLimit-Limit: 1000", "X-RateLimit-Remaining: 9"}, []heard{{"day", 1000, 9, 0, Likely}}},
		"of several, nobody knows":        {drawing("minute", "day"), []string{"X-RateLimit-Limit: 77", "X-RateLimit-Remaining: 9"}, nil},
		"by name":                         {drawing("minute", "day"), []string{"X-RateLimit-Limit: 77", "X-RateLimit-Remaining: 9", "X-RateLimit-Resource: day"}, []heard{{"day", 77, 9, 0, Likely}}},
		"of another resource":             {drawing("minute"), []string{"X-RateLimit-Remaining: 9", "X-RateLimit-Resource: search"}, []heard{{"search", -1, 9, 0, Likely}}},
		"windows in names": {drawing("minute", "day"), []string{"X-RateLimit-Limit-Minute: 90", "X-RateLimit-Remaining-Minute: 89", "X-RateLimit-Limit-Day: 900", "X-RateLimit-Remaining-Day: 899"},
			[]heard{{"day", 900, 899, 0, Likely}, {"minute", 90, 89, 0, Likely}}},
		"a window of another length": {drawing("minute"), []string{"X-RateLimit-Limit-Hour: 90", "X-RateLimit-Remaining-Hour: 89"}, nil},
		"windows in milliseconds": {drawing("minute", "day"), []string{"X-HubSpot-RateLimit-Max: 90", "X-HubSpot-RateLimit-Remaining: 89", "X-HubSpot-RateLimit-Interval-Milliseconds: 60000",
			"X-HubSpot-RateLimit-Daily: 900", "X-HubSpot-RateLimit-Daily-Remaining: 899"},
			[]heard{{"minute", 90, 89, 0, Likely}, {"day", 900, 899, 0, Likely}}},
		"what is counted, behind": {drawing("requests", "tokens"), []string{"x-ratelimit-remaining-requests: 59", "x-ratelimit-reset-requests: 1s", "x-ratelimit-remaining-tokens: 4000", "x-ratelimit-reset-tokens: 6s"},
			[]heard{{"requests", -1, 59, 2 * s, Likely}, {"tokens", -1, 4000, 7 * s, Likely}}},
		"what is counted, before": {drawing("requests", "tokens"), []string{"anthropic-ratelimit-requests-remaining: 59", "anthropic-ratelimit-tokens-remaining: 4000"},
			[]heard{{"requests", -1, 59, 0, Likely}, {"tokens", -1, 4000, 0, Likely}}},
		"what is counted, by two limits": {drawing("tokens", "tokens-a-day"), []string{"x-ratelimit-remaining-tokens: 4000"}, nil},
		"what is counted, unknown":       {drawing("minute"), []string{"x-ratelimit-remaining-requests: 59", "x-ratelimit-remaining-tokens: 4000"}, []heard{{"minute", -1, 59, 0, Guess}}},
		"keys":                           {drawing("minute", "day"), []string{"acme-ratelimit-minute: total=100; remaining=99; resets=41"}, []heard{{"minute", 100, 99, 42 * s, Likely}}},
		"Discord's resets":               {drawing("minute"), []string{"X-RateLimit-Limit: 100", "X-RateLimit-Remaining: 4", "X-RateLimit-Reset: " + epoch(2*s) + ".25", "X-RateLimit-Reset-After: 2.25"}, []heard{{"minute", 100, 4, 2260 * ms, Likely}}},
		"GitLab":                         {drawing("minute"), []string{"RateLimit-Limit: 100", "RateLimit-Observed: 30", "RateLimit-Remaining: 70", "RateLimit-Reset: " + epoch(30*s), "RateLimit-ResetTime: Sat, 21 Nov 2026 10:00:30 GMT"}, []heard{{"minute", 100, 70, 31 * s, Likely}}},
		"the draft, structured":          {drawing("minute", "day"), []string{`RateLimit: "a";r=50;t=30`, `RateLimit-Policy: "a";q=100;w=60`}, []heard{{"minute", 100, 50, 31 * s, Certain}}},
		"the draft, combined":            {drawing("minute", "day"), []string{"RateLimit: limit=100, remaining=50, reset=30"}, []heard{{"minute", 100, 50, 31 * s, Certain}}},
		"the draft, under X-":            {drawing("minute", "day"), []string{`X-RateLimit-Limit: 100, 100;w=60;name="per-ip"`, "X-RateLimit-Remaining: 9", "X-RateLimit-Reset: 1"}, []heard{{"minute", 100, 9, 2 * s, Likely}}},
		"the draft, of several":          {drawing("minute", "day"), []string{`RateLimit: "a";r=50;t=30`}, []heard{{"a", -1, 50, 31 * s, Guess}}},
		"not about limits":               {drawing("minute"), []string{"X-Rate: 5", "Limit: 5", "X-Corporate-Limit: 5", "X-RateLimit-Retry-After: 5", "X-RateLimit-Bucket: 5"}, nil},
		"no limits":                      {drawing(), []string{"X-RateLimit-Remaining: 5"}, nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			r := NewReader(desc)
			for range 3 { // in whatever order the map has
				got := hear(r.Readings(tt.op, header(append(tt.header, dateNow)...), nil, now, now))
				if len(got)+len(tt.want) > 0 && !cmp.Equal(got, tt.want, cmp.AllowUnexported(heard{})) {
					t.Fatal(cmp.Diff(tt.want, got, cmp.AllowUnexported(heard{})))
				}
			}
		})
	}
}

func TestConfidence(t *testing.T) {
	for c, want := range map[Confidence]string{Guess: "guess", Likely: "likely", Certain: "certain", Annotated: "annotated", 7: "unknown", -1: "unknown"} {
		if got := c.String(); got != want {
			t.Errorf("Confidence(%d) = %q; want %q", c, got, want)
		}
	}
}
