package drift

// This file lays an operation of ours beside the vendor's: both reduced to
// parameters, one request body and good answers, the vendor's under the names of
// ours, so that oasdiff compares like with like. Differences of place, media type
// and status are noted here, since they would hide all others.

import (
	"maps"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// media is the name that compared bodies go by.
const media = "application/json"

// side is one document's operation.
type side struct {
	parameters []*openapi3.Parameter
	body       *openapi3.Schema // nil: none
	bodyNeeded bool
	answers    map[string]*openapi3.Schema // by status; nil where an answer has no body
	medias     map[string]string           // of the body ("request") and of answers
}

// lay adds a pair.
func (c *comparison) lay(ours, theirs found) {
	p := pair{method: ours.method, path: ours.path}
	if ours.method != theirs.method {
		c.add(p, Difference{Place: "method", Kind: Method, Here: ours.method, There: theirs.method})
	}
	preferred := common(ours.spec, theirs.spec)
	here, there := read(ours, preferred), read(theirs, preferred)
	rename(there.parameters, placeholder.FindAllString(theirs.path, -1), placeholder.FindAllString(ours.path, -1))
	c.move(p, &here, &there)
	c.matchAnswers(p, &here, &there)
	for _, place := range slices.Sorted(maps.Keys(here.medias)) {
		if a, b := here.medias[place], there.medias[place]; a != "" && b != "" && a != b {
			c.add(p, Difference{Place: place, Kind: Media, Here: a, There: b})
		}
	}
	p.here, p.there = here.operation(), there.operation()
	c.pairs = append(c.pairs, p)
}

func (c *comparison) add(p pair, d Difference) {
	d.Operation = p.operation()
	c.differences = append(c.differences, d)
}

// read reduces an operation. Of several media types it takes a preferred one.
func read(op found, preferred map[string]bool) side {
	s := side{answers: map[string]*openapi3.Schema{}, medias: map[string]string{}}
	for _, ref := range op.spec.Parameters {
		if ref == nil || ref.Value == nil {
			continue
		}
		schema := ref.Value.Schema
		if schema == nil {
			_, schema = choose(ref.Value.Content, nil)
		}
		p := &openapi3.Parameter{In: ref.Value.In, Name: ref.Value.Name, Required: ref.Value.Required, Schema: op.shapers.request.of(schema)}
		if kindOf(p.Schema.Value) == "list" {
			p.Style = style(ref.Value)
		}
		s.parameters = append(s.parameters, p)
	}
	if body := op.spec.RequestBody; body != nil && body.Value != nil && len(body.Value.Content) > 0 {
		name, schema := choose(body.Value.Content, preferred)
		s.body = op.shapers.request.of(schema).Value
		// Swagger 2.0 has no body, only fields of a form, that may be required.
		s.bodyNeeded = body.Value.Required || len(s.body.Required) > 0
		s.medias["request"] = name
	}
	answers := op.spec.Responses.Map()
	for status, ref := range answers {
		if !strings.HasPrefix(status, "2") || ref == nil || ref.Value == nil {
			continue
		}
		s.answer(op, status, ref.Value, preferred)
	}
	if ref := answers["default"]; len(s.answers) == 0 && ref != nil && ref.Value != nil {
		s.answer(op, "default", ref.Value, preferred)
	}
	return s
}

func (s *side) answer(op found, status string, answer *openapi3.Response, preferred map[string]bool) {
	s.answers[status] = nil
	if len(answer.Content) > 0 {
		name, schema := choose(answer.Content, preferred)
		s.answers[status] = op.shapers.answer.of(schema).Value
		s.medias["response "+status] = name
	}
}

// common are the media types that both operations name.
func common(a, b *openapi3.Operation) map[string]bool {
	first, both := map[string]bool{}, map[string]bool{}
	each(a, func(name string) { first[name] = true })
	each(b, func(name string) { both[name] = first[name] })
	return both
}

func each(op *openapi3.Operation, visit func(name string)) {
	contents := []openapi3.Content{}
	if op.RequestBody != nil && op.RequestBody.Value != nil {
		contents = append(contents, op.RequestBody.Value.Content)
	}
	for _, ref := range op.Responses.Map() {
		if ref != nil && ref.Value != nil {
			contents = append(contents, ref.Value.Content)
		}
	}
	for _, content := range contents {
		for name := range content {
			visit(plain(name))
		}
	}
}

// plain is a media type without its parameters.
func plain(name string) string {
	name, _, _ = strings.Cut(name, ";")
	return strings.TrimSpace(name)
}

// choose is the media type that a body is compared by: a preferred one, JSON
// before forms before others.
func choose(content openapi3.Content, preferred map[string]bool) (string, *openapi3.SchemaRef) {
	rank := func(name string) int {
		n := 0
		switch {
		case plain(name) == media:
		case strings.HasSuffix(plain(name), "json"):
			n = 1
		case strings.Contains(name, "form"):
			n = 2
		default:
			n = 3
		}
		if !preferred[plain(name)] {
			n += 10
		}
		return n
	}
	best := ""
	for _, name := range slices.Sorted(maps.Keys(content)) {
		if best == "" || rank(name) < rank(best) {
			best = name
		}
	}
	if best == "" || content[best] == nil {
		return "", nil
	}
	return plain(best), content[best].Schema
}

// style is how a list in a parameter is written.
func style(p *openapi3.Parameter) string {
	if len(p.Content) > 0 {
		return "JSON"
	}
	method, err := p.SerializationMethod()
	switch {
	case err != nil:
		return "another way"
	case method.Style == openapi3.SerializationSpaceDelimited:
		return "joined by spaces"
	case method.Style == openapi3.SerializationPipeDelimited:
		return "joined by |"
	case method.Style == openapi3.SerializationForm && method.Explode:
		return "repeated"
	}
	return "joined by commas"
}

// rename gives parameters of a path the names that ours have.
func rename(parameters []*openapi3.Parameter, from, to []string) {
	for _, p := range parameters {
		if i := slices.Index(from, "{"+p.Name+"}"); p.In == openapi3.ParameterInPath && i >= 0 && i < len(to) {
			p.Name = strings.Trim(to[i], "{}")
		}
	}
}

// operation is a side for oasdiff.
func (s side) operation() *openapi3.Operation {
	op := &openapi3.Operation{Responses: &openapi3.Responses{}}
	for _, p := range s.parameters {
		op.Parameters = append(op.Parameters, &openapi3.ParameterRef{Value: p})
	}
	content := func(shape *openapi3.Schema) openapi3.Content {
		return openapi3.Content{media: {Schema: openapi3.NewSchemaRef("", shape)}}
	}
	if s.body != nil {
		op.RequestBody = &openapi3.RequestBodyRef{Value: &openapi3.RequestBody{Required: s.bodyNeeded, Content: content(s.body)}}
	}
	for status, shape := range s.answers {
		answer := &openapi3.Response{}
		if shape != nil {
			answer.Content = content(shape)
		}
		op.Responses.Set(status, &openapi3.ResponseRef{Value: answer})
	}
	return op
}
