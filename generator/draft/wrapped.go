package draft

// This file guesses what is wrapped in what, and which operations take a key
// that makes a repetition harmless.

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/weirkit/weir/generator/annotation"
	"github.com/weirkit/weir/runtime/api"
)

func (d *drafter) wrapped() {
	var found groups
	results, bodies := 0, 0
	for _, op := range d.operations {
		var why, update []string
		if result := op.result(); result != "" {
			why = append(why, fmt.Sprintf("the answer has one member, the object %s", result))
			update = append(update, "x-result: $."+result)
			results++
		}
		if body := op.body(); body != "" {
			why = append(why, fmt.Sprintf("the request's body has one member, the object %s, which the answer or the path has too", body))
			update = append(update, "x-body: $."+body)
			bodies++
		}
		if len(why) > 0 {
			found.add(op, false, "guess: "+strings.Join(why, "; ")+".", update)
		}
	}
	if results > 0 {
		d.guess("x-result", results)
	}
	if bodies > 0 {
		d.guess("x-body", bodies)
	}
	if results+bodies > 0 {
		d.page.heading("what is wrapped in what")
		found.print(d.page)
	}
}

// result is the member that the answer consists of, empty if there is none. A
// list of one member is no result: it may have pages.
func (op *operation) result() string {
	if op.notes.Pagination != nil || op.notes.NoPages || op.own("x-result") || op.own("x-pagination") || op.method == "HEAD" {
		return ""
	}
	return onlyObject(annotation.Answer(op.spec))
}

func (op *operation) body() string {
	if op.own("x-body") || op.spec.RequestBody == nil || op.spec.RequestBody.Value == nil || op.method == "GET" || op.method == "DELETE" {
		return ""
	}
	content := op.spec.RequestBody.Value.Content
	if content["application/json"] == nil && (len(content) != 1 || content["*/*"] == nil) {
		return "" // forms have no bodies within bodies
	}
	name := onlyObject(annotation.Content(content))
	if name == "data" || name == onlyObject(annotation.Answer(op.spec)) || strings.Contains(plainWords(op.path), strings.TrimSuffix(plainWords(name), "s")) {
		return name
	}
	return "" // such as the filter of a search, which is all that it takes today
}

// plainWords is a name without what its words are joined by: ticket_forms and
// ticketForms are the same.
func plainWords(name string) string {
	return strings.ToLower(strings.NewReplacer("_", "", "-", "").Replace(name))
}

// onlyObject is the one member of a schema, if that is an object and no others are let in.
func onlyObject(s *openapi3.Schema) string {
	if s == nil || s.AdditionalProperties.Schema != nil || s.AdditionalProperties.Has != nil && *s.AdditionalProperties.Has || len(s.OneOf)+len(s.AnyOf) > 0 {
		return ""
	}
	members := annotation.Members(s)
	if len(members) != 1 {
		return ""
	}
	for name, member := range members {
		if !unwritable(api.Path{name}) && (member.Type.Is("object") || len(annotation.Members(member)) > 0) {
			return name
		}
	}
	return ""
}

var idempotencyKey = regexp.MustCompile(`(?i)^(x-)?idempotency-key$`)

func (d *drafter) idempotency() {
	var found groups
	n := 0
	for _, op := range d.operations {
		if op.own("x-idempotency") || op.method != "POST" && op.method != "PATCH" {
			continue
		}
		for _, p := range op.spec.Parameters {
			if p.Value != nil && p.Value.In == openapi3.ParameterInHeader && idempotencyKey.MatchString(p.Value.Name) {
				found.add(op, false, "guess: the header "+p.Value.Name+" makes a repetition harmless, as its name says.",
					[]string{"x-idempotency: {header: " + p.Value.Name + "}"})
				n++
				break
			}
		}
	}
	if n > 0 {
		d.guess("x-idempotency", n)
		d.page.heading("what may be repeated")
		found.print(d.page)
	}
}
