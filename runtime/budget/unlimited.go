package budget

import (
	"time"

	"github.com/weirkit/weir/runtime/api"
)

// unlimited is the meter that counts nothing: its counter never makes a call wait, unless it is frozen.
type unlimited struct{}

func (unlimited) reshape(shape api.Shape, _ int) bool {
	switch shape.(type) {
	case api.Window, api.Bucket, api.Concurrency:
		return false
	}
	return true
}
func (unlimited) advance(moment)                              {}
func (unlimited) used(moment) int                             { return 0 }
func (unlimited) spare(moment) int                            { return 0 }
func (unlimited) answered(moment, int)                        {}
func (unlimited) done(int)                                    {}
func (unlimited) next(moment) moment                          { return never }
func (unlimited) soonest(now moment, _, _ int, _ bool) moment { return now }
func (unlimited) turnover() time.Duration                     { return 0 }
