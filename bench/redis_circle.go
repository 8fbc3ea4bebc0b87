package main

// This file runs the redis cases: it orders the members of both sides about.

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// place is where Redis is.
type place struct {
	name, addr string
	added      time.Duration // to a round trip
}

// circle is all that take part.
type circle struct {
	*meter
	redis        *redisServer
	ours, theirs team
}

// team is the processes of one side.
type team []*part

func startTeam() (t team, err error) {
	for range processes {
		p, err := startPart("member")
		if err != nil {
			t.stop()
			return nil, err
		}
		t = append(t, p)
	}
	return t, nil
}

func (t team) stop() {
	for _, p := range t {
		p.stop()
	}
}

// order has all members do something at once, and sums what they tell.
func (t team) order(o order) (sum tally, err error) {
	for _, p := range t {
		if err := p.tell(o); err != nil {
			return tally{}, err
		}
	}
	for _, p := range t {
		var told tally
		if err := p.hear(&told); err != nil {
			return tally{}, err
		}
		if told.Error != "" {
			err = errors.Join(err, errors.New(told.Error))
		}
		sum.Requests += told.Requests
		sum.Refused += told.Refused
		sum.Path = append(sum.Path, told.Path...)
	}
	return sum, err
}

// during has all members take part in a case while it is measured.
func (t team) during(w work, measured func() error) error {
	if _, err := t.order(order{Do: join, Work: w}); err != nil {
		return err
	}
	if err := measured(); err != nil {
		return err
	}
	_, err := t.order(order{Do: leave})
	return err
}

// stretch is what a side did while it was measured.
type stretch struct {
	tally
	calls int // to Redis
	took  time.Duration
}

// measure has a side work, at first without being measured, then for some spans.
func (c *circle) measure(t team, warm, span time.Duration, spans int) (all []stretch, err error) {
	before, err := c.redis.calls()
	if err != nil {
		return nil, err
	}
	if _, err := t.order(order{Do: start}); err != nil {
		return nil, err
	}
	if warm > 0 {
		time.Sleep(warm)
		if before, err = c.redis.calls(); err != nil {
			return nil, err
		}
		if _, err := t.order(order{Do: told}); err != nil {
			return nil, err
		}
	}
	for range spans {
		var s stretch
		began := time.Now()
		for s.Requests == 0 {
			time.Sleep(max(span-time.Since(began), time.Millisecond))
			if s.tally, err = t.order(order{Do: told}); err != nil {
				return nil, err
			}
		}
		s.took = time.Since(began)
		after, err := c.redis.calls()
		if err != nil {
			return nil, err
		}
		s.calls, before = after-before, after
		all = append(all, s)
	}
	_, err = t.order(order{Do: rest})
	return all, err
}

// perSecond is the rate of something.
func (s stretch) perSecond(n int) float64 { return float64(n) / s.took.Seconds() }

// percentile is the value in microseconds that a part of the sorted values is below of.
func percentile(sorted []int64, part float64) float64 {
	return float64(sorted[int(part*float64(len(sorted)))]) / 1e3
}

// latency runs a latency case.
func (c *circle) latency(at place, callers int) error {
	w := work{
		Side: ours, Addr: at.addr, Name: fmt.Sprintf("latency/%d-callers/%s", callers, at.name), Limit: ample, Speed: 1,
		Callers: callers, Takes: time.Millisecond, Every: pace * time.Duration(callers),
	}
	peers := w
	peers.Side = theirs
	var p50, p99, rate [2][]float64
	var ratios, ratios99 []float64
	rounds := func() error {
		for range min(c.rounds, 5) {
			for i, t := range []team{c.ours, c.theirs} {
				all, err := c.measure(t, c.round/2, 5*c.round/2, 1)
				if err != nil {
					return err
				}
				s := all[0]
				slices.Sort(s.Path)
				p50[i] = append(p50[i], percentile(s.Path, 0.50))
				p99[i] = append(p99[i], percentile(s.Path, 0.99))
				rate[i] = append(rate[i], s.perSecond(s.Requests))
			}
			last := len(p50[0]) - 1
			ratios = append(ratios, p50[0][last]/p50[1][last])
			ratios99 = append(ratios99, p99[0][last]/p99[1][last])
		}
		return nil
	}
	if err := c.ours.during(w, func() error { return c.theirs.during(peers, rounds) }); err != nil {
		return err
	}
	of := func(values []float64) float64 { return round(median(values), 1) }
	return c.report(latency{
		Bench: "redis/" + w.Name, Processes: processes, Callers: callers, RoundTrip: at.added.Seconds() * 1e3,
		P50: of(p50[0]), P99: of(p99[0]), Peer: theirs, PeerP50: of(p50[1]), PeerP99: of(p99[1]),
		Ratio: round(median(ratios), 5), RatioP99: round(median(ratios99), 5),
		Rate: of(rate[0]), PeerRate: of(rate[1]),
	})
}

// demand is the part of the limit that callers want; at 1 it is more than there is.
type demand struct {
	name string
	part float64
}

// calls runs a calls case.
func (c *circle) calls(at place, limit int, d demand) error {
	w := work{
		Side: ours, Addr: at.addr, Name: fmt.Sprintf("calls/%d-a-window/%s/%s", limit, d.name, at.name), Limit: limit, Speed: speed,
		Callers: 8, Takes: time.Millisecond,
	}
	if d.part < 1 {
		perWindow := d.part * float64(limit) / float64(processes*w.Callers) // of each caller
		w.Every = time.Duration(float64(time.Minute) / speed / perWindow)
	}
	peers := w
	peers.Side = theirs
	window := 5 * c.round // a second
	var beats float64
	var a, b []stretch
	if err := c.ours.during(w, func() (err error) {
		idle, err := c.redis.calls()
		if err != nil {
			return err
		}
		time.Sleep(window)
		beaten, err := c.redis.calls()
		if err != nil {
			return err
		}
		beats = float64(beaten - idle)
		a, err = c.measure(c.ours, window, window, windows)
		return err
	}); err != nil {
		return err
	}
	if err := c.theirs.during(peers, func() (err error) {
		b, err = c.measure(c.theirs, window, window, 1)
		return err
	}); err != nil {
		return err
	}
	of := func(all []stretch, what func(stretch) float64) float64 {
		var values []float64
		for _, s := range all {
			values = append(values, what(s))
		}
		return median(values)
	}
	called := func(s stretch) float64 { return float64(s.calls) / float64(s.Requests) }
	more := func(s stretch) float64 { // than heartbeats
		return called(s) - beats*s.took.Seconds()/max(window, 1).Seconds()/float64(s.Requests)
	}
	refused := func(s stretch) float64 { return float64(s.Refused) / float64(s.Requests) }
	used := func(s stretch) float64 { return s.perSecond(s.Requests) * 60 / speed / float64(limit) }
	return c.report(calls{
		Bench: "redis/" + w.Name, Processes: processes, Limit: limit, RoundTrip: at.added.Seconds() * 1e3,
		Calls: round(of(a, more), 4), AllCalls: round(of(a, called), 4), Beats: beats, Used: round(of(a, used), 3),
		Peer: theirs, PeerCalls: round(of(b, called), 4), PeerRefused: round(of(b, refused), 4), PeerUsed: round(of(b, used), 3),
		Ratio: round(of(a, called)/of(b, called), 5),
	})
}
