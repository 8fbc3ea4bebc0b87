package providertest

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/weirkit/weir/runtime/api"
)

// Each case is worked out by hand: when a call comes, what it costs, and
// whether the counter must have room; if not, when it will.
func TestCounters(t *testing.T) {
	type use struct {
		at   time.Duration
		cost int
		fits bool
		free time.Duration // where it does not fit
		used int           // after it was charged, if it was
	}
	const s = time.Second
	window := func(kind api.WindowKind) api.Shape { return api.Window{Limit: 3, Per: 10 * s, Kind: kind} }
	tests := []struct {
		name  string
		shape api.Shape
		place placement
		uses  []use
	}{
		{"fixed, opened by the first call", window(api.Fixed), placement{}, []use{
			{0, 1, true, 0, 1}, {9 * s, 2, true, 0, 3}, {9 * s, 1, false, 10 * s, 3},
			{10*s - 1, 1, false, 10 * s, 3}, {10 * s, 3, true, 0, 3}, {19 * s, 1, false, 20 * s, 3},
			{45 * s, 1, true, 0, 1}, {49 * s, 3, false, 50 * s, 1}, {50 * s, 3, true, 0, 3},
		}},
		{"fixed, from the middle", window(api.Fixed), placement{phase: 0.5}, []use{
			{0, 3, true, 0, 3}, {5*s - 1, 1, false, 5 * s, 3}, {5 * s, 3, true, 0, 3}, {14 * s, 1, false, 15 * s, 3},
		}},
		{"fixed, opened by each first call", window(api.Fixed), placement{reopen: true}, []use{
			{0, 3, true, 0, 3}, {13 * s, 2, true, 0, 2}, {22 * s, 2, false, 23 * s, 2}, {23 * s, 2, true, 0, 2},
		}},
		{"sliding", window(api.Sliding), placement{}, []use{
			{0, 1, true, 0, 1}, {2 * s, 1, true, 0, 2}, {4 * s, 1, true, 0, 3},
			{9 * s, 1, false, 10 * s, 3}, {9 * s, 2, false, 12 * s, 3}, {9 * s, 4, false, 19 * s, 3},
			{10 * s, 1, true, 0, 3}, {12 * s, 1, true, 0, 3}, {13 * s, 1, false, 14 * s, 3},
			{30 * s, 3, true, 0, 3},
		}},
		{"sliding approximately", window(api.SlidingApproximate), placement{}, []use{
			{0, 3, true, 0, 3},
			// The next window begins with the whole weight of this one: 3 + 1 > 3 until 1/3 of it has passed.
			{9 * s, 1, false, 10*s + 10*s/3 + 1, 3},
			{10 * s, 1, false, 10*s + 10*s/3 + 1, 3},
			{10*s + 3333*time.Millisecond, 1, false, 10*s + 10*s/3 + 1, 3},
			{10*s + 3334*time.Millisecond, 1, true, 0, 3}, // 2.0 of the last window, 1 of this
			{15 * s, 1, false, 10*s + 20*s/3 + 1, 3},      // 1.5 and 1
			{17 * s, 1, true, 0, 3},                       // 0.9 and 2
			{50 * s, 3, true, 0, 3},
		}},
		{"bucket", api.Bucket{Burst: 3, Refill: 2, Per: 10 * s}, placement{}, []use{
			{0, 3, true, 0, 3}, {4 * s, 1, false, 5 * s, 3}, {5*s - 1, 1, false, 5 * s, 3}, {5 * s, 1, true, 0, 3},
			{6 * s, 2, false, 15 * s, 3}, {15 * s, 2, true, 0, 3}, {60 * s, 3, true, 0, 3},
		}},
		{"bucket whose interval is no whole number", api.Bucket{Burst: 1, Refill: 7, Per: s}, placement{}, []use{
			{0, 1, true, 0, 1}, {142857142, 1, false, 142857143, 1}, {142857143, 1, true, 0, 1},
		}},
		{"concurrency", api.Concurrency{Max: 2}, placement{}, []use{
			{0, 1, true, 0, 1}, {0, 1, true, 0, 2}, {1 * s, 1, false, 2 * s, 2}, {2 * s, -1, true, 0, 1}, {2 * s, 1, true, 0, 2},
		}},
		{"unlimited", api.Unlimited{}, placement{}, []use{{0, 1000, true, 0, 0}, {0, 1000, true, 0, 0}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t0 := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC).UnixNano()
			c := newCounter(tt.shape, t0, tt.place)
			for i, u := range tt.uses {
				now := t0 + int64(u.at)
				free, ok := c.fits(now, u.cost)
				if ok != u.fits {
					t.Fatalf("use %d at %v: fits = %v", i, u.at, ok)
				}
				if !ok && free != t0+int64(u.free) {
					t.Errorf("use %d at %v: free at %v, want %v", i, u.at, time.Duration(free-t0), u.free)
				}
				if ok {
					c.charge(now, u.cost)
				}
				if used, _ := c.state(now); used != u.used {
					t.Errorf("use %d at %v: %d used, want %d", i, u.at, used, u.used)
				}
			}
		})
	}
}

func TestResets(t *testing.T) {
	const s = time.Second
	t0 := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC).UnixNano()
	tests := []struct {
		name  string
		shape api.Shape
		want  time.Duration // after t0, when all is free again after charges at 0 and 3 s
	}{
		{"fixed", api.Window{Limit: 5, Per: 10 * s}, 10 * s},
		{"sliding", api.Window{Limit: 5, Per: 10 * s, Kind: api.Sliding}, 13 * s},
		{"sliding approximately", api.Window{Limit: 5, Per: 10 * s, Kind: api.SlidingApproximate}, 20 * s},
		{"bucket", api.Bucket{Burst: 5, Refill: 1, Per: 5 * s}, 10 * s},
	}
	for _, tt := range tests {
		c := newCounter(tt.shape, t0, placement{})
		c.charge(t0, 1)
		c.charge(t0+int64(3*s), 1)
		if _, reset := c.state(t0 + int64(3*s)); reset != t0+int64(tt.want) {
			t.Errorf("%s: reset %v, want %v", tt.name, time.Duration(reset-t0), tt.want)
		}
	}
}

// Whatever comes, what was admitted keeps the rule of its shape, told without
// the counter's own bookkeeping; and a call comes in at the time it was told.
func TestCountersKeepTheirRule(t *testing.T) {
	const limit, per = 5, int64(100)
	rapid.Check(t, func(t *rapid.T) {
		kind := rapid.SampledFrom([]string{"fixed", "sliding", "bucket"}).Draw(t, "kind")
		phase := rapid.Float64Range(0, 0.99).Draw(t, "phase")
		shape := map[string]api.Shape{
			"fixed":   api.Window{Limit: limit, Per: time.Duration(per), Resolution: 1},
			"sliding": api.Window{Limit: limit, Per: time.Duration(per), Kind: api.Sliding, Resolution: 1},
			"bucket":  api.Bucket{Burst: limit, Refill: 3, Per: time.Duration(per)},
		}[kind]
		now := int64(1_000_000)
		start := now - int64(phase*float64(per))
		c := newCounter(shape, now, placement{phase: phase})
		var admitted []charged
		for range rapid.IntRange(1, 60).Draw(t, "calls") {
			now += rapid.Int64Range(0, 40).Draw(t, "gap")
			cost := rapid.IntRange(1, 3).Draw(t, "cost")
			free, ok := c.fits(now, cost)
			if !ok {
				if free <= now {
					t.Fatalf("refused at %d, told to come at %d", now, free)
				}
				if _, ok = c.fits(free-1, cost); ok {
					t.Fatalf("told to come at %d, but there is room before", free)
				}
				now = free
				if _, ok = c.fits(now, cost); !ok {
					t.Fatalf("refused at the time told, %d", now)
				}
			}
			c.charge(now, cost)
			admitted = append(admitted, charged{now, cost})
			if most := highest(kind, admitted, start, per, 3); most > limit {
				t.Fatalf("%s: %v used of %d: %v", kind, most, limit, admitted)
			}
		}
	})
}

// highest is the use that the last of some charges met, by definition.
func highest(kind string, charges []charged, start, per, refill int64) float64 {
	last := charges[len(charges)-1].at
	switch kind {
	case "bucket":
		level := 0.0
		for i, c := range charges {
			if i > 0 {
				level = max(0, level-float64((c.at-charges[i-1].at)*refill)/float64(per))
			}
			level += float64(c.cost)
		}
		return level - 1e-9 // the sum is in fractions, the counter in integers
	default:
		used := 0
		for _, c := range slices.Backward(charges) {
			if kind == "fixed" && (c.at-start)/per != (last-start)/per || kind == "sliding" && c.at <= last-per {
				break
			}
			used += c.cost
		}
		return float64(used)
	}
}

func TestShapesThatCannotBe(t *testing.T) {
	for _, shape := range []api.Shape{
		nil, api.Window{Per: time.Second}, api.Window{Limit: 1}, api.Bucket{Burst: 1, Refill: 1},
		api.Bucket{Burst: 1, Per: time.Second}, api.Concurrency{}, api.Bucket{Burst: 1 << 40, Refill: 1, Per: 24 * time.Hour},
	} {
		if checkShape(shape) == nil {
			t.Errorf("%#v is accepted", shape)
		}
	}
}
