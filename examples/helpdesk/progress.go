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

	"github.com/weirkit/weir/runtime"
	"github.com/weirkit/weir/runtime/clock"
)

// progress is a bar with the time left, in the provider's time. The zero
// progress shows nothing.
type progress struct {
	mu      sync.Mutex
	bar     *progressbar.ProgressBar
	clock   clock.Clock
	started time.Time
	client  *runtime.Client // makes the requests, and foretells; nil where that is another
	total   int
	done    int
	stop    chan struct{} // ends the drawing
	stopped chan struct{}
}

// newProgress shows a bar on out if that is a terminal.
func newProgress(out *os.File, cl clock.Clock) *progress {
	p := &progress{clock: cl, started: cl.Now()}
	if term.IsTerminal(int(out.Fd())) {
		p.bar = progressbar.NewOptions(-1,
			progressbar.OptionSetWriter(io.Writer(out)),
			progressbar.OptionSetPredictTime(false),
			progressbar.OptionSetElapsedTime(false),
			progressbar.OptionSetWidth(30),
			progressbar.OptionClearOnFinish(),
		)
		p.stop, p.stopped = make(chan struct{}), make(chan struct{})
		go p.run()
	}
	return p
}

// run draws the bar anew now and then: time passes while nothing else does.
func (p *progress) run() {
	defer close(p.stopped)
	ticker := time.NewTicker(50 * time.Millisecond)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			p.draw()
		case <-p.stop:
			p.bar.Finish() // see draw
			return
		}
	}
}

func (p *progress) draw() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.bar.ChangeMax(max(p.total, 1))
	p.bar.Describe(fmt.Sprintf("%d of %d requests, %v left", p.done, p.total, p.left().Round(time.Second)))
	p.bar.Set(p.done) // a bar that cannot be drawn is no reason to stop
}

// expect adds n requests that are known to be needed.
func (p *progress) expect(n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.total += n
}

// step counts one request that is done.
func (p *progress) step() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done++
}

// of tells whose requests these are.
func (p *progress) of(c *runtime.Client) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.client = c
}

// left is how long the rest takes: by the client's forecast, or else as the
// requests so far went.
func (p *progress) left() time.Duration {
	requests := p.total - p.done
	if p.client == nil {
		if p.done == 0 {
			return 0
		}
		return time.Duration(float64(p.clock.Now().Sub(p.started)) / float64(p.done) * float64(requests))
	}
	for _, c := range p.client.Ledger().Snapshot().Counters {
		if c.Key.Limit == "help_center" {
			requests -= c.InFlight // they have their places
		}
	}
	outlook, err := p.client.Forecast(map[string]int{"Articles.Show": max(requests, 0)})
	if err != nil {
		return 0
	}
	return outlook.Ends
}

func (p *progress) finish() {
	if p.bar != nil {
		close(p.stop)
		<-p.stopped
	}
}
