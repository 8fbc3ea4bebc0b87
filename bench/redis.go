package main

// This file measures what a limit costs that three processes share through one
// Redis: weir's ledger with leases (runtime/redisbudget) beside redis_rate, which
// asks Redis at each request. Each side has three processes of its own, this
// program's; those of the other are idle meanwhile. Redis is on loopback, as it
// is or a millisecond further away.
//
// In the latency cases the limit is ample, so nobody waits for it, and what is
// measured is a request's own time in the limiter: before it is sent, and for
// weir also as its answer is noted. Each process makes 500 requests a second in all, however
// many callers it has: six busy processes on few cores would measure the machine's
// scheduler. A caller's request takes the provider a millisecond, and callers
// come at random.
//
// In the calls cases time is accelerated for both sides, and Redis counts the calls.
// Callers either want more than there is, or nine tenths of the limit, so that
// redis_rate refuses next to nothing; where it does, they ask again when it says so.

import (
	"errors"
	"fmt"
	"time"
)

func init() { register("redis", shared) }

const (
	processes = 3 // of each side
	pace      = 2 * time.Millisecond
	speed     = 60 // of time in the calls cases: a minute is a second
	windows   = 3
)

// farther is the round trip that is added.
const farther = time.Millisecond

// latency is the report of a latency case.
type latency struct {
	Bench     string  `json:"bench"`
	Processes int     `json:"processes"`
	Callers   int     `json:"callers"` // of each process
	RoundTrip float64 `json:"added_round_trip_ms"`
	P50       float64 `json:"p50_us"`
	P99       float64 `json:"p99_us"`
	Peer      string  `json:"peer"`
	PeerP50   float64 `json:"peer_p50_us"`
	PeerP99   float64 `json:"peer_p99_us"`
	Ratio     float64 `json:"ratio"` // of the medians
	RatioP99  float64 `json:"ratio_p99"`
	Rate      float64 `json:"requests_per_second"`
	PeerRate  float64 `json:"peer_requests_per_second"`
}

// calls is the report of a calls case. A heartbeat is a call that a member makes
// which does nothing; its ratio is with them.
type calls struct {
	Bench       string  `json:"bench"`
	Processes   int     `json:"processes"`
	Limit       int     `json:"limit_per_window"`
	RoundTrip   float64 `json:"added_round_trip_ms"`
	Calls       float64 `json:"redis_calls_per_request"`
	AllCalls    float64 `json:"redis_calls_per_request_with_heartbeats"`
	Beats       float64 `json:"heartbeats_per_window"` // of all members
	Used        float64 `json:"utilisation"`           // of the limit
	Peer        string  `json:"peer"`
	PeerCalls   float64 `json:"peer_redis_calls_per_request"`
	PeerRefused float64 `json:"peer_refusals_per_request"` // in the above
	PeerUsed    float64 `json:"peer_utilisation"`
	Ratio       float64 `json:"ratio"`
}

func shared(m *meter) error {
	server, err := startRedis()
	if err != nil {
		return err
	}
	defer server.stop()
	far, err := startPart("delay")
	if err != nil {
		return err
	}
	defer far.stop()
	var farAddr string
	if err := errors.Join(far.tell(distance{server.addr, farther / 2}), far.hear(&farAddr)); err != nil {
		return err
	}
	c := circle{meter: m, redis: server}
	if c.ours, err = startTeam(); err != nil {
		return err
	}
	defer c.ours.stop()
	if c.theirs, err = startTeam(); err != nil {
		return err
	}
	defer c.theirs.stop()
	places := []place{{"0-ms", server.addr, 0}, {"1-ms", farAddr, farther}}
	for _, at := range places {
		for _, callers := range []int{1, 16, maxCallers} {
			if err := c.latency(at, callers); err != nil {
				return fmt.Errorf("latency of %d callers, %s: %w", callers, at.name, err)
			}
		}
	}
	for _, at := range places {
		for _, limit := range []int{700, 5000} {
			for _, d := range []demand{{"saturated", 1}, {"nine-tenths", 0.9}} {
				if d.part < 1 && at.added == 0 {
					continue // the distance hardly matters here, and each case takes its time
				}
				if err := c.calls(at, limit, d); err != nil {
					return fmt.Errorf("calls under %d, %s: %w", limit, at.name, err)
				}
			}
		}
	}
	return nil
}
