package generator

import (
	"fmt"
	"strconv"
)

// scope is a set of names in which each is given once.
type scope map[string]bool

// take gives the first of the wishes that is free, or else the last of them
// with the lowest number from 2 that is.
func (s scope) take(wishes ...string) string {
	for _, w := range wishes {
		if !s[w] {
			s[w] = true
			return w
		}
	}
	last := wishes[len(wishes)-1]
	if last != "" && isDigit(last[len(last)-1]) {
		last += "_"
	}
	for n := 2; ; n++ {
		if name := last + strconv.Itoa(n); !s[name] {
			s[name] = true
			return name
		}
	}
}

// reserve keeps names from being given.
func (s scope) reserve(names ...string) {
	for _, n := range names {
		s[n] = true
	}
}

// operationKey is how annotations and reports speak of an operation.
func operationKey(method, path string) string { return fmt.Sprintf("%s %s", method, path) }
