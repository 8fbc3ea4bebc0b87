package parallel

import "errors"

// Option changes how calls fail, or in which order their results come.
type Option func(*config) error

type config struct {
	by        string // the function that is configured
	allErrors bool
	anyOrder  bool
}

// WithAllErrors has an error of one call leave the others alone: all items are
// worked through. Each of the errors is an *[ItemError] that names its item.
// Each, EachSeq and Map return them joined (errors.Join), in the order of the
// items, and so keep them all until the end; MapSeq yields each in its place,
// and goes on.
//
// What ends the work nevertheless, and comes last among the errors, is the end of
// the context or an error of the sequence.
func WithAllErrors() Option {
	return func(c *config) error { c.allErrors = true; return nil }
}

// WithoutOrder has MapSeq yield results as they come, so that one slow call
// does not hold up the results of those behind it. Have do return what tells to
// which item a result belongs. The other functions refuse it: Each has no results,
// and Map returns all of them at once.
func WithoutOrder() Option {
	return func(c *config) error {
		if c.by != "MapSeq" {
			return errors.New("WithoutOrder is for MapSeq: " + c.by + " yields nothing on the way")
		}
		c.anyOrder = true
		return nil
	}
}
