package annotation

import (
	"slices"
	"strings"

	"github.com/weirkit/weir/generator/load"
	"github.com/weirkit/weir/runtime/api"
	"gopkg.in/yaml.v3"
)

// draws reads x-rate-limit, a list of limits with costs and conditions.
func (r *reader) draws(op operation, n *yaml.Node) {
	var draws []api.Draw
	ok := r.value(n, "x-rate-limit", func() {
		seen := map[string]bool{}
		for _, item := range r.list(n, "x-rate-limit") {
			d, ok := r.draw(op, item)
			if !ok {
				continue
			}
			if d.When == nil && seen[d.Limit] {
				r.addf(item, "x-rate-limit has %s twice: add the costs up, or drop one", d.Limit)
			}
			seen[d.Limit] = seen[d.Limit] || d.When == nil
			draws = append(draws, d)
		}
	})
	if ok {
		op.Draws = draws
	}
}

func (r *reader) draw(op operation, n *yaml.Node) (d api.Draw, ok bool) {
	limit := n
	if n.Kind == yaml.MappingNode {
		o, _ := r.object(n, "x-rate-limit's draw", "limit", "cost", "when")
		limit = o.need("limit")
		if d.Cost, ok = r.number(o.get("cost"), "x-rate-limit's cost", 1); ok && d.Cost == 1 {
			d.Cost = 0
		}
		d.When = r.when(op, o.get("when"))
	}
	if d.Limit, ok = r.limitName(limit, "x-rate-limit's limit"); !ok {
		return d, false
	}
	r.checkCost(n, d)
	if l, found := r.limit(d.Limit); found {
		r.checkScope(op, limit, l)
	}
	return d, true
}

func (r *reader) limit(name string) (api.Limit, bool) {
	for _, l := range r.set.Limits {
		if l.Name == name {
			return l, true
		}
	}
	return api.Limit{}, false
}

// checkCost reports a cost that a limit can never have room for.
func (r *reader) checkCost(n *yaml.Node, d api.Draw) {
	cost := max(d.Cost, 1)
	if at := get(n, "cost"); at != nil {
		n = at
	}
	l, _ := r.limit(d.Limit)
	if most, ok := api.Capacity(l.Shape); ok && cost > most {
		r.addf(n, "x-rate-limit's cost is %d, and the limit %s never has room for more than %d: correct one of them", cost, d.Limit, most)
		return
	}
	for _, p := range r.set.Plans {
		for _, l := range p.Limits {
			if most, ok := api.Capacity(l.Shape); ok && l.Limit == d.Limit && cost > most {
				r.addf(n, "x-rate-limit's cost is %d, and the limit %s has room for %d on the plan %s: correct one of them", cost, d.Limit, most, p.Name)
			}
		}
	}
}

// checkScope reports a limit that is counted by a parameter which the operation
// does not have.
func (r *reader) checkScope(op operation, n *yaml.Node, l api.Limit) {
	for _, s := range l.Scope {
		in, parameter, ok := strings.Cut(string(s), ":")
		if !ok {
			continue
		}
		if found, known := op.parameter(in, parameter); !found {
			r.addf(n, "the limit %s is counted by %s, which %s does not have%s", l.Name, s, op.key,
				load.DidYouMean(parameter, known, "add the parameter, or draw on another limit"))
		}
	}
}

// when reads the condition of a draw.
func (r *reader) when(op operation, n *yaml.Node) *api.When {
	if n == nil {
		return nil
	}
	const what = "x-rate-limit's when"
	o, ok := r.object(n, what, "in", "name", "above", "equals")
	if !ok {
		return nil
	}
	var w api.When
	w.Param = r.param(op, o)
	w.Above, _ = r.number(o.get("above"), what+"'s above", 1)
	w.Equals = r.texts(o.get("equals"), what+"'s equals")
	if o.get("above") == nil && o.get("equals") == nil {
		r.addf(n, "%s has no condition: add above or equals", what)
	}
	if e := o.get("equals"); e != nil && e.Kind == yaml.SequenceNode && len(e.Content) == 0 {
		r.addf(e, "%s's equals is empty: write the values that it is true of", what)
	}
	return &w
}

// param reads the in and name of a parameter that the operation must have.
func (r *reader) param(op operation, o object) (p api.Param) {
	in, okIn := oneOf(r, o.need("in"), o.what+"'s in", api.InQuery, api.InBody, api.InHeader, api.InPath)
	name, okName := r.text(o.need("name"), o.what+"'s name")
	if !okIn || !okName {
		return p
	}
	p = api.Param{In: in, Name: name}
	if found, known := op.parameter(in, name); !found {
		otherwise := "declare it in the operation's parameters, by an action of the overlay if need be"
		if in == api.InBody {
			otherwise = "add it to the schema of the request body, by an action of the overlay if need be"
		}
		r.addf(o.get("name"), "%s is the %s parameter %s, which %s does not declare%s", o.what, in, name, op.key, load.DidYouMean(name, known, otherwise))
	}
	return p
}

// parameter reports whether the operation has a parameter, and which it has in
// that place.
func (op operation) parameter(in, name string) (found bool, known []string) {
	if in == api.InBody {
		return op.bodyMember(name)
	}
	for _, p := range op.spec.Parameters {
		if p.Value == nil || p.Value.In != in {
			continue
		}
		known = append(known, p.Value.Name)
		if p.Value.Name == name || in == api.InHeader && strings.EqualFold(p.Value.Name, name) {
			return true, nil
		}
		// page[size] may be declared as a deepObject page with a property size.
		if p.Value.Style == "deepObject" && p.Value.Schema != nil {
			if member, ok := strings.CutPrefix(name, p.Value.Name+"["); ok && strings.HasSuffix(member, "]") {
				if _, missing := follow(p.Value.Schema, api.Path{strings.TrimSuffix(member, "]")}); missing == nil {
					return true, nil
				}
			}
		}
	}
	slices.Sort(known)
	return false, known
}

// bodyMember reports whether the request body may have a member.
func (op operation) bodyMember(name string) (found bool, known []string) {
	if op.spec.RequestBody == nil || op.spec.RequestBody.Value == nil {
		return false, nil
	}
	for _, media := range op.spec.RequestBody.Value.Content {
		_, missing := follow(media.Schema, api.Path{name})
		if missing == nil {
			return true, nil
		}
		known = append(known, missing.known...)
	}
	slices.Sort(known)
	return false, slices.Compact(known)
}
