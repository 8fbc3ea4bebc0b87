package budget_test

// This file is the world between the engine and the referee: callers, latency,
// lost answers, what headers tell.

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/budget"
)

// rounding is how a provider makes whole seconds of the time to its reset.
type rounding string

const (
	ceil    rounding = "ceil"
	floor   rounding = "floor"
	nearest rounding = "nearest"
	epoch   rounding = "epoch" // the end itself, rounded up
	exact   rounding = "exact"
	untold  rounding = "untold"
)

// limit is a limit in the world: what the engine is told of it, and what is true.
type limit struct {
	name  string
	shape api.Shape
	rule  rule
	reset rounding
	left  bool // tells what is left
}

// world is a provider with its limits and the network before it.
type world struct {
	mu       sync.Mutex
	random   *rand.Rand
	limits   []*limit
	latency  [2]time.Duration // of each way, between these
	missing  float64          // how often an answer tells nothing
	refused  []string         // what was refused, and when
	refusals []time.Time      // the same times
	taken    []time.Time      // when requests were counted
	answered int
	resends  int
}

func (w *world) chance(p float64) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.random.Float64() < p
}

func (w *world) below(n int) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.random.IntN(n)
}

// between draws a time.
func (w *world) between(low, high time.Duration) time.Duration {
	w.mu.Lock()
	defer w.mu.Unlock()
	if high <= low {
		return low
	}
	return low + time.Duration(w.random.Int64N(int64(high-low)))
}

func (w *world) oneWay() time.Duration { return w.between(w.latency[0], w.latency[1]) }

// draw is what a call takes from one limit.
type draw struct {
	*limit
	cost int
}

func (d draw) charge() budget.Charge { return named(d.name, "", d.shape, d.cost) }

func charges(draws []draw) (all []budget.Charge) {
	for _, d := range draws {
		all = append(all, d.charge())
	}
	return all
}

// reach has the provider count a request. It returns whether it was taken, and
// what the answer's headers will say.
func (w *world) reach(draws []draw) (taken bool, headers []header) {
	w.mu.Lock()
	defer w.mu.Unlock()
	at := time.Now()
	taken = true
	for _, d := range draws {
		if !d.rule.room(at, d.cost) {
			taken = false
			w.refused = append(w.refused, fmt.Sprintf("%s at %v", d.name, at.Format("15:04:05.000000")))
			w.refusals = append(w.refusals, at)
		}
	}
	for _, d := range draws {
		if taken {
			d.rule.count(at, d.cost)
		}
	}
	if taken {
		w.taken = append(w.taken, at)
	}
	silent := w.random.Float64() < w.missing
	for _, d := range draws {
		if !silent {
			headers = append(headers, d.header(at))
		}
	}
	return taken, headers
}

func (w *world) release(draws []draw) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, d := range draws {
		d.rule.done(d.cost)
	}
}

// header is what an answer tells of one limit, as the provider writes it.
type header struct {
	limit   *limit
	left    int
	seconds float64   // until the reset
	at      time.Time // of the reset
	told    bool
}

func (d draw) header(at time.Time) header {
	left, end := d.rule.news(at)
	h := header{limit: d.limit, left: left, at: end, told: !end.IsZero() && d.reset != untold}
	if !d.left {
		h.left = -1
	}
	seconds := end.Sub(at).Seconds()
	switch d.reset {
	case ceil:
		h.seconds = math.Ceil(seconds)
	case floor:
		h.seconds = math.Floor(seconds)
	case nearest:
		h.seconds = math.Round(seconds)
	}
	return h
}

// observation is how a client reads a header.
func (h header) observation(sent, now time.Time) budget.Observation {
	o := budget.Observation{Limit: h.limit.name, Max: -1, Remaining: h.left}
	if h.told {
		switch h.limit.reset {
		case exact:
			o.Reset = h.at
		case epoch:
			whole := h.at.Truncate(time.Second)
			if !whole.Equal(h.at) {
				whole = whole.Add(time.Second)
			}
			o.ResetEarliest, o.Reset = whole.Add(-time.Second), whole.Add(time.Second)
		default:
			d := time.Duration(h.seconds * float64(time.Second))
			o.ResetEarliest, o.Reset = sent.Add(d-time.Second), now.Add(d+time.Second)
		}
	}
	return o
}

// fate is what becomes of a call once it is admitted.
type fate struct {
	cancelled bool          // it is never written
	lost      bool          // the client gives up; the request may arrive within linger
	resent    bool          // the transport sends it twice
	body      time.Duration // how long its body takes
}

var errRefused = errors.New("refused")

// send takes an admitted call to the provider and back.
func (w *world) send(ticket budget.Ticket, draws []draw, f fate, linger time.Duration) error {
	if f.cancelled {
		time.Sleep(w.oneWay())
		ticket.Cancel()
		return nil
	}
	ticket.Sent()
	sent := time.Now()
	if f.resent {
		time.Sleep(w.oneWay())
		ticket.Resent()
		w.mu.Lock()
		w.resends++
		w.mu.Unlock()
		w.straggle(draws, linger)
	}
	if f.lost {
		time.Sleep(w.oneWay())
		ticket.Lost()
		w.straggle(draws, linger)
		return nil
	}
	time.Sleep(w.oneWay())
	taken, headers := w.reach(draws)
	time.Sleep(w.oneWay())
	now := time.Now()
	var answer budget.Answer
	for _, h := range headers {
		answer.Observations = append(answer.Observations, h.observation(sent, now))
	}
	if !taken {
		answer.Refusal = &budget.Refusal{}
	}
	ticket.Answer(answer)
	if !taken {
		ticket.Done()
		return errRefused
	}
	time.Sleep(f.body)
	w.release(draws)
	ticket.Done()
	w.mu.Lock()
	w.answered++
	w.mu.Unlock()
	return nil
}

// straggle has a request whose sender has given up arrive late, or never.
func (w *world) straggle(draws []draw, linger time.Duration) {
	if w.chance(0.3) {
		return
	}
	delay := w.between(0, linger)
	work := w.between(0, linger-delay)
	go func() {
		time.Sleep(delay)
		if taken, _ := w.reach(draws); taken {
			time.Sleep(work)
			w.release(draws)
		}
	}()
}

// call is a whole call.
func (w *world) call(ctx context.Context, ledger budget.Ledger, draws []draw, f fate) error {
	ticket, err := ledger.Admit(ctx, request(charges(draws)...))
	if err != nil {
		return err
	}
	return w.send(ticket, draws, f, 10*time.Second)
}
