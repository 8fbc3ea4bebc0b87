package runtime_test

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/weirkit/weir/runtime"
	"github.com/weirkit/weir/runtime/graphql"
	"github.com/weirkit/weir/runtime/retry"
)

// unluckyPoints fails by chance before the provider counts or after it has.
type unluckyPoints struct {
	*pointsProvider
	chance *rand.Rand
}

func (u unluckyPoints) RoundTrip(r *http.Request) (*http.Response, error) {
	luck := u.chance.Float64()
	if luck < 0.03 {
		return nil, errConnection
	}
	resp, err := u.pointsProvider.RoundTrip(r)
	if luck < 0.06 && err == nil && resp.StatusCode == http.StatusOK {
		resp.ContentLength += 10 // it breaks off
		resp.Body = io.NopCloser(io.MultiReader(io.LimitReader(resp.Body, 20), brokenBody{}))
	}
	return resp, err
}

// Whatever happens on the way, a list comes whole and in order, by one loop or by
// several that resume each other; and no query is refused for lack of points that
// answers had told of.
func TestQueryListComesWhole(t *testing.T) {
	for seed := range uint64(60) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { comesWhole(t, rand.New(rand.NewPCG(seed, 7))) })
		})
	}
}

func comesWhole(t *testing.T, chance *rand.Rand) {
	total, most, cost := 1+chance.IntN(900), 1+chance.IntN(100), 1+chance.IntN(5)
	p := &pointsProvider{latency: time.Duration(chance.IntN(500)) * time.Millisecond, cost: func(queried) int { return cost }}
	p.answer = func(_ int, q queried) reaction {
		first, _ := q.vars["first"].(float64)
		switch luck := chance.Float64(); {
		case luck < 0.05:
			return reaction{status: 502, body: "<html>"}
		case luck < 0.08:
			return reaction{status: 403, body: `{"message":"You have exceeded a secondary rate limit."}`}
		case luck < 0.10:
			return reaction{body: `{"errors":[{"type":"INTERNAL","message":"trouble"}]}`}
		case int(first) > most && luck < 0.5:
			return reaction{data: `"repository":{"issues":null}`, errors: `{"type":"RESOURCE_LIMITS_EXCEEDED","message":"exceeded"}`}
		}
		return issues(total, q)
	}
	c := connect(t, hub(), unluckyPoints{p, chance}, runtime.WithRetry(retry.Policy{Attempts: 12}))
	defer c.Close()
	var numbers []int
	cursor, loops := "", 0
	for done := false; !done && loops < 1000; loops++ {
		done = true
		pages := 1 + chance.IntN(6)
		for page, err := range runtime.QueryPages[issueNode](t.Context(), c, hubEndpoint, graphql.Request{Query: issuesQuery}, runtime.WithCursor(cursor)) {
			if err != nil {
				e, _ := errors.AsType[*runtime.Error](err)
				t.Fatalf("%v, resume at %q", err, e.Cursor)
			}
			for _, issue := range page.Items {
				numbers = append(numbers, issue.Number)
			}
			cursor = page.Cursor
			if pages--; pages == 0 && !page.Last {
				done = false
				break
			}
		}
	}
	if diff := cmp.Diff(upTo(1, total), numbers); diff != "" {
		t.Error(diff)
	}
	if p.refused > 0 {
		t.Errorf("%d of %d refused", p.refused, len(p.seen))
	}
}
