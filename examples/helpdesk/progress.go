package main

// This file shows how far a sync is, on a terminal only.

import (
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"github.com/weirkit/weir/runtime/clock"
)

// progress is a bar with the time left, in the provider's time. The zero
// progress shows nothing.
type progress struct {
	mu      sync.Mutex
	bar     *progressbar.ProgressBar
	clock   clock.Clock
	started time.Time
	perTurn int // what the provider allows in a minute; zero where that is unknown
	total   int
	done    int
}

// newProgress shows a bar on out if that is a terminal.
func newProgress(out *os.File, cl clock.Clock, perMinute int) *progress {
	p := &progress{clock: cl, started: cl.Now(), perTurn: perMinute}
	if term.IsTerminal(int(out.Fd())) {
		p.bar = progressbar.NewOptions(-1,
			progressbar.OptionSetWriter(io.Writer(out)),
			progressbar.OptionSetPredictTime(false),
			progressbar.OptionThrottle(50*time.Millisecond),
			progressbar.OptionSetWidth(30),
			progressbar.OptionClearOnFinish(),
		)
	}
	return p
}

// expect adds n requests that are known to be needed.
func (p *progress) expect(n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.total += n
	if p.bar != nil {
		p.bar.ChangeMax(p.total)
	}
}

// step counts one request that is done.
func (p *progress) step() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done++
	if p.bar == nil {
		return
	}
	p.bar.Describe(fmt.Sprintf("%d of %d requests, %v left", p.done, p.total, p.left().Round(time.Second)))
	p.bar.Add(1) //nolint:errcheck // a bar that cannot be drawn is no reason to stop
}

// left is how long the rest takes: what fits a minute goes at once, so the
// turns of the provider's window that are still to come decide.
func (p *progress) left() time.Duration {
	elapsed := p.clock.Now().Sub(p.started)
	if p.perTurn == 0 {
		if p.done == 0 {
			return 0
		}
		return time.Duration(float64(elapsed) / float64(p.done) * float64(p.total-p.done))
	}
	end := time.Duration((p.total-1)/p.perTurn) * time.Minute
	return max(0, end-elapsed)
}

func (p *progress) finish() {
	if p.bar != nil {
		p.bar.Finish() //nolint:errcheck // see step
	}
}
