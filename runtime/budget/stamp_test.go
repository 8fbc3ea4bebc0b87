package budget_test

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/weirkit/weir/runtime/api"
)

// limiter is the least that keeps N in W: N places, each free again a W after
// its call was sent, or after it was answered. It plays calls one after the other as
// fast as it lets them go, and returns when they are counted.
func limiter(random *rand.Rand, n int, per time.Duration, calls int, fromAnswer bool) (counted []time.Duration) {
	places := make([]time.Duration, n)
	for range calls {
		at := slices.Index(places, slices.Min(places))
		sent := places[at]
		arrives := sent + time.Duration(random.Int64N(int64(400*ms)))
		answered := arrives + time.Duration(random.Int64N(int64(400*ms)))
		counted = append(counted, arrives)
		if places[at] = sent + per; fromAnswer {
			places[at] = answered + per + tick
		}
	}
	slices.Sort(counted)
	return counted
}

// The rule that everything stands on: the clock that frees a charge starts at
// the answer. Started at the sending, calls are refused, though never more than
// N are sent in any W.
func TestClockStartsAtTheAnswer(t *testing.T) {
	const n, per, calls, runs = 100, 10 * sec, 4000, 40
	for name, kindOf := range map[string]api.WindowKind{"fixed": api.Fixed, "sliding": api.Sliding} {
		t.Run(name, func(t *testing.T) {
			refused := map[bool]int{}
			for seed := range uint64(runs) {
				for _, fromAnswer := range []bool{false, true} {
					random := rand.New(rand.NewPCG(seed, 1))
					start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
					phase := time.Duration(random.Int64N(int64(per)))
					provider := enforce(api.Window{Limit: n, Per: per, Kind: kindOf}, start.Add(-phase), false)
					for _, after := range limiter(random, n, per, calls, fromAnswer) {
						if at := start.Add(after); provider.room(at, 1) {
							provider.count(at, 1)
						} else {
							refused[fromAnswer]++
						}
					}
				}
			}
			t.Logf("of %d calls %d are refused from the sending on, %d from the answer on", runs*calls, refused[false], refused[true])
			if refused[false] == 0 || refused[true] > 0 {
				t.Errorf("refused: %d from the sending on, %d from the answer on", refused[false], refused[true])
			}
		})
	}
}
