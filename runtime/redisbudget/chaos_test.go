package redisbudget_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/budget"
)

// chaos is what happens in one run; all chance within it comes of Seed.
type chaos struct {
	Seed    uint64
	Shapes  []api.Shape
	Members int
	Callers int // of each
	Rate    int // calls a minute of each; 0 for as fast as they may
	MaxCost int
	Delay   time.Duration // of Redis
	Drop    float64
	Steps   []string
}

func drawShape(t *rapid.T) api.Shape {
	size := rapid.SampledFrom([]int{1, 2, 7, 40, 300}).Draw(t, "size")
	per := rapid.SampledFrom([]time.Duration{time.Second, 5 * time.Second, 30 * time.Second, time.Minute}).Draw(t, "per")
	switch rapid.SampledFrom([]string{"window", "window", "sliding", "bucket", "concurrency"}).Draw(t, "shape") {
	case "sliding":
		return api.Window{Limit: size, Per: per, Kind: api.Sliding}
	case "bucket":
		return api.Bucket{Burst: size, Refill: rapid.IntRange(1, 40).Draw(t, "refill"), Per: per}
	case "concurrency":
		return api.Concurrency{Max: size}
	default:
		return api.Window{Limit: size, Per: per}
	}
}

func drawChaos(t *rapid.T) chaos {
	c := chaos{
		Seed:    rapid.Uint64().Draw(t, "seed"),
		Members: rapid.IntRange(1, 4).Draw(t, "members"),
		Callers: rapid.IntRange(1, 12).Draw(t, "callers"),
		Rate:    rapid.SampledFrom([]int{0, 0, 60, 400}).Draw(t, "rate"),
		MaxCost: rapid.SampledFrom([]int{1, 1, 3}).Draw(t, "max cost"),
		Delay:   rapid.SampledFrom([]time.Duration{0, time.Millisecond, 20 * time.Millisecond}).Draw(t, "delay"),
		Drop:    rapid.SampledFrom([]float64{0, 0, 0.05, 0.1}).Draw(t, "drop"),
		Steps: rapid.SliceOfN(rapid.SampledFrom([]string{"run", "run", "join", "leave", "kill", "outage", "long outage", "restart", "restart empty", "forget"}),
			1, 6).Draw(t, "steps"),
	}
	for range rapid.IntRange(1, 2).Draw(t, "limits") {
		c.Shapes = append(c.Shapes, drawShape(t))
	}
	return c
}

// TestNeverAboveTheLimit plays random demand, members that come, go and are
// killed, replies that are lost, and a Redis that goes away and comes back with its
// data or without. Whatever happens, no limit is passed.
func TestNeverAboveTheLimit(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		c := drawChaos(rt)
		var broken string
		synctest.Test(t, func(t *testing.T) { broken = play(t, c) })
		if broken != "" {
			rt.Fatal(broken)
		}
	})
}

func play(t *testing.T, c chaos) string {
	var limits []*referee
	request := &budget.Request{Operation: "Test.Call", Alternatives: [][]budget.Charge{nil}}
	for i, shape := range c.Shapes {
		limits = append(limits, &referee{name: fmt.Sprintf("limit%d", i), shape: shape})
	}
	w := newWorld(t, c.Seed, limits...)
	w.delay, w.drop = c.Delay, c.Drop
	for _, l := range limits {
		most, _ := api.Capacity(l.shape)
		charge := l.charge(1 + w.random.IntN(min(c.MaxCost, most)))
		request.Alternatives[0] = append(request.Alternatives[0], charge)
	}
	var members []*member
	join := func() {
		m := w.join()
		if c.Rate > 0 {
			w.demand(m, c.Rate, request)
		} else {
			w.work(m, c.Callers, request)
		}
		members = append(members, m)
	}
	end := func(how func(*member)) {
		if len(members) > 1 {
			i := int(w.between(0, time.Duration(len(members)-1)))
			how(members[i])
			members = append(members[:i], members[i+1:]...)
		}
	}
	for range c.Members {
		join()
	}
	for _, step := range c.Steps {
		time.Sleep(w.between(4*time.Second, 40*time.Second)) // a heartbeat at least, or they do not know of each other
		switch step {
		case "join":
			join()
		case "leave":
			end((*member).leave)
		case "kill":
			end((*member).kill)
		case "forget":
			w.forget()
		case "outage", "long outage", "restart", "restart empty":
			w.down.Store(true)
			if time.Sleep(w.between(0, 25*time.Second)); step == "long outage" {
				time.Sleep(time.Minute)
			}
			if step == "restart empty" {
				w.forget()
			}
			w.down.Store(false)
		}
	}
	time.Sleep(w.between(time.Second, 90*time.Second))
	for _, m := range members {
		m.leave()
	}
	for _, l := range limits {
		if l.passed > 0 {
			return fmt.Sprintf("%+v: passed %d times, %v at the worst, in %+v", l.shape, l.passed, l.worst, c)
		}
	}
	return ""
}
