package drift

// This file has oasdiff compare the pairs and reads from its result what differs.

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/oasdiff/oasdiff/diff"
)

// compare adds the differences of all pairs.
func (c *comparison) compare() error {
	here, there := documentOf(c.pairs, func(p pair) *openapi3.Operation { return p.here }),
		documentOf(c.pairs, func(p pair) *openapi3.Operation { return p.there })
	found, err := diff.Get(diff.NewConfig(diff.WithExcludeElements([]string{diff.ExcludeEndpointsOption})), here, there)
	if err != nil || found.Empty() || found.PathsDiff.Empty() {
		return err
	}
	for path, item := range found.PathsDiff.Modified {
		if item.OperationsDiff.Empty() {
			continue
		}
		for method, operation := range item.OperationsDiff.Modified {
			p := pair{method: method, path: path}
			i := slices.IndexFunc(c.pairs, func(o pair) bool { return o.method == method && o.path == path })
			p.here, p.there = c.pairs[i].here, c.pairs[i].there
			c.operation(p, operation)
		}
	}
	return nil
}

// documentOf is one side of the pairs as a document, under our paths.
func documentOf(pairs []pair, of func(pair) *openapi3.Operation) *openapi3.T {
	doc := &openapi3.T{OpenAPI: "3.0.3", Info: &openapi3.Info{}, Paths: openapi3.NewPaths()}
	for _, p := range pairs {
		item := doc.Paths.Value(p.path)
		if item == nil {
			item = &openapi3.PathItem{}
			doc.Paths.Set(p.path, item)
		}
		item.SetOperation(p.method, of(p))
	}
	return doc
}

func (c *comparison) operation(p pair, found *diff.MethodDiff) {
	if found.ParametersDiff != nil {
		c.parameters(p, found.ParametersDiff)
	}
	if body := found.RequestBodyDiff; body != nil {
		switch {
		case body.Added:
			c.add(p, Difference{Place: "request", Kind: Missing, There: bodyText(p.there.RequestBody.Value.Content)})
		case body.Deleted:
			c.add(p, Difference{Place: "request", Kind: Extra, Here: bodyText(p.here.RequestBody.Value.Content)})
		}
		c.required(p, "request", body.RequiredDiff)
		c.content(p, "request", body.ContentDiff)
	}
	if found.ResponsesDiff != nil {
		c.answers(p, found.ResponsesDiff)
	}
}

func (c *comparison) answers(p pair, found *diff.ResponsesDiff) {
	missing := func(status string) {
		c.add(p, Difference{Place: "response " + status, Kind: Missing, There: bodyText(p.there.Responses.Value(status).Value.Content)})
	}
	extra := func(status string) {
		c.add(p, Difference{Place: "response " + status, Kind: Extra, Here: bodyText(p.here.Responses.Value(status).Value.Content)})
	}
	for _, status := range found.Added {
		missing(status)
	}
	for _, status := range found.Deleted {
		extra(status)
	}
	for status, answer := range found.Modified {
		if content := answer.ContentDiff; content != nil {
			if len(content.MediaTypeAdded) > 0 {
				missing(status)
			}
			if len(content.MediaTypeDeleted) > 0 {
				extra(status)
			}
		}
		c.content(p, "response "+status, answer.ContentDiff)
	}
}

// bodyText names the type of a body.
func bodyText(content openapi3.Content) string {
	if content[media] == nil {
		return "no body"
	}
	return class(content[media].Schema.Value)
}

func (c *comparison) parameters(p pair, found *diff.ParametersDiffByLocation) {
	shape := func(op *openapi3.Operation, in, name string) string {
		if param := op.Parameters.GetByInAndName(in, name); param != nil {
			return class(param.Schema.Value)
		}
		return ""
	}
	for in, names := range found.Added {
		for _, name := range names {
			c.add(p, Difference{Place: inputPlace(in, name), Kind: Missing, There: shape(p.there, in, name)})
		}
	}
	for in, names := range found.Deleted {
		for _, name := range names {
			c.add(p, Difference{Place: inputPlace(in, name), Kind: Extra, Here: shape(p.here, in, name)})
		}
	}
	for in, params := range found.Modified {
		for name, param := range params {
			place := inputPlace(in, name)
			c.required(p, place, param.RequiredDiff)
			if a, b := param.Base.Style, param.Revision.Style; a != b && a != "" && b != "" {
				c.add(p, Difference{Place: place, Kind: Style, Here: a, There: b})
			}
			w := walk{c: c, p: p, root: in + " parameter ", manner: param.Base.Style}
			w.schema(name, param.SchemaDiff, "", "")
		}
	}
}

func (c *comparison) required(p pair, place string, found *diff.ValueDiff) {
	switch {
	case found.Empty():
	case found.From == true:
		c.add(p, Difference{Place: place, Kind: Required})
	default:
		c.add(p, Difference{Place: place, Kind: Optional})
	}
}

func (c *comparison) content(p pair, place string, found *diff.ContentDiff) {
	if found == nil {
		return
	}
	for _, name := range slices.Sorted(maps.Keys(found.MediaTypeModified)) {
		w := walk{c: c, p: p, root: place + " "}
		w.schema("", found.MediaTypeModified[name].SchemaDiff, "", "")
	}
}

// walk goes through the differences of one schema.
type walk struct {
	c      *comparison
	p      pair
	root   string // what places begin with: "response 200 "
	manner string // how our list is written, of a parameter
}

// schema adds what differs at a path from the root, which is the path field
// within the component name.
func (w *walk) schema(path string, found *diff.SchemaDiff, name, field string) {
	if found.Empty() || found.Base == nil || found.Revision == nil {
		return
	}
	if component := w.c.components[found.Base]; component != "" {
		name, field = component, ""
	}
	at := func(more string, d Difference) {
		d.Place = strings.TrimSuffix(w.root+join(path, more), " ")
		if name != "" {
			d.Schema, d.Field = name, join(field, more)
		}
		w.c.add(w.p, d)
	}
	if kindOf(found.Base) != kindOf(found.Revision) {
		here := class(found.Base)
		if w.manner != "" && kindOf(found.Base) == "list" {
			here += ", " + w.manner
		}
		at("", Difference{Kind: Type, Here: here, There: class(found.Revision)})
		return
	}
	if e := found.EnumDiff; e != nil {
		w.enum(e, found, at)
	}
	if properties := found.PropertiesDiff; properties != nil {
		for _, n := range properties.Added {
			at(n, Difference{Kind: Missing, There: class(found.Revision.Properties[n].Value)})
		}
		for _, n := range properties.Deleted {
			at(n, Difference{Kind: Extra, Here: class(found.Base.Properties[n].Value)})
		}
		for n, property := range properties.Modified {
			w.schema(join(path, n), property, name, join(field, n))
		}
	}
	if r := found.RequiredDiff; r != nil {
		for _, n := range r.Added {
			if found.Base.Properties[n] != nil {
				at(n, Difference{Kind: Optional})
			}
		}
		for _, n := range r.Deleted {
			if found.Revision.Properties[n] != nil {
				at(n, Difference{Kind: Required})
			}
		}
	}
	w.schema(join(path, "[]"), found.ItemsDiff, name, join(field, "[]"))
	w.schema(join(path, "{}"), found.AdditionalPropertiesDiff, name, join(field, "{}"))
}

// enum adds values that one side lacks; where it has no enum at all, one
// difference tells all of them.
func (w *walk) enum(e *diff.EnumDiff, found *diff.SchemaDiff, at func(string, Difference)) {
	if len(found.Base.Enum) == 0 || len(found.Revision.Enum) == 0 {
		here, there := list(found.Base.Enum), list(found.Revision.Enum)
		if here == "" {
			at("", Difference{Kind: EnumMissing, There: there})
		} else {
			at("", Difference{Kind: EnumExtra, Here: here})
		}
		return
	}
	for _, v := range e.Added {
		at("", Difference{Kind: EnumMissing, There: fmt.Sprint(v)})
	}
	for _, v := range e.Deleted {
		at("", Difference{Kind: EnumExtra, Here: fmt.Sprint(v)})
	}
}

// list are an enum's values, sorted.
func list(values []any) string {
	texts := make([]string, len(values))
	for i, v := range values {
		texts[i] = fmt.Sprint(v)
	}
	slices.Sort(texts)
	return strings.Join(texts, "|")
}

// join adds a member, [] or {} to a path.
func join(path, more string) string {
	if path == "" || more == "" || more == "[]" || more == "{}" {
		return path + more
	}
	return path + "." + more
}
