package budget_test

// This file is what the engine reaches under chance: how much of what can be
// had it has, alone and beside another program, at any phase and latency.

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/budget"
)

// steady is one limit under steady load, and how much of it can be had: so many
// calls each time.
type steady struct {
	shape api.Shape
	reset rounding
	calls int
	each  time.Duration
	phase time.Duration
	body  time.Duration
}

// drawSteady draws a limit. What is attainable with a constant round trip is
// by the rules: N in each window that is told, else N in each window and a round
// trip; a bucket's refill, of a burst of one a round trip more; for concurrency
// its places, each for as long as a call takes.
func drawSteady(t *rapid.T, roundTrip time.Duration) steady {
	size := oneOf(t, "size", 1, 2, 20, 100, 250)
	per := oneOf(t, "per", 5*sec, 17*sec, time.Minute, 15*time.Minute)
	phase := time.Duration(float64(per) * float64(rapid.IntRange(0, 999).Draw(t, "phase")) / 1000)
	s := steady{reset: untold, calls: size, each: per + roundTrip, phase: phase}
	switch oneOf(t, "shape", "told", "whole seconds", "unknown", "sliding", "approximate", "bucket", "bucket of one", "concurrency") {
	case "told":
		s.shape, s.reset, s.each = api.Window{Limit: size, Per: per}, exact, per
	case "whole seconds":
		s.calls, s.each = max(size, 20), time.Minute
		s.phase = min(s.phase, 55*sec)
		s.shape, s.reset = api.Window{Limit: s.calls, Per: s.each}, oneOf(t, "rounding", ceil, floor, nearest, epoch)
	case "unknown":
		s.shape = api.Window{Limit: size, Per: per}
	case "sliding":
		s.shape = api.Window{Limit: size, Per: per, Kind: api.Sliding}
	case "approximate":
		s.shape, s.each = api.Window{Limit: size, Per: per, Kind: api.SlidingApproximate}, 2*per+roundTrip
	case "bucket": // of room for what is under way
		refill := oneOf(t, "refill", 1, 7, 50)
		s.shape = api.Bucket{Burst: max(size, 2+refill), Refill: refill, Per: sec}
		s.calls, s.each = refill, sec
	case "bucket of one":
		s.shape = api.Bucket{Burst: 1, Refill: 1, Per: per}
		s.calls = 1
	case "concurrency":
		s.body = oneOf(t, "body", 0, 100*ms, 3*sec)
		s.shape, s.each = api.Concurrency{Max: size}, roundTrip+s.body
	}
	return s
}

// share is how much was had of what could be in so many turns: of a window that
// is told in those that lie within the time, and of a bucket once its burst has gone.
func (s *steady) share(c *crowd, turns int) float64 {
	from, to := s.phase, s.phase+time.Duration(turns)*s.each
	if s.reset != untold {
		from, to = s.each, time.Duration(turns)*s.each
	} else if _, ok := s.shape.(api.Bucket); ok {
		from = (from + to) / 2
	}
	n := 0
	for _, at := range c.taken {
		if d := at.Sub(c.begin.Truncate(tick)); d >= from && d < to {
			n++
		}
	}
	return float64(n) / (float64(s.calls) * (to - from).Seconds() / s.each.Seconds())
}

// Whatever the limit, its phase and the round trip, 99 % of what can be had is
// had, and nothing is refused.
func TestRateOfRandomLimits(t *testing.T) {
	worst := 2.0
	rapid.Check(t, func(rt *rapid.T) {
		roundTrip := oneOf(rt, "round trip", 2*ms, 40*ms, 100*ms, 400*ms)
		s := drawSteady(rt, roundTrip)
		var got float64
		var refused []string
		synctest.Test(t, func(t *testing.T) {
			c := newCrowd(t, 1, s.shape, s.reset, s.phase)
			c.latency = [2]time.Duration{roundTrip / 2, roundTrip / 2}
			turns := max(30, 2000/s.calls)
			ctx, cancel := context.WithTimeout(t.Context(), time.Duration(turns)*s.each)
			defer cancel()
			k := &kind{body: s.body}
			c.saturate(ctx, k, min(2*s.calls+2*int(float64(s.calls)*roundTrip.Seconds()/s.each.Seconds()), 256))
			c.wg.Wait()
			got, refused = s.share(c, turns), c.refused
		})
		worst = min(worst, got)
		if got < 0.99 || len(refused) > 0 {
			rt.Fatalf("%.4f of what can be had, %d refused: round trip %v, %+v", got, len(refused), roundTrip, s)
		}
	})
	t.Logf("at least %.4f of what can be had", worst)
}

// A sync under a window whose end is told takes at most 1.02 times what one
// takes that knows everything, and twice what the header leaves open and twice
// the round trip more. Where so little of the first window is left that nobody
// could fill it, one who knows that waits for the second.
func TestMakespanAtRandomPhases(t *testing.T) {
	worst := 0.0
	rapid.Check(t, func(rt *rapid.T) {
		limitOf := oneOf(rt, "limit", 60, 300, 700, 1000)
		per := oneOf(rt, "per", 20*sec, time.Minute, 15*time.Minute)
		reset := oneOf(rt, "reset", ceil, floor, nearest, epoch, exact)
		phase := time.Duration(float64(per) * float64(rapid.IntRange(0, 999).Draw(rt, "phase")) / 1000)
		low := oneOf(rt, "latency", ms, 20*ms, 150*ms)
		high := low + oneOf(rt, "spread", 0, 20*ms, 100*ms)
		resolution := sec
		if reset == exact {
			resolution = 0
		}
		seed := rapid.Uint64().Draw(rt, "seed")
		var took, best time.Duration
		var refused []string
		synctest.Test(t, func(t *testing.T) {
			shape := api.Window{Limit: limitOf, Per: per}
			w := &world{random: rand.New(rand.NewPCG(seed, 7)), latency: [2]time.Duration{low, high},
				limits: []*limit{{name: "limit", shape: shape, rule: enforce(shape, time.Now().Add(-phase), false), reset: reset, left: true}}}
			took, refused = w.sync(t, 64), w.refused
			best = minimum(2055, limitOf, per, phase, low+high, 64)
			if fill := time.Duration(limitOf) * (low + high) / 64; per-phase < fill*3/2+8*high {
				best = per - phase + minimum(2055, limitOf, per, 0, low+high, 64)
			}
		})
		ratio := took.Seconds() / best.Seconds()
		worst = max(worst, ratio)
		if most := best*102/100 + 2*resolution + 2*2*high; took > most || len(refused) > 0 {
			rt.Fatalf("%v, %.4f times the minimum of %v, at most %v; %d refused", took, ratio, best, most, len(refused))
		}
	})
	t.Logf("at most %.4f times the minimum", worst)
}

// Another program takes a smooth random part of the limit, up to 60 %. From the
// window after the one in which it is met there is one refusal in a window at the
// most, and nine tenths of what it leaves are used. It is met where it draws
// before a call of ours, which mostly is in the first window.
func TestBesideAnotherProgram(t *testing.T) {
	worst, most := 1.0, 0
	rapid.Check(t, func(rt *rapid.T) {
		limitOf := oneOf(rt, "limit", 100, 300, 700)
		part := float64(rapid.IntRange(0, 60).Draw(rt, "percent")) / 100
		reset := oneOf(rt, "reset", ceil, floor, nearest, epoch, exact)
		seed := rapid.Uint64().Draw(rt, "seed")
		const per, windows = time.Minute, 8
		phase := time.Duration(seed % uint64(per))
		var failure error
		synctest.Test(t, func(t *testing.T) {
			c := newCrowd(t, seed, api.Window{Limit: limitOf, Per: per}, reset, phase)
			ctx, cancel := context.WithTimeout(t.Context(), windows*per-phase+5*sec)
			defer cancel()
			var theirs [windows + 1]int
			var first [windows + 1]time.Time // of theirs
			window := func(at time.Time) int { return int(at.Sub(c.begin.Truncate(tick)) / per) }
			if part > 0 {
				random := rand.New(rand.NewPCG(seed, 5))
				c.wg.Go(func() { // a Poisson process
					for ctx.Err() == nil {
						time.Sleep(time.Duration(random.ExpFloat64() / (part * float64(limitOf)) * float64(per)))
						c.mu.Lock()
						if now := time.Now(); c.limits[0].rule.room(now, 1) {
							c.limits[0].rule.count(now, 1)
							i := min(window(now), windows)
							if theirs[i]++; theirs[i] == 1 {
								first[i] = now
							}
						}
						c.mu.Unlock()
					}
				})
			}
			draws := []draw{{c.limits[0], 1}}
			for range 64 {
				c.wg.Go(func() {
					for ctx.Err() == nil {
						if err := c.call(ctx, c.ledger, draws, fate{}); err != nil && !errors.Is(err, errRefused) {
							if !errors.Is(err, context.DeadlineExceeded) && !errors.Is(err, budget.ErrDeadline) {
								t.Error(err)
							}
							return
						}
					}
				})
			}
			c.wg.Wait()
			var ours, refused [windows + 1]int
			var last [windows + 1]time.Time // of ours
			for _, at := range c.taken {
				i := min(window(at), windows)
				ours[i]++
				last[i] = at
			}
			for _, at := range c.refusals {
				i := min(window(at), windows)
				refused[i]++
				if at.After(last[i]) {
					last[i] = at
				}
			}
			met := part == 0
			for i := range windows {
				if !met {
					met = theirs[i] > 0 && last[i].After(first[i])
					continue
				}
				used := float64(ours[i]) / float64(limitOf-theirs[i])
				worst, most = min(worst, used), max(most, refused[i])
				if refused[i] > 1 || used < 0.9 {
					failure = fmt.Errorf("window %d: %d refused, %.3f used of the %d that are left", i, refused[i], used, limitOf-theirs[i])
				}
			}
		})
		if failure != nil {
			rt.Fatal(failure)
		}
	})
	t.Logf("at most %d refused in a window, at least %.3f used of what is left", most, worst)
}
