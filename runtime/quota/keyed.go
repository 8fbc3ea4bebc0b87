package quota

// This file reads families of one header for each limit, with the numbers by
// keys: zendesk-ratelimit-tickets-index: total=100; remaining=99; resets=41.

import (
	"net/http"
	"slices"
	"strings"

	"github.com/weirkit/weir/runtime/api"
)

type keyed struct {
	api.QuotaHeaders
	ours names
	// byHeader is our name of a limit by the whole header's canonical name.
	byHeader map[string]string
}

func newKeyed(q api.QuotaHeaders) *keyed {
	q.Prefix = http.CanonicalHeaderKey(q.Prefix)
	k := &keyed{QuotaHeaders: q, ours: newNames(q.Limits), byHeader: map[string]string{}}
	for theirs, ours := range q.Limits {
		k.byHeader[http.CanonicalHeaderKey(q.Prefix+theirs)] = ours
	}
	return k
}

func (k *keyed) read(a *answer) {
	var some [8]string
	headers := some[:0]
	for name := range a.header {
		// With a limit's name after the prefix.
		if len(name) > len(k.Prefix) && strings.HasPrefix(name, k.Prefix) {
			headers = append(headers, name)
		}
	}
	slices.Sort(headers)
	for _, name := range headers {
		limit, ok := k.byHeader[name]
		if !ok {
			limit = k.ours.ours(strings.ToLower(name[len(k.Prefix):]))
		}
		for _, value := range a.header[name] {
			a.say(limit, name, k.numbers(value), Annotated)
		}
	}
}

func (k *keyed) numbers(value string) numbers {
	n := numbers{max: -1, remaining: -1, used: -1, resetIs: k.ResetIs}
	for key, value := range keyValues(value) {
		switch {
		case strings.EqualFold(key, k.Limit):
			n.max = count(value)
		case strings.EqualFold(key, k.Remaining):
			n.remaining = count(value)
		case strings.EqualFold(key, k.Reset):
			n.reset = value
		case k.Used != "" && strings.EqualFold(key, k.Used):
			n.used = count(value)
		case k.Window != "" && strings.EqualFold(key, k.Window):
			n.window = length(value, k.WindowIs)
		}
	}
	return n
}

// keyValues are the pairs of total=100; remaining=99, or of total=100, remaining=99.
func keyValues(s string) func(yield func(key, value string) bool) {
	return func(yield func(key, value string) bool) {
		for s != "" {
			pair := s
			if i := strings.IndexAny(s, ";,"); i >= 0 {
				pair, s = s[:i], s[i+1:]
			} else {
				s = ""
			}
			key, value, _ := strings.Cut(pair, "=")
			if !yield(strings.TrimSpace(key), strings.Trim(strings.TrimSpace(value), `"`)) {
				return
			}
		}
	}
}
