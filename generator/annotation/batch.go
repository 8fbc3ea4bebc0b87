package annotation

// This file reads x-batch: which operation answers for many keys what one answers
// for one, and how an operation is asked for many.

import (
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/weirkit/weir/generator/load"
	"github.com/weirkit/weir/runtime/api"
	"gopkg.in/yaml.v3"
)

// batches reads all x-batch, once all operations have been read: one may name
// any other, and what an answer's items are hangs on x-result.
func (r *reader) batches(operations []operation) {
	for _, op := range operations {
		n := get(op.node, "x-batch")
		if n == nil {
			continue
		}
		if n.Kind == yaml.MappingNode && (get(n, "with") != nil || get(n, "key") != nil) {
			r.batch(op, n, operations)
			continue
		}
		entries := []*yaml.Node{n}
		if n.Kind == yaml.SequenceNode && len(n.Content) > 0 {
			entries = n.Content
		}
		var keys []api.Keys
		ok := r.value(n, "x-batch", func() {
			for _, entry := range entries {
				if o, ok := r.object(entry, "x-batch", "keys", "id", "max", "source"); ok {
					keys = append(keys, r.many(op, o))
				}
			}
		})
		if ok {
			op.Keys = slices.Concat(op.Keys, keys)
		}
	}
	for _, op := range operations {
		r.toldByOthers(op)
	}
}

// toldByOthers gives the operation that an x-batch names its keys, where it does not
// tell them itself and its result is what would be cut.
func (r *reader) toldByOthers(op operation) {
	if op.Batch == nil {
		return
	}
	many := r.set.Operations[op.Batch.With]
	known := slices.ContainsFunc(many.Keys, func(k api.Keys) bool { return k.Param == op.Batch.Keys.Param })
	if !known && slices.Equal(many.Result, op.Batch.Items) {
		many.Keys = append(many.Keys, op.Batch.Keys)
	}
}

// many reads how an operation is asked for many keys; its result is the list that
// the answers are put together to.
func (r *reader) many(op operation, o object) api.Keys {
	found := []*openapi3.Schema(nil)
	if answer := op.response(); answer != nil {
		found, _ = follow(answer, op.Result)
		if !mayBe(found, "array") {
			r.addf(o.n, "x-batch is of an operation whose result is %s at %s, which is no list: say with x-result where the list is",
				typeOf(found), pathText(op.Result))
		}
	}
	return r.keys(op, o, found)
}

// keys reads the parameter for keys, where they stand in items, and how many there
// may be.
func (r *reader) keys(op operation, o object, items []*openapi3.Schema) api.Keys {
	const what = "x-batch"
	var keys api.Keys
	if n := o.need("keys"); n != nil {
		if p, ok := r.object(n, what+"'s keys", "in", "name", "join"); ok {
			keys.Param = r.param(op, p)
			keys.Join, _ = r.text(p.get("join"), p.what+"'s join")
		}
		if keys.In != "" && keys.In != api.InQuery {
			r.addf(n, "x-batch's keys are in the %s: only keys in the query are understood", keys.In)
		}
	}
	if id := o.get("id"); id != nil {
		keys.ID, _ = r.reached(op, anyOf(elements(items)), id, what+"'s id", "string", "integer", "number")
		if keys.ID != nil && len(keys.ID) == 0 {
			r.addf(id, "x-batch's id is the whole item: name a member, as in $.id")
		}
	}
	keys.Max, _ = r.number(o.need("max"), what+"'s max", 1)
	keys.Source = r.source(o, !r.lenient)
	return keys
}

// batch reads the x-batch of an operation for one key.
func (r *reader) batch(op operation, n *yaml.Node, operations []operation) {
	const what = "x-batch"
	var b api.Batch
	ok := r.value(n, what, func() {
		o, _ := r.object(n, what, "with", "key", "keys", "items", "id", "max", "adds", "saves", "source")
		if op.Pagination != nil {
			r.addf(n, "x-batch is of %s, which has pages: it is for operations that tell of one thing", op.key)
		}
		if !strings.HasPrefix(op.key, "GET ") {
			r.addf(n, "x-batch is of %s: only GET operations are asked for many at once", op.key)
		}
		b.Key = r.keyParam(op, o, what)
		with, found := r.with(op, o, operations)
		if !found {
			return
		}
		b.With = with.key
		answer := with.response()
		var items []*openapi3.Schema
		if b.Items = (api.Path{}); o.get("items") != nil {
			b.Items, _ = r.reached(with, answer, o.get("items"), what+"'s items", "array")
		} else if answer != nil && !mayBe([]*openapi3.Schema{answer.Value}, "array") {
			r.addf(n, "x-batch has no items, and the answer of %s is no list: add items, as in items: $.things", with.key)
		}
		items, _ = follow(answer, b.Items)
		o.need("id")
		b.Keys = r.keys(with, o, items)
		b.Adds = r.adds(with, o)
		b.RoundTrips = r.saves(o)
		r.checkSame(op, n, what, with, items)
		b.Shared = shared(op, with, b)
	})
	if ok {
		op.Batch = &b
	}
}

// keyParam reads the parameter that is the key of an operation for one.
func (r *reader) keyParam(op operation, o object, what string) (p api.Param) {
	n := o.need("key")
	text, ok := r.text(n, what+"'s key")
	if !ok {
		return p
	}
	in, name, _ := strings.Cut(text, ":")
	if in != api.InPath && in != api.InQuery || name == "" {
		r.addf(n, "%s's key is %s: write path:name or query:name", what, text)
		return p
	}
	if found, known := op.parameter(in, name); !found {
		r.addf(n, "%s's key is the %s parameter %s, which %s does not declare%s", what, in, name, op.key,
			load.DidYouMean(name, known, "correct the name"))
	}
	return api.Param{In: in, Name: name}
}

// with finds the operation that is asked for many, by its operationId or its
// x-operation-name.
func (r *reader) with(op operation, o object, operations []operation) (with operation, found bool) {
	n := o.need("with")
	text, ok := r.text(n, "x-batch's with")
	if !ok {
		return with, false
	}
	var known []string
	for _, other := range operations {
		known = append(known, other.spec.OperationID)
		if other.Name != "" {
			known = append(known, other.Name)
		}
	}
	with, found = named(operations, text)
	switch {
	case !found:
		r.addf(n, "x-batch is with %s, and no operation is called that%s", text,
			load.DidYouMean(text, known, "write an operationId, or the name that an x-operation-name gives"))
		return with, false
	case with.key == op.key:
		r.addf(n, "x-batch is with %s, which is the operation itself: name the one that is asked for many", text)
	case !strings.HasPrefix(with.key, "GET "):
		r.addf(n, "x-batch is with %s, which is %s: only a GET operation is asked for many at once", text, with.key)
	case with.Pagination != nil:
		r.addf(n, "x-batch is with %s, which has pages: write x-pagination: none there if all items come at once", text)
	}
	r.checkPath(op, n, "x-batch is with "+text, with, o.get("key"))
	return with, true
}

// adds reads the query parameters that the operation for many needs besides.
func (r *reader) adds(with operation, o object) []api.Header {
	n := o.get("adds")
	if n == nil {
		return nil
	}
	if n.Kind != yaml.MappingNode {
		r.addf(n, "x-batch's adds is not an object: write query parameters with their values")
		return nil
	}
	var adds []api.Header
	for key, value := range pairs(n) {
		if found, known := with.parameter(api.InQuery, key.Value); !found {
			r.addf(key, "x-batch adds the query parameter %s, which %s does not declare%s", key.Value, with.key,
				load.DidYouMean(key.Value, known, "correct the name"))
		}
		if value.Kind != yaml.ScalarNode || value.ShortTag() == "!!null" {
			r.addf(value, "x-batch's %s is no plain value: write a text, a number, true or false", key.Value)
		}
		adds = append(adds, api.Header{Name: key.Value, Value: value.Value})
	}
	slices.SortFunc(adds, func(a, b api.Header) int { return strings.Compare(a.Name, b.Name) })
	return adds
}

// saves reads what a request for many saves, and reports whether it is round
// trips alone.
func (r *reader) saves(o object) (roundTrips bool) {
	type saving string
	n := o.get("saves")
	if n == nil {
		return false
	}
	s, _ := oneOf[saving](r, n, "x-batch's saves", "quota", "round-trips")
	return s == "round-trips"
}

// checkSame reports an item that lacks what the operation for one tells: its
// callers would miss that whenever others call at the same time.
func (r *reader) checkSame(op operation, n *yaml.Node, what string, with operation, items []*openapi3.Schema) {
	answer := op.response()
	if answer == nil || len(elements(items)) == 0 {
		return
	}
	one, _ := follow(answer, op.Result)
	many := members(elements(items))
	for _, name := range members(one) {
		if len(many) > 0 && !slices.Contains(many, name) {
			r.addf(n, "%s is with %s, whose items have no %s, which %s tells: they have to be the same", what, with.key, name, op.key)
			return
		}
	}
}

// members are the names of the members that schemas have, sorted.
func members(schemas []*openapi3.Schema) []string {
	var names []string
	for _, s := range expand(schemas) {
		for name := range s.Properties {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// shared are the query parameters that both operations have, sorted.
func shared(op, with operation, b api.Batch) []string {
	var names []string
	for _, p := range op.spec.Parameters {
		if p.Value == nil || p.Value.In != api.InQuery {
			continue
		}
		name := p.Value.Name
		added := slices.ContainsFunc(b.Adds, func(h api.Header) bool { return h.Name == name })
		if found, _ := with.parameter(api.InQuery, name); found && name != b.Keys.Name && !added && b.Key != (api.Param{In: api.InQuery, Name: name}) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}
