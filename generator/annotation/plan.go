package annotation

import (
	"slices"

	"github.com/weirkit/weir/generator/load"
	"github.com/weirkit/weir/runtime/api"
	"gopkg.in/yaml.v3"
)

// MaxPage is a plan's largest page of one operation, as it is written.
type MaxPage struct {
	Plan string
	// Operation is an operationId or an operation's name.
	Operation string
	// Key is the operation's key in Set.Operations; empty for a name that only
	// the naming policy knows.
	Key string
	Max int
	Pos load.Position
}

// plans reads x-plans, in the order of the file.
func (r *reader) plans(n *yaml.Node) {
	if n == nil {
		return
	}
	if n.Kind != yaml.MappingNode {
		r.value(n, "", func() {
			r.addf(n, "x-plans is not an object: write the plans by their names")
		})
		return
	}
	for key, value := range pairs(n) {
		plan := api.Plan{Name: key.Value}
		var pages []MaxPage
		ok := r.value(value, "plan", func() {
			what := "the plan " + key.Value
			if !name.MatchString(key.Value) {
				r.addf(key, "%s has a name of other characters than letters, digits, _, - and .: rename it", what)
			}
			o, ok := r.object(value, what, "limits", "maxPage", "source")
			if !ok {
				return
			}
			source := r.source(o, false)
			plan.Limits = r.planLimits(o, source)
			pages = r.maxPages(o, key.Value)
		})
		if !ok {
			continue
		}
		for _, p := range pages {
			if plan.MaxPage == nil {
				plan.MaxPage = map[string]int{}
			}
			plan.MaxPage[p.Operation] = p.Max
		}
		r.set.Plans = append(r.set.Plans, plan)
		r.set.MaxPages = append(r.set.MaxPages, pages...)
	}
}

func (r *reader) planLimits(o object, source api.Source) []api.PlanLimit {
	n := o.get("limits")
	if n == nil {
		return nil
	}
	if n.Kind != yaml.MappingNode {
		r.addf(n, "%s's limits are not an object: write shapes by the names of limits", o.what)
		return nil
	}
	var limits []api.PlanLimit
	for key, value := range pairs(n) {
		r.limitName(key, o.what+"'s limit")
		l, ok := r.object(value, o.what+"'s limit "+key.Value, append(slices.Clone(shapes), "source")...)
		if !ok {
			continue
		}
		limit := api.PlanLimit{Limit: key.Value, Shape: r.shape(l), Source: r.source(l, false)}
		if limit.Source == (api.Source{}) {
			limit.Source = source
		}
		if base, ok := r.limit(key.Value); ok && limit.Source == (api.Source{}) {
			limit.Source = base.Source // one page tells of all plans
		}
		limits = append(limits, limit)
	}
	return limits
}

func (r *reader) maxPages(o object, plan string) []MaxPage {
	n := o.get("maxPage")
	if n != nil && n.Kind != yaml.MappingNode {
		r.addf(n, "%s's maxPage is not an object: write numbers by operations", o.what)
		return nil
	}
	var pages []MaxPage
	for key, value := range pairs(n) {
		most, ok := r.number(value, o.what+"'s maxPage of "+key.Value, 1)
		if !ok {
			continue
		}
		pages = append(pages, MaxPage{Plan: plan, Operation: key.Value, Max: most, Pos: r.doc.PositionOf(key)})
	}
	return pages
}
