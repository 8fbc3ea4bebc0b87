package budget_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/budget"
)

// scenario is drawn outside of the bubble; all chance within it comes of seed.
type scenario struct {
	Seed        uint64
	Limits      []scenarioLimit
	Calls       int
	Workers     int
	Latency     [2]time.Duration
	Body        time.Duration
	Missing     float64
	Unlucky     float64 // how many are cancelled, lost, resent, or give up waiting
	Pause       time.Duration
	MaxCost     int
	SomeOnly    bool // calls draw on some of the limits only
	Alternating bool // calls offer an alternative
	Mixed       bool // calls are of several classes and flows, and some flows state demands
}

type scenarioLimit struct {
	Shape    api.Shape
	Phase    float64
	OnDemand bool
	Reset    rounding
	Left     bool
}

// oneOf draws one of some values. Tiers are drawn rather than ranges, for rapid
// prefers small numbers, and small scenarios seldom reach a limit.
func oneOf[T any](t *rapid.T, name string, values ...T) T {
	return rapid.SampledFrom(values).Draw(t, name)
}

const (
	ms  = time.Millisecond
	sec = time.Second
)

func drawShape(t *rapid.T) api.Shape {
	size := oneOf(t, "size", 1, 2, 5, 20, 100, 250)
	per := oneOf(t, "per", 500*ms, sec, 3*sec, 7700*ms, 60*sec) + time.Duration(rapid.IntRange(0, 999).Draw(t, "odd"))*time.Microsecond
	switch oneOf(t, "shape", "fixed", "fixed", "fixed", "sliding", "approximate", "bucket", "concurrency") {
	case "sliding":
		return api.Window{Limit: size, Per: per, Kind: api.Sliding}
	case "approximate":
		return api.Window{Limit: size, Per: per, Kind: api.SlidingApproximate}
	case "bucket":
		return api.Bucket{Burst: size, Refill: oneOf(t, "refill", 1, 7, 50), Per: per}
	case "concurrency":
		return api.Concurrency{Max: size}
	default:
		return api.Window{Limit: size, Per: per}
	}
}

func drawScenario(t *rapid.T) scenario {
	s := scenario{
		Seed:        rapid.Uint64().Draw(t, "seed"),
		Calls:       oneOf(t, "calls", 3, 20, 100, 300),
		Workers:     oneOf(t, "workers", 1, 3, 10, 64),
		Missing:     oneOf(t, "missing", 0, 0, 0.1, 0.5),
		Unlucky:     oneOf(t, "unlucky", 0, 0, 0.05, 0.3),
		Pause:       oneOf(t, "pause", 0, 0, 0, sec, time.Minute),
		MaxCost:     oneOf(t, "cost", 1, 1, 1, 5),
		SomeOnly:    rapid.Bool().Draw(t, "some only"),
		Alternating: oneOf(t, "alternating", false, false, true),
		Body:        oneOf(t, "body", 0, 50*ms, 2*sec),
		Mixed:       rapid.Bool().Draw(t, "mixed"),
	}
	low := oneOf(t, "latency", 0, 5*ms, 80*ms)
	s.Latency = [2]time.Duration{low, low + oneOf(t, "spread", 0, 20*ms, 300*ms, 4*sec)}
	for range rapid.IntRange(1, 3).Draw(t, "limits") {
		s.Limits = append(s.Limits, scenarioLimit{
			Shape:    drawShape(t),
			Phase:    float64(rapid.IntRange(0, 999).Draw(t, "phase")) / 1000,
			OnDemand: rapid.Bool().Draw(t, "on demand"),
			Reset:    oneOf(t, "reset", untold, ceil, floor, nearest, epoch, exact),
			Left:     rapid.Bool().Draw(t, "left"),
		})
	}
	return s
}

// build makes the world of a scenario, at the present of the bubble.
func (s *scenario) build() *world {
	w := &world{random: rand.New(rand.NewPCG(s.Seed, 1)), latency: s.Latency, missing: s.Missing}
	for i, l := range s.Limits {
		begin := time.Now()
		if shape, ok := l.Shape.(api.Window); ok {
			begin = begin.Add(-time.Duration(l.Phase * float64(shape.Per)))
		}
		w.limits = append(w.limits, &limit{
			name: fmt.Sprintf("limit %d", i), shape: l.Shape, rule: enforce(l.Shape, begin, l.OnDemand),
			reset: l.Reset, left: l.Left,
		})
	}
	return w
}

// some draws what a call takes: a part of the limits, each at a cost that fits.
func (w *world) some(s *scenario) (draws []draw) {
	for _, l := range w.limits {
		if s.SomeOnly && w.chance(0.4) {
			continue
		}
		cost := 1
		if size := sizeOf(l.shape); s.MaxCost > 1 {
			cost = 1 + w.below(min(s.MaxCost, size))
		}
		draws = append(draws, draw{l, cost})
	}
	return draws
}

func sizeOf(shape api.Shape) int {
	switch s := shape.(type) {
	case api.Window:
		return s.Limit
	case api.Bucket:
		return s.Burst
	case api.Concurrency:
		return s.Max
	default:
		return 1
	}
}

// run plays a scenario in the bubble and returns what went wrong.
func (s *scenario) run() error {
	ledger, err := budget.NewLedger()
	if err != nil {
		return err
	}
	w := s.build()
	jobs := make(chan int)
	var errs []error
	var mu sync.Mutex
	var wg sync.WaitGroup
	for range s.Workers {
		wg.Go(func() {
			for range jobs {
				if err := w.one(s, ledger); err != nil {
					mu.Lock()
					errs = append(errs, err)
					mu.Unlock()
				}
				if s.Pause > 0 {
					time.Sleep(w.between(0, s.Pause))
				}
			}
		})
	}
	for i := range s.Calls {
		jobs <- i
	}
	close(jobs)
	wg.Wait()
	time.Sleep(6 * time.Hour) // the last stragglers have arrived, and all is free again
	w.mu.Lock()
	defer w.mu.Unlock()
	// A transport that sends again does not ask, so what it sends may be one too
	// many, and no more than that.
	if len(w.refused) > w.resends*len(s.Limits) {
		errs = append(errs, fmt.Errorf("%d refused, the first: %s", len(w.refused), w.refused[0]))
	}
	for _, c := range ledger.Snapshot().Counters {
		if c.Used != 0 || c.InFlight != 0 || c.Waiting != 0 {
			errs = append(errs, fmt.Errorf("left behind: %+v", c))
		}
	}
	return errors.Join(errs...)
}

// one plays one call, which may have bad luck.
func (w *world) one(s *scenario, ledger budget.Ledger) error {
	draws := w.some(s)
	f := fate{body: w.between(0, s.Body)}
	ctx, cancel := context.WithTimeout(context.Background(), 30*24*time.Hour)
	defer cancel()
	gaveUp := false
	if w.chance(s.Unlucky) {
		switch w.below(4) {
		case 0:
			f.cancelled = true
		case 1:
			f.lost = true
		case 2:
			f.resent = s.MaxCost == 1
		case 3:
			gaveUp = true
			var stop context.CancelFunc
			ctx, stop = context.WithCancel(ctx)
			timer := time.AfterFunc(w.between(0, 10*time.Second), stop)
			defer timer.Stop()
		}
	}
	r := request(charges(draws)...)
	sets := [][]draw{draws}
	if s.Mixed {
		r.Class, r.Flow, r.Weight = budget.Class(w.below(3)-1), string(rune('a'+w.below(3))), float64(w.below(4))
		if w.chance(0.1) {
			d := w.limits[w.below(len(w.limits))]
			handle, err := ledger.(budget.Demander).Demand(budget.Demand{Key: named(d.name, "", d.shape, 1).Key, Shape: d.shape,
				Flow: r.Flow, Class: r.Class, Rank: w.below(3), Cost: 1 + w.below(sizeOf(d.shape))})
			if err == nil { // it may stand already
				defer handle.End()
			}
		}
	}
	if s.Alternating && w.chance(0.5) {
		other := w.some(s)
		r.Alternatives = append(r.Alternatives, charges(other))
		sets = append(sets, other)
	}
	ticket, err := ledger.Admit(ctx, r)
	if gaveUp && errors.Is(err, context.Canceled) {
		return nil
	}
	if err != nil {
		return err
	}
	err = w.send(ticket, sets[ticket.Alternative()], f, 10*time.Second)
	if errors.Is(err, errRefused) { // the referee has taken it down
		return nil
	}
	return err
}

func (s *scenario) bubble(t *testing.T) (err error) {
	synctest.Test(t, func(*testing.T) { err = s.run() })
	return err
}

// Whatever the limits, the latency and what headers tell: nothing is refused,
// everybody is admitted in the end, and all that was charged comes free.
// (make scenarios plays 10,000 of them in a minute or two; the default is 100.)
func TestRefereeRefusesNothing(t *testing.T) {
	scenarios, calls := 0, 0
	for i := range 4 {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			rapid.Check(t, func(rt *rapid.T) {
				s := drawScenario(rt)
				if err := s.bubble(t); err != nil {
					rt.Fatalf("%v\n%+v", err, s)
				}
				scenarios++
				calls += s.Calls
			})
		})
	}
	if !t.Failed() {
		t.Logf("%d random scenarios of %d calls in all: 0 refused", scenarios, calls)
	}
}
