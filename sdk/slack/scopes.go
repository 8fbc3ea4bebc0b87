package slack

import (
	"strings"

	"github.com/weirkit/weir/runtime"
)

// Scopes are what a token may do, and what a call would have needed.
type Scopes struct {
	// Needed are the scopes of which the method wants one.
	Needed []string
	// Provided are those that the token has.
	Provided []string
}

// ScopesOf tells the scopes of an error with the code missing_scope, which is
// also [runtime.ErrForbidden]; ok is false where err does not tell any.
func ScopesOf(err error) (s Scopes, ok bool) {
	told, ok := runtime.Detail[struct {
		Needed   string `json:"needed"`
		Provided string `json:"provided"`
	}](err)
	if !ok || told.Needed == "" && told.Provided == "" {
		return Scopes{}, false
	}
	return Scopes{Needed: scopes(told.Needed), Provided: scopes(told.Provided)}, true
}

// scopes are the parts of a list that is joined by commas.
func scopes(list string) []string {
	return strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == ' ' })
}
