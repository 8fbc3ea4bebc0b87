package providertest

// This file answers GraphQL queries from data, and counts what they cost.

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Graph is data behind a GraphQL endpoint:
//
//	graph := &providertest.Graph{Limit: "graphql", Root: providertest.Object{
//		"user": providertest.Field(func(args map[string]any) any {
//			if args["login"] != "octocat" {
//				return &providertest.GraphError{Type: "NOT_FOUND", Message: "There is no such user."}
//			}
//			return providertest.Object{"login": "octocat"}
//		}),
//	}}
//	p, err := providertest.New(desc, providertest.Options{Cost: graph.Cost})
//	p.Handle("GraphQL.Query", graph.Answer)
//
// It knows queries with variables, aliases, fragments and literal arguments; it has
// no schema, so a field is there if the data have it. It charges GitHub's way: a
// request for each connection (what has first or last) as often as there are items
// above it, a point for each hundred of them, and a point at least.
type Graph struct {
	// Root are the fields of a query. A field rateLimit tells what the query has cost,
	// and the state of the counter of Limit, besides.
	Root Object
	// Limit is the limit that queries draw their cost from; others cost what the
	// API's description says.
	Limit string
	// Work is how many fields are computed for one query; 0 means without end. What
	// comes after is null, each with an error of type RESOURCE_LIMITS_EXCEEDED.
	Work int
}

// Object is an object's fields by name. A value is nil, a text, a number, a bool, an
// Object, a []any, a *GraphError, or a Field that returns one of these. The object's
// type is its __typename, if it has one: fragments for other types pass it over.
type Object map[string]any

// Field is a value that depends on arguments. Numbers are float64.
type Field func(args map[string]any) any

// GraphError is why a field is null.
type GraphError struct{ Type, Message string }

// Answer answers a query.
func (g *Graph) Answer(c *Call) Answer {
	q, err := readGraphQuery(c.Body())
	if err != nil {
		return Answer{Status: 200, Body: JSON(map[string]any{"errors": []any{map[string]any{"message": err.Error()}}})}
	}
	run := graphRun{query: q, limit: g.Work}
	root := Object{"rateLimit": g.rate(c)}
	for name, value := range g.Root {
		root[name] = value
	}
	run.object(root, q.fields, nil)
	body := []byte(`{"data":` + run.out.String())
	if len(run.errors) > 0 {
		body = append(append(body, `,"errors":`...), JSON(run.errors)...)
	}
	return Answer{Status: 200, Body: append(body, '}')}
}

// Cost is for Options.Cost: of the graph's limit a query draws what it costs.
func (g *Graph) Cost(c *Call, limit string, cost int) int {
	if limit != g.Limit || g.Limit == "" {
		return cost
	}
	q, err := readGraphQuery(c.Body())
	if err != nil {
		return cost
	}
	return max(1, (q.requests(q.fields, 1)+50)/100)
}

// rate is what rateLimit tells.
func (g *Graph) rate(c *Call) any {
	for _, ch := range c.charges {
		if ch.limit.name == g.Limit {
			most, _ := capacity(ch.limit.shape)
			return Object{
				"cost": ch.cost, "limit": most, "remaining": max(0, most-ch.used),
				"resetAt": time.Unix(0, ch.reset).UTC().Format(time.RFC3339),
			}
		}
	}
	return nil
}

// requests is how many requests the connections of some fields take, asked of so many
// objects.
func (q *graphQuery) requests(fields []*graphField, times int) int {
	sum := 0
	for _, f := range q.flat(fields, "") {
		below := times
		for _, name := range []string{"first", "last"} {
			if n, ok := q.value(f.args[name]).(float64); ok {
				sum, below = sum+times, times*int(n)
				break
			}
		}
		sum += q.requests(f.fields, below)
	}
	return sum
}

// flat are the fields that are asked of an object of a type, those of fragments
// included, and those with one name in the answer as one. An empty type is any.
func (q *graphQuery) flat(fields []*graphField, of string) []*graphField {
	var all []*graphField
	for _, f := range fields {
		switch {
		case f.spread != "":
			if fragment := q.fragments[f.spread]; fragment != nil {
				all = append(all, q.flat([]*graphField{fragment}, of)...)
			}
		case f.on != "" || f.name == "":
			if of == "" || f.on == "" || f.on == of {
				all = append(all, q.flat(f.fields, of)...)
			}
		default:
			all = append(all, f)
		}
	}
	var merged []*graphField
	for _, f := range all {
		if i := slices.IndexFunc(merged, func(m *graphField) bool { return m.key() == f.key() }); i >= 0 {
			both := *merged[i]
			both.fields = append(slices.Clip(both.fields), f.fields...)
			merged[i] = &both
			continue
		}
		merged = append(merged, f)
	}
	return merged
}

// graphRun is a query that is being answered.
type graphRun struct {
	query  *graphQuery
	out    strings.Builder
	errors []any
	fields int // that were asked for so far
	limit  int // how many are computed; 0 for all
}

func (r *graphRun) object(o Object, fields []*graphField, path []any) {
	of, _ := o["__typename"].(string)
	r.out.WriteByte('{')
	for i, f := range r.query.flat(fields, of) {
		if i > 0 {
			r.out.WriteByte(',')
		}
		r.out.WriteString(strconv.Quote(f.key()) + ":")
		r.field(o, f, append(path[:len(path):len(path)], f.key()))
	}
	r.out.WriteByte('}')
}

func (r *graphRun) field(o Object, f *graphField, path []any) {
	value, there := o[f.name]
	if resolve, ok := value.(Field); ok {
		args := map[string]any{}
		for name, arg := range f.args {
			args[name] = r.query.value(arg)
		}
		value = resolve(args)
	}
	switch {
	case !there:
		value = &GraphError{Type: "undefinedField", Message: fmt.Sprintf("Field '%s' doesn't exist", f.name)}
	case r.spent():
		value = &GraphError{Type: "RESOURCE_LIMITS_EXCEEDED", Message: "Resource limits for this query exceeded."}
	}
	r.value(value, f, path)
}

// spent counts a field, and reports whether that is one too many.
func (r *graphRun) spent() bool {
	if r.limit == 0 {
		return false
	}
	r.fields++
	return r.fields > r.limit
}

func (r *graphRun) value(value any, f *graphField, path []any) {
	switch value := value.(type) {
	case *GraphError:
		r.errors = append(r.errors, map[string]any{"type": value.Type, "message": value.Message, "path": path})
		r.out.WriteString("null")
	case Object:
		r.object(value, f.fields, path)
	case []any:
		r.out.WriteByte('[')
		for i, item := range value {
			if i > 0 {
				r.out.WriteByte(',')
			}
			r.value(item, f, append(path[:len(path):len(path)], i))
		}
		r.out.WriteByte(']')
	default:
		r.out.Write(JSON(value))
	}
}

// value is an argument's value with the variables filled in.
func (q *graphQuery) value(arg any) any {
	switch arg := arg.(type) {
	case graphVariable:
		return q.variables[string(arg)]
	case []any:
		list := make([]any, len(arg))
		for i := range arg {
			list[i] = q.value(arg[i])
		}
		return list
	case map[string]any:
		object := map[string]any{}
		for name := range arg {
			object[name] = q.value(arg[name])
		}
		return object
	}
	return arg
}
