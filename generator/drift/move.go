package drift

// This file finds what only stands elsewhere: an input that one document sends
// in the query and the other in the body, an answer of 200 here and of 201 there.

import (
	"maps"
	"slices"

	"github.com/getkin/kin-openapi/openapi3"
)

// move notes inputs that the vendor sends elsewhere, and puts them where ours
// are, so that the rest of them is compared too.
func (c *comparison) move(p pair, here, there *side) {
	there.body = ownFields(there.body)
	var kept []*openapi3.Parameter
	for _, param := range there.parameters {
		ours := find(here.parameters, param.Name)
		switch {
		case param.In == openapi3.ParameterInPath || findIn(here.parameters, param.In, param.Name) != nil:
			kept = append(kept, param)
		case ours != nil && ours.In != openapi3.ParameterInPath && findIn(there.parameters, ours.In, param.Name) == nil:
			c.moved(p, param.Name, ours.In, param.In)
			param.In = ours.In
			kept = append(kept, param)
		case ours == nil && field(here.body, param.Name) != nil && field(there.body, param.Name) == nil:
			c.moved(p, param.Name, "body", param.In)
			if there.body == nil {
				there.body, there.bodyNeeded = &openapi3.Schema{Type: &openapi3.Types{"object"}}, here.bodyNeeded
			}
			if there.body.Properties == nil {
				there.body.Properties = openapi3.Schemas{}
			}
			there.body.Properties[param.Name] = param.Schema
			if param.Required {
				there.body.Required = append(there.body.Required, param.Name)
			}
		default:
			kept = append(kept, param)
		}
	}
	there.parameters = kept
	if there.body == nil {
		return
	}
	for _, name := range slices.Sorted(maps.Keys(there.body.Properties)) {
		ours := find(here.parameters, name)
		if field(here.body, name) != nil || ours == nil || ours.In == openapi3.ParameterInPath || findIn(there.parameters, ours.In, name) != nil {
			continue
		}
		c.moved(p, name, ours.In, "body")
		there.parameters = append(there.parameters, &openapi3.Parameter{In: ours.In, Name: name,
			Required: slices.Contains(there.body.Required, name), Schema: there.body.Properties[name], Style: ours.Style})
		delete(there.body.Properties, name)
		there.body.Required = slices.DeleteFunc(there.body.Required, func(n string) bool { return n == name })
	}
	if here.body == nil && len(there.body.Properties) == 0 && kindOf(there.body) == "any object" {
		there.body = nil
	}
}

func (c *comparison) moved(p pair, name, here, there string) {
	c.add(p, Difference{Place: inputPlace(here, name), Kind: In, Here: "in the " + here, There: "in the " + there})
}

// inputPlace is the place of a parameter, or of a field of the body.
func inputPlace(in, name string) string {
	if in == "body" {
		return "request " + name
	}
	return in + " parameter " + name
}

// ownFields copies a shape whose fields are going to be moved.
func ownFields(shape *openapi3.Schema) *openapi3.Schema {
	if shape == nil || len(shape.Properties) == 0 {
		return shape
	}
	copied := *shape
	copied.Properties, copied.Required = maps.Clone(shape.Properties), slices.Clone(shape.Required)
	return &copied
}

func field(shape *openapi3.Schema, name string) *openapi3.SchemaRef {
	if shape == nil {
		return nil
	}
	return shape.Properties[name]
}

func find(parameters []*openapi3.Parameter, name string) *openapi3.Parameter {
	for _, p := range parameters {
		if p.Name == name {
			return p
		}
	}
	return nil
}

func findIn(parameters []*openapi3.Parameter, in, name string) *openapi3.Parameter {
	for _, p := range parameters {
		if p.In == in && p.Name == name {
			return p
		}
	}
	return nil
}

// matchAnswers gives the vendor's answer our status where each side has one
// answer that the other lacks.
func (c *comparison) matchAnswers(p pair, here, there *side) {
	var ours, theirs []string
	for status := range here.answers {
		if _, ok := there.answers[status]; !ok {
			ours = append(ours, status)
		}
	}
	for status := range there.answers {
		if _, ok := here.answers[status]; !ok {
			theirs = append(theirs, status)
		}
	}
	if len(ours) != 1 || len(theirs) != 1 {
		return
	}
	from, to := theirs[0], ours[0]
	c.add(p, Difference{Place: "response " + to, Kind: Status, Here: to, There: from})
	there.answers[to] = there.answers[from]
	delete(there.answers, from)
	there.medias["response "+to] = there.medias["response "+from]
	delete(there.medias, "response "+from)
}
