package budget

// This file has what a counter remembers of its use, for snapshots.

import (
	"math"
	"math/bits"
	"slices"
	"time"

	"github.com/weirkit/weir/runtime/api"
)

// Distribution is how durations are spread. The quantiles are of the newest few
// thousand, and up to a fifth too high; of nothing they are zero.
type Distribution struct {
	// Count is how many there were since the counter was made.
	Count int64
	// P50, P90 and P99 are the durations that so many percent were no longer than.
	P50, P90, P99 time.Duration
	// Max is the longest of those that the quantiles are of.
	Max time.Duration
}

// statistics are kept of each counter, under the ledger's lock.
type statistics struct {
	use           utilisation
	wait, latency histogram
}

// histogram counts durations in classes whose bounds grow by a fifth: four
// classes double a duration, from an eighth of a millisecond to some hours. When
// it has counted much, all counts are halved, so that old ones fade.
//
// There may be very many counters, of few calls each. So the first durations are
// held one by one, and counted only once they are more than fit.
type histogram struct {
	max   time.Duration
	first [8]uint8 // a class + 1 each; 0 where there is none yet
	*counts
}

// counts is how many durations were of each class: of the classes between the
// shortest and the longest seen, and of class 0, of most waits, apart from them.
type counts struct {
	all    int64
	from   uint8    // the class of the first in each
	least  uint16   // of class 0
	recent uint16   // the sum of least and each
	each   []uint16 // of the classes from from on
}

const (
	histogramStart = 17 // the bits of the shortest duration told apart: 131 µs
	histogramSize  = 4*(44-histogramStart) + 1
	histogramFull  = 4096
)

// class is where a duration is counted: the position of its highest bit, and
// the two bits below it.
func class(d time.Duration) int {
	n := uint64(max(d, 0))
	high := bits.Len64(n) - 1
	if high < histogramStart {
		return 0
	}
	return min(4*(high-histogramStart)+int(n>>(high-2)&3)+1, histogramSize-1)
}

// above is the bound that the durations of a class are below.
func above(class int) time.Duration {
	if class == 0 {
		return 1 << histogramStart
	}
	return time.Duration(4+(class-1)%4+1) << (histogramStart + (class-1)/4 - 2)
}

func (h *histogram) note(d time.Duration) {
	h.max = max(h.max, d)
	class := class(d)
	if h.counts == nil {
		if at := slices.Index(h.first[:], 0); at >= 0 {
			h.first[at] = uint8(class + 1)
			return
		}
		h.counts = h.counted()
	}
	h.count(class)
	if h.recent == histogramFull {
		h.fade()
		if longest := h.longest(); longest < histogramSize-1 {
			h.max = min(h.max, above(longest))
		}
	}
}

// counted is the counts of the first durations.
func (h *histogram) counted() *counts {
	var c counts
	for _, class := range h.first {
		if class > 0 {
			c.count(int(class) - 1)
		}
	}
	return &c
}

func (c *counts) count(class int) {
	c.all++
	c.recent++
	if class == 0 {
		c.least++
		return
	}
	switch first, held := int(c.from), len(c.each); {
	case held == 0:
		c.from, c.each = uint8(class), make([]uint16, 1, 4)
	case class < first:
		wider := make([]uint16, first-class+held)
		copy(wider[first-class:], c.each)
		c.from, c.each = uint8(class), wider
	case class >= first+held:
		c.each = append(c.each, make([]uint16, class-first-held+1)...)
	}
	c.each[class-int(c.from)]++
}

func (c *counts) fade() {
	c.least /= 2
	c.recent = c.least
	for i := range c.each {
		c.each[i] /= 2
		c.recent += c.each[i]
	}
}

// longest is the last class with a duration.
func (c *counts) longest() int {
	for i := len(c.each) - 1; i >= 0; i-- {
		if c.each[i] > 0 {
			return int(c.from) + i
		}
	}
	return 0
}

func (h *histogram) distribution() Distribution {
	c := h.counts
	if c == nil {
		c = h.counted()
	}
	quantile := func(q float64) time.Duration {
		if class := c.quantile(q); class < histogramSize-1 {
			return min(above(class), h.max)
		}
		return h.max
	}
	return Distribution{Count: c.all, P50: quantile(0.5), P90: quantile(0.9), P99: quantile(0.99), Max: h.max}
}

// quantile is the class of a quantile; the last of all where nothing was counted.
func (c *counts) quantile(q float64) int {
	rank := uint16(math.Ceil(q * float64(c.recent)))
	if rank > 0 && rank <= c.least {
		return 0
	}
	rank -= c.least
	for i, n := range c.each {
		if rank <= n {
			return int(c.from) + i
		}
		rank -= n
	}
	return histogramSize - 1
}

// utilisation is how much of a limit went in one turnover after the other.
type utilisation struct {
	ends      moment // of the present one; 0 before the first
	now, last int64  // cost, or for concurrency cost times nanoseconds; last is none before the first is over
}

const none = -1

func (u *utilisation) roll(now moment, turnover time.Duration) {
	switch {
	case turnover <= 0:
	case u.ends == 0:
		u.ends, u.last = now.add(turnover), none
	case now >= u.ends:
		turns := now.sub(u.ends)/turnover + 1
		u.last = 0
		if turns == 1 {
			u.last = u.now
		}
		u.now = 0
		u.ends = u.ends.add(turns * turnover)
	}
}

func (u *utilisation) took(now moment, turnover time.Duration, n int64) {
	u.roll(now, turnover)
	u.now += n
}

// align moves the end of the present turnover to the end of a window, once that
// is known: what goes at the beginnings of two windows is of two turnovers.
func (u *utilisation) align(now, end moment, turnover time.Duration) {
	if u.ends != 0 && end > now && end <= now.add(turnover) {
		u.ends = end
	}
}

// utilised is the part of the limit that the last whole turnover used.
func (c *counter) utilised(now moment) float64 {
	turnover := c.meter.turnover()
	c.seen.use.roll(now, turnover)
	if c.seen.use.last == none {
		return 0
	}
	most := float64(limitOf(c.shape()))
	switch s := c.shape().(type) {
	case api.Concurrency:
		most *= float64(turnover)
	case api.Adaptive:
		most = api.Sustained(s) * turnover.Seconds()
	case api.Unlimited:
		return 0
	}
	return float64(c.seen.use.last) / most
}

// answeredAfter notes an answer, and what it cost. That is of the turnover in
// which it is known.
func (c *counter) answeredAfter(latency time.Duration, now moment, cost int) {
	c.seen.latency.note(latency)
	c.went(now, cost)
	if w, ok := c.meter.(*window); ok {
		if e := w.current(now); e != nil {
			c.seen.use.align(now, e.latest, w.per)
		}
	}
}

// went notes that a cost was used.
func (c *counter) went(now moment, cost int) {
	if _, ok := c.meter.(*concurrency); !ok {
		c.seen.use.took(now, c.meter.turnover(), int64(cost))
	}
}

// doneAfter notes that a call has ended, for what is counted while it lasts.
func (c *counter) doneAfter(lasted time.Duration, now moment, cost int) {
	if _, ok := c.meter.(*concurrency); ok {
		c.seen.use.took(now, c.meter.turnover(), int64(lasted)*int64(cost))
	}
}
