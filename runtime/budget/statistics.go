package budget

// This file has what a counter remembers of its use, for snapshots.

import (
	"math"
	"math/bits"
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
// There may be very many counters, each with durations of a few classes. So only
// the classes between the shortest and the longest seen are held, and the first
// class, of most waits, apart from them.
type histogram struct {
	all    int64
	max    time.Duration
	counts []uint16 // of the classes from first on
	first  uint8
	least  uint16 // the count of class 0
	recent uint16 // the sum of least and counts
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
	h.all++
	h.max = max(h.max, d)
	if class := class(d); class == 0 {
		h.least++
	} else {
		*h.count(class)++
	}
	if h.recent++; h.recent == histogramFull {
		h.fade()
	}
}

// count is where a class above the first is counted; it makes room for it.
func (h *histogram) count(class int) *uint16 {
	switch first, held := int(h.first), len(h.counts); {
	case held == 0:
		h.first, h.counts = uint8(class), make([]uint16, 1, 4)
	case class < first:
		wider := make([]uint16, first-class+held)
		copy(wider[first-class:], h.counts)
		h.first, h.counts = uint8(class), wider
	case class >= first+held:
		h.counts = append(h.counts, make([]uint16, class-first-held+1)...)
	}
	return &h.counts[class-int(h.first)]
}

func (h *histogram) fade() {
	h.least /= 2
	h.recent = h.least
	longest := 0
	for i := range h.counts {
		h.counts[i] /= 2
		h.recent += h.counts[i]
		if h.counts[i] > 0 {
			longest = int(h.first) + i
		}
	}
	if longest < histogramSize-1 {
		h.max = min(h.max, above(longest))
	}
}

func (h *histogram) distribution() Distribution {
	return Distribution{Count: h.all, P50: h.quantile(0.5), P90: h.quantile(0.9), P99: h.quantile(0.99), Max: h.max}
}

func (h *histogram) quantile(q float64) time.Duration {
	rank := uint16(math.Ceil(q * float64(h.recent)))
	if rank == 0 {
		return h.max
	}
	if rank <= h.least {
		return min(above(0), h.max)
	}
	rank -= h.least
	for i, n := range h.counts {
		if class := int(h.first) + i; rank <= n && class < histogramSize-1 {
			return min(above(class), h.max)
		}
		rank -= min(n, rank)
	}
	return h.max
}

// utilisation is how much of a limit went in one turnover after the other.
type utilisation struct {
	ends         moment // of the present one; 0 before the first
	now, last    int64  // cost, or for concurrency cost times nanoseconds
	whole, began bool
}

func (u *utilisation) roll(now moment, turnover time.Duration) {
	switch {
	case turnover <= 0:
	case !u.began:
		u.began, u.ends = true, now.add(turnover)
	case now >= u.ends:
		turns := now.sub(u.ends)/turnover + 1
		u.last, u.whole = 0, true
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
	if u.began && end > now && end <= now.add(turnover) {
		u.ends = end
	}
}

// utilised is the part of the limit that the last whole turnover used.
func (c *counter) utilised(now moment) float64 {
	turnover := c.meter.turnover()
	c.seen.use.roll(now, turnover)
	if !c.seen.use.whole {
		return 0
	}
	most := float64(limitOf(c.shape))
	switch s := c.shape.(type) {
	case api.Concurrency:
		most *= float64(turnover)
	case api.Adaptive:
		most = api.Sustained(s) * turnover.Seconds()
	case api.Unlimited:
		return 0
	}
	return float64(c.seen.use.last) / most
}

// admittedAfter notes an admission.
func (c *counter) admittedAfter(wait time.Duration, now moment, cost int) {
	c.seen.wait.note(wait)
	if _, ok := c.meter.(*concurrency); !ok {
		c.seen.use.took(now, c.meter.turnover(), int64(cost))
	}
}

// gaveBack notes that a charge was not used.
func (c *counter) gaveBack(cost int) {
	if _, ok := c.meter.(*concurrency); !ok {
		c.seen.use.now = max(c.seen.use.now-int64(cost), 0)
	}
}

// answeredAfter notes an answer. What it cost more or less than was charged is
// of the turnover in which that is known.
func (c *counter) answeredAfter(latency time.Duration, now moment, more int) {
	c.seen.latency.note(latency)
	turnover := c.meter.turnover()
	if w, ok := c.meter.(*window); ok {
		if e := w.current(now); e != nil {
			c.seen.use.align(now, e.latest, turnover)
		}
	}
	if _, ok := c.meter.(*concurrency); !ok && more != 0 {
		c.seen.use.took(now, turnover, int64(more))
	}
}

// doneAfter notes that a call has ended, for what is counted while it lasts.
func (c *counter) doneAfter(lasted time.Duration, now moment, cost int) {
	if _, ok := c.meter.(*concurrency); ok {
		c.seen.use.took(now, c.meter.turnover(), int64(lasted)*int64(cost))
	}
}
