package quota

// This file recognises families that nobody annotated, by the names of their
// headers: x-ratelimit-*, x-rate-limit-*, ratelimit-*, *-ratelimit-*. Each word
// of a name has a role (limit, remaining, reset, …) or is part of the name of
// what is counted, as in x-ratelimit-remaining-tokens and
// anthropic-ratelimit-tokens-remaining.

import (
	"cmp"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/weirkit/weir/runtime/api"
)

// role is what a header tells.
type role int

const (
	none role = iota
	limitRole
	remainingRole
	usedRole
	resetRole
	windowRole
	namesRole
	policyRole
	ignoredRole
)

// roles by the words in use.
var roles = map[string]role{
	"limit": limitRole, "max": limitRole, "maximum": limitRole, "total": limitRole, "capacity": limitRole,
	"remaining": remainingRole, "left": remainingRole, "available": remainingRole,
	"used": usedRole, "observed": usedRole, "consumed": usedRole,
	"reset": resetRole, "resets": resetRole, "resettime": resetRole,
	"interval": windowRole, "window": windowRole, "period": windowRole,
	"resource": namesRole, "name": namesRole,
	"policy": policyRole,
	"retry":  ignoredRole, "nearlimit": ignoredRole, "reason": ignoredRole, "bucket": ignoredRole, "scope": ignoredRole,
	"global": ignoredRole, "cost": ignoredRole, "type": ignoredRole, "key": ignoredRole,
}

// lengths of windows by the words in use.
var lengths = map[string]time.Duration{
	"second": time.Second, "secondly": time.Second, "minute": time.Minute, "minutely": time.Minute,
	"hour": time.Hour, "hourly": time.Hour, "day": 24 * time.Hour, "daily": 24 * time.Hour,
}

// word is a header's name, understood.
type word struct {
	header string // canonical
	role   role
	is     api.ResetEncoding // of resets and windows, where the name tells
	base   string            // of the draft's headers: the name up to and with RateLimit
	family string            // what tells one family from another
	counts string            // the name of what is counted: tokens, or nothing
}

// understand splits a canonical header name into its words, and reports whether
// it is about rate limits.
func understand(header string) (word, bool) {
	tokens := strings.FieldsFunc(strings.ToLower(header), func(c rune) bool { return c == '-' || c == '_' })
	after := 0
	for i, t := range tokens {
		if t == "ratelimit" || t == "ratelimits" {
			after = i + 1
			break
		}
		if t == "rate" && i+1 < len(tokens) && (tokens[i+1] == "limit" || tokens[i+1] == "limits") {
			after = i + 2
			break
		}
	}
	if after == 0 {
		return word{}, false
	}
	w := word{header: header, base: http.CanonicalHeaderKey(strings.Join(tokens[:after], "-"))}
	var counts []string
	for _, t := range tokens[after:] {
		switch r := roles[t]; {
		case t == "ms" || t == "milliseconds" || t == "millis":
			w.is = api.DeltaMillis
		case t == "after" || t == "in" || t == "at" || t == "time" || t == "seconds" || t == "utc" || t == "epoch":
			// They tell how a reset is written, and so does its value.
		case r == none:
			counts = append(counts, t)
		case w.role == none || r == ignoredRole:
			w.role = r
		}
	}
	w.counts = strings.Join(counts, "-")
	w.family = w.base + " " + w.counts
	if w.role == windowRole && w.is == "" {
		w.is = api.DeltaSeconds
	}
	return w, true
}

// inferred recognises the families of an API that has none annotated.
type inferred struct {
	mu    sync.RWMutex
	words map[string]word // by header; those of no interest have no header of their own
}

// mostWords bounds what is remembered of header names.
const mostWords = 512

func newInferred() *inferred { return &inferred{words: map[string]word{}} }

func (f *inferred) word(header string) (word, bool) {
	f.mu.RLock()
	w, ok := f.words[header]
	f.mu.RUnlock()
	if ok {
		return w, w.header != ""
	}
	w, about := understand(header)
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.words) < mostWords {
		f.words[header] = w
	}
	return w, about
}

func (f *inferred) read(a *answer) {
	var some [16]word
	words := some[:0]
	for header := range a.header {
		if w, ok := f.word(header); ok && w.role != ignoredRole {
			words = append(words, w)
		}
	}
	if len(words) == 0 {
		return
	}
	slices.SortFunc(words, func(a, b word) int {
		return cmp.Or(cmp.Compare(a.family, b.family), cmp.Compare(a.header, b.header))
	})
	families := 0
	for i := range words {
		if i == 0 || words[i].family != words[i-1].family {
			families++
		}
	}
	for start := 0; start < len(words); {
		end := start + 1
		for end < len(words) && words[end].family == words[start].family {
			end++
		}
		f.readFamily(a, words[start:end], families == 1)
		start = end
	}
}

// readFamily reads the headers of one family, of which there may be others.
func (f *inferred) readFamily(a *answer, words []word, alone bool) {
	n := numbers{max: -1, remaining: -1, used: -1}
	from, named := words[0].header, ""
	told := false
	for _, w := range words {
		value := first(a.header, w.header)
		switch {
		case w.role == policyRole, w.role == limitRole && strings.Contains(value, ";"), w.role == none && w.counts == "" && isStructured(value):
			newDraft(api.QuotaHeaders{IETF: w.base}, Certain).read(a)
			return
		case w.role == none && strings.Contains(value, "="):
			f.readKeyed(a, w, value)
		case w.role == limitRole || w.role == none:
			n.max = smaller(n.max, count(value))
			told = told || n.max >= 0
		case w.role == remainingRole:
			n.remaining, from, told = least(value), w.header, true
		case w.role == usedRole:
			n.used, told = count(value), true
		case w.role == resetRole:
			if w.is == "" && n.reset != "" && !isDecimal(value) {
				break // of several forms the first counts, and a number is finer than a date
			}
			n.reset, n.resetIs, told = value, w.is, true
		case w.role == windowRole:
			n.window = length(value, w.is)
		case w.role == namesRole:
			named = value
		}
	}
	if !told {
		return
	}
	if n.window == 0 {
		n.window = lengths[words[0].counts]
	}
	limit, c := f.subject(a, named, words[0].counts, n, alone)
	a.say(limit, from, n, c)
}

// readKeyed reads total=100; remaining=99; resets=41.
func (f *inferred) readKeyed(a *answer, w word, value string) {
	n := numbers{max: -1, remaining: -1, used: -1}
	for key, value := range keyValues(value) {
		switch roles[strings.ToLower(key)] {
		case limitRole:
			n.max = count(value)
		case remainingRole:
			n.remaining = count(value)
		case usedRole:
			n.used = count(value)
		case resetRole:
			n.reset = value
		}
	}
	limit, c := f.subject(a, "", w.counts, n, false)
	a.say(limit, w.header, n, c)
}

// subject is the limit that a family's numbers are of: the one that is named;
// the one that has its window and numbers; or else the operation's only one.
func (f *inferred) subject(a *answer, named, counts string, n numbers, alone bool) (string, Confidence) {
	if named != "" {
		for _, d := range a.op.Draws {
			if a.reader.limits[named] == nil && sameName(d.Limit, named) {
				return d.Limit, Likely
			}
		}
		return named, Likely // perhaps one that the call did not draw on: no harm is done
	}
	if limit, n := drawnLike(a.op, counts); n == 1 {
		return limit, Likely
	}
	if limit := a.reader.match(a.op, n.max, n.window); limit != "" {
		return limit, Likely
	}
	if len(a.op.Draws) != 1 || counts != "" && counts != "requests" && !alone {
		return "", Guess
	}
	only := a.op.Draws[0].Limit
	if k := a.reader.limits[only]; n.window > 0 && k != nil && k.longest > 0 && !k.has(-1, n.window) {
		return "", Guess
	}
	return only, Guess
}

// drawnLike is the limit that the operation draws on whose name is like the
// words, and how many there are.
func drawnLike(op *api.Operation, words string) (limit string, n int) {
	for i, d := range op.Draws {
		if sameName(d.Limit, words) && !drawsBefore(op, i) {
			limit = d.Limit
			n++
		}
	}
	return limit, n
}

// sameName reports whether one of the names has the words of the other.
func sameName(ours, theirs string) bool {
	plain := func(s string) string {
		return strings.Map(func(c rune) rune {
			if c == '-' || c == '_' || c == '.' || c == ' ' {
				return -1
			}
			return c
		}, strings.ToLower(s))
	}
	a, b := plain(ours), plain(theirs)
	return len(b) > 2 && strings.Contains(a, b) || len(a) > 2 && strings.Contains(b, a)
}

// isStructured reports whether a value looks like one of the draft's.
func isStructured(value string) bool {
	return strings.ContainsAny(value, `=";`) && !isDecimal(value)
}
