package runtime_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/weirkit/weir/runtime"
	"github.com/weirkit/weir/runtime/budget"
	"github.com/weirkit/weir/runtime/graphql"
	"github.com/weirkit/weir/runtime/providertest"
)

// A hundred that are looked up at once, each by its own call, take two queries of a
// point: the first goes at once, and the others gather while it is under way, those of
// another type that asks for the same among them.
func TestAliasesGather(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newAliasHub(t, providertest.Options{Latency: providertest.Between(200*time.Millisecond, 200*time.Millisecond)})
		var work sync.WaitGroup
		for i := range 100 {
			work.Go(func() {
				name := fmt.Sprint("box", i)
				var got named
				var err error
				if i%2 == 0 {
					got, err = boxes[named](h.client).Get(t.Context(), boxKey{"acme", name})
				} else {
					var same *alsoNamed
					same, err = boxes[*alsoNamed](h.client).Get(t.Context(), boxKey{"acme", name})
					got = named(*same)
				}
				if err != nil || got != (named{name, len(name)}) {
					t.Errorf("%+v, %v", got, err)
				}
			})
		}
		work.Wait()
		if report := h.Report(); report.Requests > 2 || report.Refused != 0 || h.points() > 2 {
			t.Errorf("%d requests for %d points", report.Requests, h.points())
		}
		if got := used(h.client, "points"); got != h.points() {
			t.Errorf("%d points charged, the hub counts %d", got, h.points())
		}
	})
}

// Many are one query, in order, and those that are equal one alias.
func TestAliasesOfMany(t *testing.T) {
	h := newAliasHub(t, providertest.Options{})
	keys := append(boxKeys(98), boxKey{"acme", "box1"}, boxKey{"", "box2"}, boxKey{"acme", "gone"})
	got := boxes[named](h.client).Many(t.Context(), keys)
	for i, r := range got {
		if r.Key != keys[i] {
			t.Errorf("%d is %v", i, r.Key)
		}
		if want := keys[i].name; i < 99 && (r.Err != nil || r.Value.Name != want) {
			t.Errorf("%s: %+v", want, r)
		}
	}
	if !errors.Is(got[99].Err, runtime.ErrInvalidArgument) || !errors.Is(got[100].Err, runtime.ErrNotFound) {
		t.Errorf("%v, %v", got[99].Err, got[100].Err)
	}
	if report := h.Report(); report.Requests != 1 || h.points() != 1 || h.sizes()[0] != 99 {
		t.Errorf("%d requests for %d points: %v", report.Requests, h.points(), h.sizes())
	}
	if none := boxes[named](h.client).Many(t.Context(), nil); len(none) != 0 {
		t.Errorf("none are %v", none)
	}
}

// What a query is: keys are variables whatever is in them, things of one box share it,
// and a lone one needs no aliases.
func TestAliasQuery(t *testing.T) {
	h := newAliasHub(t, providertest.Options{})
	evil := `x"}){secret} #$v0`
	if got, err := boxes[named](h.client).Get(t.Context(), boxKey{evil, evil}); err != nil || got.Name != evil {
		t.Errorf("%+v, %v", got, err)
	}
	type titled struct{ Title string }
	for i, r := range things[*titled](h.client).Many(t.Context(), []thingKey{{"a", "b", 1}, {"a", "c", 1}, {"a", "b", 2}}) {
		if want := []string{"b 1", "c 1", "b 2"}[i]; r.Err != nil || r.Value.Title != want {
			t.Errorf("%+v, want %s", r, want)
		}
	}
	want := []string{
		"query Boxes($v0: String!, $v1: String!) { rateLimit { cost limit remaining resetAt } box(owner: $v0, name: $v1) { ...fields } }\nfragment fields on Box { name size }",
		"query Things($v0: String!, $v1: String!, $v2: Int!, $v3: String!, $v4: String!, $v5: Int!, $v6: Int!) { rateLimit { cost limit remaining resetAt }" +
			" k0: box(owner: $v0, name: $v1) { k1: thing(number: $v2) { __typename ...fields } k4: thing(number: $v6) { __typename ...fields } }" +
			" k2: box(owner: $v3, name: $v4) { k3: thing(number: $v5) { __typename ...fields } } }\nfragment fields on Thing { title }",
	}
	if diff := cmp.Diff(want, h.queries); diff != "" {
		t.Error(diff)
	}
}

// An error is that of its key, told as if the key had been alone; what came beside it
// is there.
func TestAliasErrors(t *testing.T) {
	h := newAliasHub(t, providertest.Options{})
	type absent struct{ Title string }
	type boxed struct {
		Name   string
		Secret *string
	}
	type unfit struct{ Name int }
	text := func(err error) string {
		if err == nil {
			return ""
		}
		if e := failure(t, err); e.RequestID == "" || e.StatusCode != 200 || len(e.Body) != 0 {
			t.Errorf("%+v", e)
		}
		text, _, _ := strings.Cut(err.Error(), " (request")
		return text
	}
	var got []string
	type titled struct{ Title string }
	for _, r := range things[titled](h.client).Many(t.Context(), []thingKey{{"a", "b", 1}, {"a", "b", 3}, {"a", "b", 10}, {"a", "gone", 1}, {"a", "null", 1}, {"a", "gone", 2}}) {
		if errors.Is(r.Err, runtime.ErrNotFound) != (r.Err != nil) || r.Value.Title != map[bool]string{true: "b 1"}[r.Err == nil] {
			t.Errorf("%+v", r)
		}
		got = append(got, text(r.Err))
	}
	for _, r := range boxes[boxed](h.client).Many(t.Context(), []boxKey{{"a", "b"}, {"a", "null"}}) {
		if told, ok := errors.AsType[*graphql.Errors](r.Err); ok && (!told.Partial || !errors.Is(r.Err, runtime.ErrForbidden) || r.Value.Name != "b") {
			t.Errorf("%+v", r)
		}
		got = append(got, text(r.Err))
	}
	_, err := boxes[unfit](h.client).Get(t.Context(), boxKey{"a", "b"})
	if decode, ok := errors.AsType[*runtime.DecodeError](err); !ok || string(decode.Raw) != `{"name":"b"}` {
		t.Error(err)
	}
	want := []string{
		"",
		"GraphQL.Things: 200 OK: it is a Rock, and no Thing",
		"GraphQL.Things: NOT_FOUND: Could not resolve to a thing with the number 10: the query failed at box.thing",
		"GraphQL.Things: NOT_FOUND: Could not resolve to a box called gone: the query failed at box",
		"GraphQL.Things: 200 OK: there is no such Thing",
		"GraphQL.Things: NOT_FOUND: Could not resolve to a box called gone: the query failed at box",
		"GraphQL.Boxes: FORBIDDEN: Not for you: a part of the query failed at box.secret",
		"GraphQL.Boxes: 200 OK: there is no such Box",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	_, err = boxes[absent](h.client).Get(t.Context(), boxKey{"a", "b"}) // boxes have no title
	if e := failure(t, err); e.Code != "undefinedField" {
		t.Error(err)
	}
}

// A key that cannot be one fails for its caller, and is not sent.
func TestAliasBadKeys(t *testing.T) {
	h := newAliasHub(t, providertest.Options{})
	for want, key := range map[string]thingKey{
		"owner is empty":               {"", "b", 1},
		"name is empty":                {"a", "", 1},
		"number is 0":                  {"a", "b", 0},
		"number is 4294967296":         {"a", "b", 1 << 32},
		`owner is "\xff", which is no`: {"\xff", "b", 1},
	} {
		_, err := things[named](h.client).Get(t.Context(), key)
		if e := failure(t, err); !errors.Is(err, runtime.ErrInvalidArgument) || !strings.Contains(err.Error(), want) || e.Operation != "GraphQL.Things" {
			t.Errorf("%v, want %s", err, want)
		}
	}
	short := runtime.NewLookup[string, named](h.client, aliasEndpoint(), &boxLookup, func(k string) []any { return []any{k} })
	strange := runtime.NewLookup[string, named](h.client, aliasEndpoint(), &boxLookup, func(k string) []any { return []any{k, 1.5} })
	for want, l := range map[string]runtime.Lookup[string, named]{"has 1 values, and Boxes needs 2": short, "name is a float64": strange} {
		if _, err := l.Get(t.Context(), "a"); !errors.Is(err, runtime.ErrInvalidArgument) || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
	if h.Report().Requests != 0 {
		t.Error("some was sent")
	}
}

// What is asked for is checked before anything is sent.
func TestAliasBadFields(t *testing.T) {
	h := newAliasHub(t, providertest.Options{})
	check := func(err error, want string) {
		t.Helper()
		if failure(t, err); !errors.Is(err, runtime.ErrInvalidArgument) || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
	_, err := boxes[string](h.client).Get(t.Context(), boxKey{"a", "b"})
	check(err, "string has no fields to ask for")
	type unbounded struct{ Labels struct{ Nodes []named } }
	for range 2 {
		_, err = boxes[unbounded](h.client).Get(t.Context(), boxKey{"a", "b"})
		check(err, "box.labels is a connection without first or last")
	}
	check(boxes[unbounded](h.client).Many(t.Context(), boxKeys(1))[0].Err, "box.labels")
	type excessive struct {
		Labels struct{ TotalCount int } `graphql:"labels(first: 101)"`
	}
	_, err = boxes[excessive](h.client).Get(t.Context(), boxKey{"a", "b"})
	check(err, "asks for first: 101")
	type unnamed struct {
		Ünit int
	}
	_, err = boxes[unnamed](h.client).Get(t.Context(), boxKey{"a", "b"})
	check(err, `"ünit" is no name`)
	if h.Report().Requests != 0 {
		t.Error("some was sent")
	}
}

// What fails as a whole is the error of all, and the same request is made once.
func TestAliasBatchFailsAsAWhole(t *testing.T) {
	p := reacting(reaction{status: 401, body: `{"message":"Bad credentials"}`}, reaction{body: `<html>`}, reaction{errors: `{"message":"no"}`}, reaction{data: `"x":1`, errors: `{"message":"somewhere"}`})
	c := connect(t, hub(), p)
	for _, is := range []string{"Bad credentials", "not one of GraphQL", "GraphQL.Boxes: 200 OK: no", "somewhere"} {
		for _, r := range boxes[named](c).Many(t.Context(), boxKeys(3)) {
			if failure(t, r.Err); !strings.Contains(r.Err.Error(), is) {
				t.Errorf("%v, want %s", r.Err, is)
			}
		}
	}
	if len(p.seen) != 4 {
		t.Errorf("%d requests", len(p.seen))
	}
}

// One caller's cancellation is its own, and the last one's ends the query.
func TestAliasCancellation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newAliasHub(t, providertest.Options{Latency: providertest.Between(time.Second, time.Second)})
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(1500*time.Millisecond, cancel)
		var work sync.WaitGroup
		var cancelled, got atomic.Int64
		for i := range 100 {
			mine := t.Context()
			if i%2 == 1 {
				mine = ctx
			}
			time.Sleep(time.Millisecond)
			work.Go(func() {
				v, err := boxes[named](h.client).Get(mine, boxKey{"acme", fmt.Sprint("box", i)})
				switch {
				case err == nil && v.Name == fmt.Sprint("box", i):
					got.Add(1)
				case mine == ctx && errors.Is(failure(t, err), context.Canceled):
					cancelled.Add(1)
				default:
					t.Errorf("%d: %v", i, err)
				}
			})
		}
		work.Wait()
		if got.Load() != 50 || cancelled.Load() != 50 || h.Report().Requests != 2 {
			t.Errorf("%d got, %d cancelled, %d requests", got.Load(), cancelled.Load(), h.Report().Requests)
		}
		short, done := context.WithTimeout(t.Context(), 300*time.Millisecond)
		defer done()
		start := time.Now()
		if _, err := boxes[named](h.client).Get(short, boxKey{"acme", "late"}); !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != 300*time.Millisecond {
			t.Errorf("%v after %v", err, time.Since(start))
		}
	})
}

// TestAliasAnswersAreTheCallers: who changes the bytes or the error that a call got
// changes those of nobody else who has asked for the same key.
func TestAliasAnswersAreTheCallers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newAliasHub(t, providertest.Options{Latency: providertest.Between(time.Second, time.Second)})
		var work sync.WaitGroup
		raws, errs := make([]json.RawMessage, 2), make([]error, 2)
		for i := range raws {
			work.Go(func() {
				if _, err := boxes[named](h.client).Get(t.Context(), boxKey{"acme", "same"}, runtime.WithRaw(&raws[i])); err != nil {
					t.Error(err)
				}
			})
			work.Go(func() { _, errs[i] = boxes[named](h.client).Get(t.Context(), boxKey{"acme", "gone"}) })
			synctest.Wait()
		}
		work.Wait()
		if a, b := failure(t, errs[0]), failure(t, errs[1]); a == b {
			t.Error("both have the same error")
		}
		raws[0][2] = 'X'
		if string(raws[1]) != `{"name":"same","size":4}` || len(h.sizes()) != 2 {
			t.Errorf("%s, by %d queries", raws[1], len(h.sizes()))
		}
	})
}

// An urgent key takes its query along; any other option makes a query of its own.
func TestAliasOptions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newAliasHub(t, providertest.Options{Latency: providertest.Between(time.Second, time.Second)})
		var work sync.WaitGroup
		get := func(name string, opts ...runtime.Option) {
			work.Go(func() {
				if v, err := boxes[named](h.client).Get(t.Context(), boxKey{"acme", name}, opts...); err != nil || v.Name != name {
					t.Errorf("%+v, %v", v, err)
				}
			})
			synctest.Wait()
		}
		var meta runtime.Response
		var raw, shared json.RawMessage
		get("first")
		get("second")
		get("third", runtime.WithRaw(&shared))
		get("own", runtime.WithResponse(&meta), runtime.WithRaw(&raw))
		get("urgent", runtime.WithPriority(budget.Urgent)) // nothing as urgent is under way
		work.Wait()
		sizes := h.sizes()
		slices.Sort(sizes) // two are sent at the same time
		if diff := cmp.Diff([]int{1, 1, 3}, sizes); diff != "" {
			t.Error(diff)
		}
		if meta.StatusCode != 200 || string(raw) != `{"name":"own","size":3}` || string(shared) != `{"name":"third","size":5}` {
			t.Errorf("%d, %s, %s", meta.StatusCode, raw, shared)
		}
		for _, opt := range []runtime.Option{runtime.WithRaw(&raw), runtime.WithResponse(&meta), runtime.WithMaxBody(-1)} {
			if r := boxes[named](h.client).Many(t.Context(), boxKeys(1), opt); r[0].Err == nil {
				t.Error("Many takes an option of one answer, or a wrong one")
			}
		}
		if _, err := boxes[named](h.client).Get(t.Context(), boxKey{"acme", "box"}, runtime.WithMaxBody(-1)); err == nil {
			t.Error("Get takes a wrong option")
		}
		for _, r := range boxes[named](h.client).Many(t.Context(), boxKeys(3), runtime.WithQueryAsIs()) {
			if r.Err != nil {
				t.Error(r.Err)
			}
		}
		if last := h.queries[len(h.queries)-1]; strings.Contains(last, "rateLimit") || len(h.queries) != 4 {
			t.Errorf("%d, the last is %s", len(h.queries), last)
		}
	})
}

// Beside other queries the hour's points are kept to, and none is refused.
func TestAliasesStayWithinTheLimits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newAliasHub(t, providertest.Options{Latency: providertest.Between(50*time.Millisecond, 400*time.Millisecond)})
		var work sync.WaitGroup
		for worker := range 64 {
			work.Go(func() {
				for i := range 40 {
					name := fmt.Sprint("box", worker, "-", i)
					if v, err := boxes[named](h.client).Get(t.Context(), boxKey{"acme", name}); err != nil || v.Name != name {
						t.Errorf("%+v, %v", v, err)
						return
					}
				}
			})
		}
		work.Wait()
		if report := h.Report(); report.Refused != 0 || report.Requests > 85 {
			t.Errorf("%d requests for 2,560 keys, %d refused", report.Requests, report.Refused)
		}
	})
}
