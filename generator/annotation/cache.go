package annotation

// This file reads x-cache, which stands at operations and, for all that read, at
// the root.

import (
	"net/http"
	"slices"
	"strings"

	"github.com/weirkit/weir/generator/load"
	"github.com/weirkit/weir/runtime/api"
	"gopkg.in/yaml.v3"
)

// readKeys are the keys of x-cache that say how long answers hold.
var readKeys = []string{"ttl", "revalidate", "unchangedIsFree", "ignoreHeaders", "source"}

// cacheOfAll reads the root's x-cache.
func (r *reader) cacheOfAll(n *yaml.Node) {
	if n == nil {
		return
	}
	var c *api.Cache
	if r.value(n, "x-cache-of-all", func() {
		if o, ok := r.object(n, "x-cache", readKeys...); ok {
			c = r.lifetime(o)
		}
	}) {
		r.set.Cache = c
	}
}

// cache reads an operation's x-cache.
func (r *reader) cache(op operation, n *yaml.Node) {
	var c *api.Cache
	if r.value(n, "x-cache", func() { c = r.cacheOf(op, n) }) {
		op.Cache = c
	}
}

func (r *reader) cacheOf(op operation, n *yaml.Node) *api.Cache {
	if n.Kind == yaml.ScalarNode {
		if n.Value != "none" {
			r.addf(n, "x-cache is %s: write none for answers that no cache may have, or an object with a ttl or revalidate", n.Value)
		}
		return &api.Cache{Never: true}
	}
	o, ok := r.object(n, "x-cache", append(slices.Clone(readKeys), "invalidates")...)
	if !ok {
		return nil
	}
	method, _, _ := strings.Cut(op.key, " ")
	if method != http.MethodGet && method != http.MethodHead {
		return r.invalidating(op, o)
	}
	if at := o.get("invalidates"); at != nil {
		r.addf(at, "x-cache's invalidates is for operations that write, and %s reads: put it at those", op.key)
	}
	c := r.lifetime(o)
	for i, name := range c.UnchangedIsFree {
		if !slices.ContainsFunc(op.Draws, func(d api.Draw) bool { return d.Limit == name }) {
			r.addf(o.get("unchangedIsFree").Content[i], "x-cache's unchangedIsFree has %s, on which %s does not draw: drop it, or add it to x-rate-limit", name, op.key)
		}
	}
	return c
}

// lifetime reads how long answers hold, and what it costs to ask whether they do.
func (r *reader) lifetime(o object) *api.Cache {
	c := &api.Cache{}
	c.TTL, _ = r.duration(o.get("ttl"), "x-cache's ttl")
	c.Revalidate, _ = r.boolean(o.get("revalidate"), "x-cache's revalidate")
	c.IgnoreHeaders, _ = r.boolean(o.get("ignoreHeaders"), "x-cache's ignoreHeaders")
	for _, item := range r.list(o.get("unchangedIsFree"), "x-cache's unchangedIsFree") {
		name, ok := r.limitName(item, "x-cache's unchangedIsFree")
		if !ok {
			return c
		}
		c.UnchangedIsFree = append(c.UnchangedIsFree, name)
	}
	ttl := o.get("ttl")
	c.Source = r.source(o, ttl != nil && !r.lenient)
	switch {
	case ttl == nil && !c.Revalidate:
		r.addf(o.n, "x-cache has neither a ttl nor revalidate: true, so that nothing could be kept: add one")
	case ttl == nil && c.IgnoreHeaders:
		r.addf(o.get("ignoreHeaders"), "x-cache's ignoreHeaders needs a ttl, to hold in place of what headers say: add it")
	case ttl == nil && o.get("source") != nil:
		r.addf(o.get("source"), "x-cache's source is of no number: add a ttl, or drop it")
	}
	if free := o.get("unchangedIsFree"); free != nil && !c.Revalidate {
		r.addf(free, "x-cache's unchangedIsFree needs revalidate: true, since nothing else is answered with 304: add it")
	}
	return c
}

// invalidating reads what a writing operation makes old.
func (r *reader) invalidating(op operation, o object) *api.Cache {
	for _, key := range readKeys {
		if at := o.get(key); at != nil {
			r.addf(at, "x-cache's %s is for GET and HEAD: %s may only have invalidates", key, op.key)
		}
	}
	at := o.need("invalidates")
	c := &api.Cache{Invalidates: r.texts(at, "x-cache's invalidates")}
	if at != nil && len(at.Content) == 0 {
		r.addf(at, "x-cache's invalidates is empty: name the operations, or drop it")
	}
	if at != nil && !r.failed {
		r.invalidated = append(r.invalidated, at.Content...)
	}
	return c
}

// checkInvalidated reports names that no operation has. Names of the form
// Service.Method are left to whoever knows the naming policy.
func (r *reader) checkInvalidated() {
	var known []string
	for _, id := range r.ids() {
		known = append(known, id)
	}
	slices.Sort(known)
	for _, n := range r.invalidated {
		if !slices.Contains(known, n.Value) && !operationName.MatchString(n.Value) {
			r.addf(n, "x-cache's invalidates has %s, and no operation is called that%s", n.Value,
				load.DidYouMean(n.Value, known, "write an operationId, or a name as Tickets.List"))
		}
	}
}
