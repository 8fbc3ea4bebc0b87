package budget

import (
	"time"

	"github.com/weirkit/weir/runtime/api"
)

// concurrency is the meter of M at once. A charge is free when the body of its
// answer has ended: until then the provider may be at work on it.
type concurrency struct {
	max  int
	open int // answered, and the body has not ended
}

func (m *concurrency) reshape(shape api.Shape, size int) bool {
	_, ok := shape.(api.Concurrency)
	m.max = size
	return ok
}

func (m *concurrency) used(moment) int          { return m.open }
func (m *concurrency) answered(_ moment, n int) { m.open += n }
func (m *concurrency) done(n int)               { m.open = max(m.open-n, 0) }
func (m *concurrency) advance(moment)           {}
func (m *concurrency) spare(moment) int         { return 0 }
func (m *concurrency) next(moment) moment       { return never }
func (m *concurrency) turnover() time.Duration  { return maxPatience }

func (m *concurrency) soonest(now moment, need, inFlight int, _ bool) moment {
	if m.open+inFlight+need <= m.max {
		return now
	}
	return never
}
