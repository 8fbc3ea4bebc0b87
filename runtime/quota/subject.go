package quota

// This file tells which limit numbers are of.

import (
	"strings"
	"time"

	"github.com/weirkit/weir/runtime/api"
)

// known is what the annotations say of a limit, under any plan.
type known struct {
	shapes  []api.Shape
	longest time.Duration // the longest that its window may last; zero if it has none
	most    int           // the largest number of any plan
}

func knownLimits(desc *api.API) map[string]*known {
	limits := map[string]*known{}
	note := func(limit string, s api.Shape) {
		k := limits[limit]
		if k == nil {
			k = &known{}
			limits[limit] = k
		}
		k.shapes = append(k.shapes, s)
		most, _ := api.Capacity(s)
		k.most = max(k.most, most)
		if w, ok := s.(api.Window); ok {
			k.longest = max(k.longest, w.Per+w.Per/10+5*time.Second)
		}
	}
	for _, l := range desc.Limits {
		note(l.Name, l.Shape)
	}
	for _, p := range desc.Plans {
		for _, l := range p.Limits {
			note(l.Limit, l.Shape)
		}
	}
	return limits
}

// bound is how far off a limit's reset may be. A window that is told to last
// longer is another limit's, or misread.
func (r *Reader) bound(k *known) time.Duration {
	if k != nil && k.longest > 0 {
		return k.longest
	}
	return r.cap
}

// only is the number of a limit that is the same under all plans; -1 if there
// is none.
func (k *known) only() int {
	if k == nil {
		return -1
	}
	n := -1
	for _, s := range k.shapes {
		most, ok := api.Capacity(s)
		if !ok || n >= 0 && most != n {
			return -1
		}
		n = most
	}
	return n
}

// has reports whether the limit may have so many (any, if negative) in windows
// of such a length (any, if zero).
func (k *known) has(most int, window time.Duration) bool {
	if k == nil {
		return false
	}
	for _, s := range k.shapes {
		if n, _ := api.Capacity(s); most >= 0 && n != most {
			continue
		}
		w, ok := s.(api.Window)
		if window == 0 || ok && w.Per == window {
			return true
		}
	}
	return false
}

// match finds the limit that the operation draws on by its window's length and
// its number, and is empty where none or several would do. The window counts
// for more: numbers depend on the plan, and on what the provider sold.
func (r *Reader) match(op *api.Operation, most int, window time.Duration) string {
	if window > 0 {
		if found, n := r.matching(op, -1, window); n < 2 {
			return found
		}
	}
	if most > 0 {
		if found, n := r.matching(op, most, window); n == 1 {
			return found
		}
	}
	return ""
}

func (r *Reader) matching(op *api.Operation, most int, window time.Duration) (found string, n int) {
	for i, d := range op.Draws {
		if r.limits[d.Limit].has(most, window) && !drawsBefore(op, i) {
			found = d.Limit
			n++
		}
	}
	return found, n
}

// drawsBefore reports whether an earlier draw is on the same limit.
func drawsBefore(op *api.Operation, i int) bool {
	for _, d := range op.Draws[:i] {
		if d.Limit == op.Draws[i].Limit {
			return true
		}
	}
	return false
}

// names translates a provider's names of limits to ours.
type names map[string]string

// newNames makes look-ups independent of case, since header names have none.
func newNames(m map[string]string) names {
	lower := make(names, len(m))
	for k, v := range m {
		lower[strings.ToLower(k)] = v
	}
	return lower
}

// ours is our name of a limit. A name that is not translated is looked for
// without its last part, again and again, and else taken as it is.
func (m names) ours(theirs string) string {
	theirs = strings.TrimSpace(theirs)
	if name, ok := m.lookup(theirs); ok {
		return name
	}
	return theirs
}

func (m names) lookup(theirs string) (string, bool) {
	key := strings.ToLower(theirs)
	for key != "" && len(m) > 0 {
		if name, ok := m[key]; ok {
			return name, true
		}
		key = key[:max(strings.LastIndexAny(key, "/:"), 0)]
	}
	return "", false
}

// drawn is the first of the limits that the operation draws on; without any
// given, the one that it draws on in any case, or else its first. It is empty
// where there is none.
func drawn(op *api.Operation, of []string) string {
	for _, limit := range of {
		for i := range op.Draws {
			if op.Draws[i].Limit == limit {
				return limit
			}
		}
	}
	if len(of) > 0 || len(op.Draws) == 0 {
		return ""
	}
	for i := range op.Draws {
		if op.Draws[i].When == nil {
			return op.Draws[i].Limit
		}
	}
	return op.Draws[0].Limit
}
