package runtime_test

// This file has a GraphQL provider whose things can be looked up, on the referee.

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/weirkit/weir/runtime"
	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/graphql"
	"github.com/weirkit/weir/runtime/providertest"
	"github.com/weirkit/weir/runtime/retry"
)

// A hub has boxes by owner and name, and in these are things by number, 0 to 9 of
// which some are rocks.
var (
	inBox     = graphql.Step{Field: "box", Args: []graphql.Variable{{Name: "owner", Type: "String!"}, {Name: "name", Type: "String!"}}}
	boxLookup = graphql.Lookup{Name: "Boxes", Type: "Box", Path: []graphql.Step{inBox}}

	thingLookup = graphql.Lookup{Name: "Things", Type: "Thing", Narrow: true, Path: []graphql.Step{
		inBox, {Field: "thing", Args: []graphql.Variable{{Name: "number", Type: "Int!"}}},
	}}
)

type boxKey struct{ owner, name string }

type thingKey struct {
	owner, name string
	number      int64
}

func boxes[T any](c *runtime.Client) runtime.Lookup[boxKey, T] {
	return runtime.NewLookup[boxKey, T](c, aliasEndpoint(), &boxLookup, func(k boxKey) []any { return []any{k.owner, k.name} })
}

func things[T any](c *runtime.Client) runtime.Lookup[thingKey, T] {
	return runtime.NewLookup[thingKey, T](c, aliasEndpoint(), &thingLookup, func(k thingKey) []any { return []any{k.owner, k.name, k.number} })
}

var aliasEndpoint = sync.OnceValue(func() *graphql.Endpoint {
	e := *hubEndpoint
	e.MaxAliases, e.TimedOut = 100, []int{502, 504}
	e.Codes.Codes = append(slices.Clip(e.Codes.Codes), api.ErrorCodes{Means: api.Forbidden, In: []string{"FORBIDDEN"}})
	return &e
})

// box is what a query tells of a box: its name; the labels that it has as many of as
// are asked for; a secret, which nobody may see.
func box(args map[string]any) any {
	name := args["name"].(string)
	switch {
	case strings.HasPrefix(name, "gone"):
		return &providertest.GraphError{Type: "NOT_FOUND", Message: "Could not resolve to a box called " + name}
	case strings.HasPrefix(name, "null"):
		return nil
	}
	return providertest.Object{
		"__typename": "Box", "name": name, "size": len(name),
		"secret": &providertest.GraphError{Type: "FORBIDDEN", Message: "Not for you"},
		"labels": providertest.Field(func(args map[string]any) any {
			return providertest.Object{"nodes": make([]any, int(args["first"].(float64))), "totalCount": 1000}
		}),
		"thing": providertest.Field(func(args map[string]any) any {
			n := int(args["number"].(float64))
			if n > 9 {
				return &providertest.GraphError{Type: "NOT_FOUND", Message: fmt.Sprint("Could not resolve to a thing with the number ", n)}
			}
			return providertest.Object{"__typename": map[bool]string{true: "Rock", false: "Thing"}[n == 3], "title": fmt.Sprint(name, " ", n)}
		}),
	}
}

// aliasHub is a hub, by the referee's counting, and a client of it.
type aliasHub struct {
	*providertest.Provider
	client *runtime.Client
	graph  *providertest.Graph

	mu      sync.Mutex
	queries []string // that were answered
}

func newAliasHub(t *testing.T, options providertest.Options, opts ...runtime.ClientOption) *aliasHub {
	t.Helper()
	h := &aliasHub{graph: &providertest.Graph{Limit: "points", Root: providertest.Object{"box": providertest.Field(box)}}}
	desc := hub()
	desc.Operations = []*api.Operation{hubEndpoint.Query}
	options.Cost = h.graph.Cost
	var err error
	if h.Provider, err = providertest.New(desc, options); err != nil {
		t.Fatal(err)
	}
	h.Handle("GraphQL.Query", func(c *providertest.Call) providertest.Answer {
		var sent struct{ Query string }
		if err := json.Unmarshal(c.Body(), &sent); err != nil {
			t.Error(err)
		}
		h.mu.Lock()
		h.queries = append(h.queries, sent.Query)
		h.mu.Unlock()
		return h.graph.Answer(c)
	})
	t.Cleanup(func() { h.Close() })
	opts = append([]runtime.ClientOption{runtime.WithTransport(h.Transport()), runtime.WithRetry(retry.Policy{Jitter: -1})}, opts...)
	if h.client, err = runtime.NewClient(hub(), nil, opts...); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { h.client.Close() })
	return h
}

// points are what the hub has charged.
func (h *aliasHub) points() (sum int) {
	for _, used := range h.Used("points") {
		sum += used
	}
	return sum
}

// sizes are how many keys each query was for.
func (h *aliasHub) sizes() (sizes []int) {
	for _, q := range h.queries {
		sizes = append(sizes, strings.Count(q, " box("))
	}
	return sizes
}

type named struct {
	Name string
	Size int
}

type alsoNamed named

func boxKeys(n int) []boxKey {
	keys := make([]boxKey, n)
	for i := range keys {
		keys[i] = boxKey{"acme", fmt.Sprint("box", i)}
	}
	return keys
}
