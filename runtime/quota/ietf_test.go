package quota

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/weirkit/weir/runtime/api"
)

// heard is what a reading says, for tables.
type heard struct {
	limit          string
	max, remaining int
	latest         time.Duration
	confidence     Confidence
}

func hear(readings []Reading) (all []heard) {
	for _, rd := range readings {
		h := heard{rd.Limit, rd.Max, rd.Remaining, 0, rd.Confidence}
		if !rd.Reset.IsZero() {
			h.latest = rd.Reset.Sub(now)
		}
		if rd.Over {
			h.remaining = -1
		}
		all = append(all, h)
	}
	return all
}

func drawing(limits ...string) *api.Operation {
	op := &api.Operation{}
	for _, l := range limits {
		op.Draws = append(op.Draws, api.Draw{Limit: l})
	}
	return op
}

// The three wire forms, under the same two names, of an operation that draws on
// a minute's limit, a day's, and another.
func TestIETF(t *testing.T) {
	limits := []api.Limit{window("minute", 100, time.Minute), window("day", 1000, 24*time.Hour), window("other", 5, time.Second)}
	several, one := drawing("other", "day", "minute"), drawing("minute")
	annotated := &api.API{Limits: limits, QuotaHeaders: []api.QuotaHeaders{{IETF: "RateLimit", Limits: map[string]string{"burst": "minute"}}}}
	const s = time.Second
	tests := map[string]struct {
		op     *api.Operation
		header []string
		want   []heard
	}{
		"trio": {one, []string{"RateLimit-Limit: 100", "RateLimit-Remaining: 99", "RateLimit-Reset: 50"},
			[]heard{{"minute", 100, 99, 51 * s, Likely}}},
		"trio, by its number among several": {several, []string{"RateLimit-Limit: 100", "RateLimit-Remaining: 99", "RateLimit-Reset: 50"},
			[]heard{{"minute", 100, 99, 51 * s, Likely}}},
		"trio with its policy": {several, []string{"RateLimit-Limit: 120, 120;w=60", "RateLimit-Remaining: 99", "RateLimit-Reset: 50"},
			[]heard{{"minute", 120, 99, 51 * s, Likely}}},
		"trio with the policies of others": {several, []string{"RateLimit-Limit: 100, 100;w=60, 1000;w=86400", "RateLimit-Remaining: 99", "RateLimit-Reset: 50"},
			[]heard{{"minute", 100, 99, 51 * s, Likely}, {"day", 1000, -1, 0, Certain}}},
		"-06": {several, []string{"RateLimit-Limit: 1000", "RateLimit-Policy: 100;w=60, 1000;w=86400", "RateLimit-Remaining: 7", "RateLimit-Reset: 5000"},
			[]heard{{"day", 1000, 7, 5001 * s, Likely}, {"minute", 100, -1, 0, Certain}}},
		"trio with an epoch": {one, []string{"RateLimit-Limit: 100", "RateLimit-Remaining: 99", "RateLimit-Reset: " + epoch(50*s)},
			[]heard{{"minute", 100, 99, 51 * s, Likely}}},
		"-07": {several, []string{"RateLimit: limit=100, remaining=50, reset=30", "RateLimit-Policy: 100;w=60"},
			[]heard{{"minute", 100, 50, 31 * s, Certain}}},
		"-07 without a policy": {one, []string{"RateLimit: limit=100, remaining=50, reset=30"},
			[]heard{{"minute", 100, 50, 31 * s, Certain}}},
		"-08": {several, []string{`RateLimit: "burst";r=50;t=30`, `RateLimit-Policy: "burst";q=100;w=60,"daily";q=1000;w=86400`},
			[]heard{{"minute", 100, 50, 31 * s, Annotated}, {"day", 1000, -1, 0, Certain}}},
		"-08 of two": {several, []string{`RateLimit: "burst";r=50;t=30, "day";r=900;t=4000`},
			[]heard{{"minute", -1, 50, 31 * s, Annotated}, {"day", -1, 900, 4001 * s, Annotated}}},
		"-08 in two fields": {several, []string{`RateLimit: "burst";r=50;t=30`, `RateLimit: "day";r=900;t=4000`},
			[]heard{{"minute", -1, 50, 31 * s, Annotated}, {"day", -1, 900, 4001 * s, Annotated}}},
		"-08 by its numbers": {several, []string{`RateLimit: "x";r=50;t=30`, `RateLimit-Policy: "x";q=120;w=60`},
			[]heard{{"minute", 120, 50, 31 * s, Certain}}},
		"-08 with a token for a name": {several, []string{"RateLimit: burst;r=50;t=30"},
			[]heard{{"minute", -1, 50, 31 * s, Annotated}}},
		"-08 with a partition key": {several, []string{`RateLimit: "burst";r=50;t=30;pk=:dXNlcjQyMQ==:`},
			[]heard{{"minute", -1, 50, 31 * s, Annotated}}},
		"-08 that nothing tells whose it is": {several, []string{`RateLimit: "x";r=50;t=30`}, nil},
		"-08 of bytes": {one, []string{`RateLimit: "burst";r=50;t=30`, `RateLimit-Policy: "burst";q=1000000;w=60;qu="content-bytes"`},
			[]heard{{"minute", -1, 50, 31 * s, Annotated}}},
		"a window that we do not have": {one, []string{`RateLimit: "x";r=50;t=30`, `RateLimit-Policy: "x";q=100;w=7`}, nil},
		"not of any form":              {one, []string{"RateLimit: ;;=", "RateLimit-Policy: ("}, nil},
		"negative":                     {one, []string{`RateLimit: "burst";r=-1;t=-5`, "RateLimit-Policy: -100;w=-60"}, nil},
		"beyond the window":            {one, []string{`RateLimit: "burst";r=1;t=7200`}, []heard{{"minute", -1, 1, 0, Annotated}}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			all := NewReader(annotated).Readings(tt.op, header(append(tt.header, dateNow)...), nil, now, now)
			got := hear(all)[:0]
			for _, h := range hear(all) {
				if h.limit != "x" { // the provider's own name, which no call draws on
					got = append(got, h)
				}
			}
			if len(got)+len(tt.want) > 0 && !cmp.Equal(got, tt.want, cmp.AllowUnexported(heard{})) {
				t.Error(cmp.Diff(tt.want, got, cmp.AllowUnexported(heard{})))
			}
		})
	}
}
