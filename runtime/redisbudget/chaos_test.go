package redisbudget_test

import (
	"fmt"
	"math"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/budget"
	"github.com/weirkit/weir/runtime/redisbudget"
)

// chaos is what happens in one run; all chance within it comes of Seed.
type chaos struct {
	Seed                     uint64
	Shapes                   []api.Shape
	Tells                    float64 // how often answers tell a window's end
	Whole                    bool    // in whole seconds
	Floating                 bool    // each window begins with a call
	Members                  int
	Callers                  int // of each
	Rate                     int // calls a minute of each; 0 for as fast as they may
	MaxCost                  int
	Latency                  time.Duration // of each way to the provider, at the most
	Body                     time.Duration // of an answer, at the most
	Lost, Cancelled, Cheaper float64       // how often calls end so
	Slow, Latest             time.Duration // how long a way to Redis takes, and how late a request may come
	Requests, Replies, Late  float64       // how often they are lost, and late
	Steps                    []string
}

func drawShape(t *rapid.T) api.Shape {
	size := rapid.SampledFrom([]int{1, 2, 7, 40, 300}).Draw(t, "size")
	per := rapid.SampledFrom([]time.Duration{time.Second, 5 * time.Second, 30 * time.Second, time.Minute}).Draw(t, "per")
	switch rapid.SampledFrom([]string{"window", "window", "sliding", "bucket", "concurrency"}).Draw(t, "shape") {
	case "sliding":
		return api.Window{Limit: size, Per: per, Kind: api.Sliding}
	case "bucket":
		least := max(size*int(per/time.Second)/300, 1) // so that it fills up within five minutes
		return api.Bucket{Burst: size, Refill: rapid.IntRange(least, least+40).Draw(t, "refill"), Per: per}
	case "concurrency":
		return api.Concurrency{Max: size}
	default:
		return api.Window{Limit: size, Per: per}
	}
}

func drawChaos(t *rapid.T) chaos {
	often := func(name string, of ...float64) float64 { return rapid.SampledFrom(of).Draw(t, name) }
	long := func(name string, of ...time.Duration) time.Duration { return rapid.SampledFrom(of).Draw(t, name) }
	c := chaos{
		Seed:      rapid.Uint64().Draw(t, "seed"),
		Tells:     often("tells", 0, 0, 0.5, 1),
		Whole:     rapid.Bool().Draw(t, "whole"),
		Floating:  rapid.Bool().Draw(t, "floating"),
		Members:   rapid.IntRange(1, 4).Draw(t, "members"),
		Callers:   rapid.IntRange(1, 8).Draw(t, "callers"),
		Rate:      rapid.SampledFrom([]int{0, 0, 60, 400}).Draw(t, "rate"),
		MaxCost:   rapid.SampledFrom([]int{1, 1, 3}).Draw(t, "max cost"),
		Latency:   long("latency", 40*time.Millisecond, 400*time.Millisecond, 3*time.Second),
		Body:      long("body", 0, time.Second),
		Lost:      often("lost", 0, 0, 0.02),
		Cancelled: often("cancelled", 0, 0, 0.1),
		Cheaper:   often("cheaper", 0, 0, 0.3),
		Slow:      long("slow", 0, time.Millisecond, 20*time.Millisecond, 60*time.Millisecond),
		Requests:  often("requests", 0, 0, 0.1, 0.3, 0.5),
		Replies:   often("replies", 0, 0, 0.1, 0.3, 0.5),
		Late:      often("late", 0, 0, 0.1, 0.3),
		Latest:    long("latest", 100*time.Millisecond, 2*time.Second, 20*time.Second),
		Steps: rapid.SliceOfN(rapid.SampledFrom([]string{"run", "join", "leave", "kill", "outage", "outage", "long outage", "restart empty", "blip", "forget",
			"newcomer first", "take over", "killed away"}), 1, 6).Draw(t, "steps"),
	}
	for range rapid.IntRange(1, 2).Draw(t, "limits") {
		c.Shapes = append(c.Shapes, drawShape(t))
	}
	return c
}

// TestNeverAboveTheLimit plays random demand, members that come, go and are
// killed, requests and replies that are lost or late, and a Redis that goes away and
// comes back with its data or without. Whatever happens, no limit is passed; and
// when all of it has passed, what the limits allow is used again, by all.
func TestNeverAboveTheLimit(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		c := drawChaos(rt)
		var broken string
		synctest.Test(t, func(t *testing.T) { broken = play(t, c) })
		if broken != "" {
			rt.Fatalf("%s, in %+v", broken, c)
		}
	})
}

// stage is a world in which a chaos is played.
type stage struct {
	*world
	chaos   chaos
	request *budget.Request
	members []*member
	names   int
	leaving sync.WaitGroup
}

func play(t *testing.T, c chaos) string {
	s := newStage(t, c)
	s.play()
	return s.finish(s.quiet())
}

func newStage(t *testing.T, c chaos) *stage {
	s := &stage{chaos: c, request: &budget.Request{Operation: "Test.Call", Alternatives: [][]budget.Charge{nil}}}
	var limits []*referee
	for i, shape := range c.Shapes {
		l := &referee{name: fmt.Sprintf("limit%d", i), shape: shape}
		if w, ok := shape.(api.Window); ok && w.Kind == api.Fixed {
			l.tells, l.whole = c.Tells, c.Whole && w.Per > 3*time.Second
			if l.begins = time.Duration(c.Seed % uint64(w.Per)); c.Floating {
				l.begins = -1
			}
		}
		limits = append(limits, l)
	}
	w := newWorld(t, c.Seed, limits...)
	s.world = w
	w.latency = [2]time.Duration{c.Latency / 8, c.Latency}
	w.manners = manners{c.Lost, c.Cancelled, c.Cheaper, c.Body}
	w.deaf, w.patience = c.Seed%4 != 0, 20*time.Second
	for _, l := range limits {
		most, _ := api.Capacity(l.shape)
		charge := l.charge(1 + w.random.IntN(min(c.MaxCost, most)))
		s.request.Alternatives[0] = append(s.request.Alternatives[0], charge)
	}
	return s
}

func (s *stage) play() {
	w, c := s.world, s.chaos
	for range c.Members {
		s.enter("")
	}
	w.mu.Lock()
	w.network.trouble = trouble{c.Slow, c.Requests, c.Replies, c.Late, c.Latest}
	w.mu.Unlock()
	for _, step := range c.Steps {
		time.Sleep(w.between(0, 40*time.Second))
		w.learnt()
		s.step(step)
	}
}

// finish ends the play, and reports a limit that was passed.
func (s *stage) finish(broken string) string {
	for _, m := range s.members {
		s.end(m, (*member).leave)
	}
	s.leaving.Wait()
	s.after.Wait()
	s.network.close()
	time.Sleep(time.Second) // calls that were given up have an end
	if s.network.apart {
		return ""
	}
	for _, l := range s.limits {
		if l.passed > 0 {
			return fmt.Sprintf("%+v: passed %d times, %v at the worst", l.shape, l.passed, l.worst)
		}
	}
	return broken
}

func (s *stage) enter(name string) {
	if name == "" {
		s.names++
		name = fmt.Sprintf("member%d", s.names)
	}
	m := s.join(redisbudget.WithMember(name))
	m.name = name
	if s.chaos.Rate > 0 {
		s.demand(m, s.chaos.Rate, s.request)
	} else {
		s.work(m, s.chaos.Callers, s.request)
	}
	s.members = append(s.members, m)
}

// end has a member end, while the others go on.
func (s *stage) end(m *member, how func(*member)) {
	s.gone(m)
	s.leaving.Go(func() { how(m) })
}

// pick takes one of the members off the stage, but the last.
func (s *stage) pick() *member {
	if len(s.members) < 2 {
		return nil
	}
	i := int(s.between(0, time.Duration(len(s.members)-1)))
	m := s.members[i]
	s.members = append(s.members[:i:i], s.members[i+1:]...)
	return m
}

// empty has Redis lose all. Who joins before all have called is not known to be a newcomer.
func (s *stage) empty() {
	s.forget()
	s.mu.Lock()
	s.network.unlearnt = time.Now()
	s.mu.Unlock()
}

func (s *stage) step(step string) {
	switch step {
	case "join":
		s.enter("")
	case "leave":
		if m := s.pick(); m != nil {
			s.end(m, (*member).leave)
		}
	case "kill":
		if m := s.pick(); m != nil {
			s.end(m, (*member).kill)
		}
	case "take over":
		if m := s.pick(); m != nil {
			s.end(m, (*member).kill)
			time.Sleep(s.between(0, 20*time.Second))
			s.enter(m.name)
		}
	case "forget":
		s.empty()
	default:
		s.down.Store(true)
		switch step {
		case "blip":
			time.Sleep(s.between(0, 6*time.Second))
		case "long outage":
			time.Sleep(s.between(30*time.Second, 110*time.Second))
		default:
			time.Sleep(s.between(0, 30*time.Second))
		}
		if m := s.pick(); step == "killed away" && m != nil {
			s.end(m, (*member).kill)
			time.Sleep(s.between(0, 10*time.Second))
		} else if m != nil {
			s.members = append(s.members, m)
		}
		if step == "restart empty" {
			s.empty()
		}
		if s.down.Store(false); step == "newcomer first" {
			s.enter("")
		}
	}
}

// quiet ends all trouble, waits for as long as it may have effects, and reports what
// of the limits is not used then, or by whom.
func (s *stage) quiet() string {
	w, c := s.world, s.chaos
	time.Sleep(w.between(0, 20*time.Second))
	w.mu.Lock()
	w.network.trouble = trouble{slow: min(c.Slow, 20*time.Millisecond)}
	w.manners.lost, w.manners.cancelled = 0, 0
	w.mu.Unlock()
	longest := time.Duration(0)
	for _, shape := range c.Shapes {
		longest = max(longest, turnover(shape))
	}
	time.Sleep(15*time.Second + 10*time.Second + longest + c.Latest + 10*time.Second)
	before, each := w.sent.Load(), map[*member]int64{}
	for _, m := range s.members {
		each[m] = m.sent.Load()
	}
	span := 4 * min(max(longest, 15*time.Second), 30*time.Second)
	time.Sleep(span)
	sent := w.sent.Load() - before
	if want := s.attainable(span); float64(sent) < want {
		return fmt.Sprintf("%d were sent in %v after all trouble, want %.1f", sent, span, want)
	}
	for _, m := range s.members {
		if n := m.sent.Load() - each[m]; c.Rate == 0 && sent >= int64(30*len(s.members)) && n == 0 {
			return fmt.Sprintf("one of %d sent %d of %d in %v after all trouble", len(s.members), n, sent, span)
		}
	}
	return ""
}

// turnover is how long it takes until all of a limit can be had again.
func turnover(shape api.Shape) time.Duration {
	switch s := shape.(type) {
	case api.Window:
		return s.Per
	case api.Bucket:
		return time.Duration(float64(s.Per) * float64(s.Burst) / float64(s.Refill))
	}
	return 0
}

// attainable is how many calls should be sent in a time, at least: a part of what the
// limits allow, or else of what is wanted.
func (s *stage) attainable(span time.Duration) float64 {
	c := s.chaos
	rtt := 2 * c.Latency // at the most
	wanted := float64(len(s.members)*c.Callers) / (rtt + c.Body).Seconds()
	if c.Rate > 0 {
		wanted = float64(len(s.members)*c.Rate) / 60
	}
	least := 0.8 * wanted
	for i, shape := range c.Shapes {
		cost := s.request.Alternatives[0][i].Cost
		rate := 0.0
		switch l := shape.(type) {
		case api.Window: // what is answered is reported within W/10 or 0.1 s, and fetched within as much
			calls := float64(l.Limit / cost)
			rate = calls / (1.25*l.Per.Seconds() + rtt.Seconds() + 1 + 2*c.Slow.Seconds())
			if calls < 40 {
				rate /= 2 // who has places and who waits are not the same
			}
			if calls < 3 {
				rate /= 2
			}
		case api.Bucket:
			each := l.Per.Seconds() / float64(l.Refill) * float64(cost)
			if calls := l.Burst / cost; calls < 40 {
				each = each*1.25 + (rtt.Seconds()+0.5)/float64(calls)
				each *= 2
			}
			rate = 0.5 / each // others' leases wait for their calls, and drain nothing meanwhile
		case api.Concurrency:
			rate = float64(l.Max/cost) / (rtt.Seconds() + c.Body.Seconds() + 0.5) / 3 // a place is handed on through Redis
		}
		least = min(least, rate)
	}
	return math.Floor(0.9*least*span.Seconds()) - 1
}
