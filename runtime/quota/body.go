package quota

// This file reads the numbers that stand in bodies.

import (
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/jsonpath"
)

// inBody is an annotated place in bodies, its paths relative to what they have
// in common, so that a large body is searched once.
type inBody struct {
	api.QuotaBody
	common api.Path
	from   string
}

func bodies(desc *api.API) []inBody {
	var all []inBody
	for _, q := range desc.QuotaBodies {
		b := inBody{QuotaBody: q}
		paths := []*api.Path{&b.Limit, &b.Remaining, &b.Reset, &b.Cost, &b.Requested, &b.Restore}
		for _, p := range paths {
			if len(*p) == 0 {
				continue
			}
			parent := (*p)[:len(*p)-1]
			if b.common == nil {
				b.common = parent
			}
			n := 0
			for n < min(len(b.common), len(parent)) && b.common[n] == parent[n] {
				n++
			}
			b.common = b.common[:n]
		}
		for _, p := range paths {
			if len(*p) > 0 {
				*p = (*p)[len(b.common):]
			}
		}
		b.from = "$." + strings.Join(b.common, ".")
		all = append(all, b)
	}
	return all
}

func (b *inBody) subject(op *api.Operation) string { return drawn(op, b.Of) }

// part is what all paths have in common.
func (b *inBody) part(body []byte) []byte {
	if len(body) == 0 {
		return nil
	}
	part, _ := jsonpath.Lookup(body, b.common)
	return part
}

func (b *inBody) read(a *answer, body []byte) {
	part := b.part(body)
	if part == nil {
		return
	}
	a.say(b.subject(a.op), b.from, numbers{
		max: count(value(part, b.Limit)), remaining: count(value(part, b.Remaining)), used: -1,
		reset: value(part, b.Reset), resetIs: b.ResetIs,
	}, Annotated)
}

// cost is what the call has taken: -1 where that is not told.
func (b *inBody) cost(body []byte) int {
	if len(b.Cost) == 0 {
		return -1
	}
	return roundUp(value(b.part(body), b.Cost))
}

// restored is how long it takes until what the refused call asks for is there.
func (b *inBody) restored(body []byte) (time.Duration, bool) {
	if len(b.Requested) == 0 || len(b.Restore) == 0 {
		return 0, false
	}
	part := b.part(body)
	requested, remaining := roundUp(value(part, b.Requested)), count(value(part, b.Remaining))
	rate, err := strconv.ParseFloat(value(part, b.Restore), 64)
	if requested < 0 || remaining < 0 || err != nil || !(rate > 0) {
		return 0, false
	}
	seconds := math.Ceil(float64(max(requested-remaining, 0)) / rate)
	if seconds > beyondReason.Seconds() {
		return 0, false
	}
	return time.Duration(seconds) * time.Second, true
}

// value is what stands at a path, as text; empty where nothing does, or null.
func value(part []byte, path api.Path) string {
	if part == nil || len(path) == 0 {
		return ""
	}
	raw, ok := jsonpath.Lookup(part, path)
	if !ok || string(raw) == "null" {
		return ""
	}
	return jsonpath.Text(raw)
}
