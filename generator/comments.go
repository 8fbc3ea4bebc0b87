package generator

// This file derives comments from facts. The vendor's own prose is not copied:
// it is the vendor's, and it is a click away.

import (
	"fmt"
	"strings"

	"github.com/oapi-codegen/oapi-codegen/v2/pkg/codegen"

	"github.com/weirkit/weir/generator/model"
	"github.com/weirkit/weir/runtime/api"
)

// operationComment is a method's comment: what it calls, its pages and limits,
// where the vendor describes it.
func operationComment(op *operation) []string {
	line := fmt.Sprintf("%s: %s %s.", op.short, op.method, op.path)
	if p := op.value.Pagination; p != nil && op.result != nil {
		line += " " + pagesComment(p)
	}
	if op.locates {
		line += " Returns the address to fetch it from."
	}
	if len(op.value.Draws) > 0 {
		var names []string
		for _, d := range op.value.Draws {
			names = append(names, drawComment(d))
		}
		line += " Limits: " + strings.Join(names, ", ") + "."
	}
	lines := []string{line}
	if docs := op.spec.ExternalDocs; docs != nil && docs.URL != "" && !strings.ContainsAny(docs.URL, "\r\n") {
		lines = append(lines, docs.URL)
	}
	if op.spec.Deprecated {
		lines = append(lines, "", "Deprecated: the provider has deprecated it.")
	}
	return lines
}

func pagesComment(p *api.Pagination) string {
	how := map[api.PageStyle]string{
		api.CursorStyle: "by cursor", api.PageNumberStyle: "by number", api.OffsetStyle: "by offset",
		api.LinkStyle: "by link", api.URLStyle: "by URL", api.KeysetStyle: "by last id",
	}[p.Style]
	if p.Size != nil && p.Size.Max > 0 {
		return fmt.Sprintf("Pages of up to %d %s.", p.Size.Max, how)
	}
	return "Pages " + how + "."
}

func drawComment(d api.Draw) string {
	text := d.Limit
	if d.Cost > 1 {
		text += fmt.Sprintf(" (%d)", d.Cost)
	}
	if d.When == nil {
		return text
	}
	switch {
	case d.When.Above > 0:
		text += fmt.Sprintf(" if %s > %d", d.When.Name, d.When.Above)
	case len(d.When.Equals) > 0:
		text += fmt.Sprintf(" if %s is %s", d.When.Name, strings.Join(d.When.Equals, " or "))
	}
	return text
}

// serviceComment says what a service is.
func serviceComment(s *model.Service) string {
	return fmt.Sprintf("%s has the operations of %s.", s.Type, s.Name)
}

// typeComment says where a type comes from, and what an enum or union may be.
func typeComment(d *declaration) []string {
	is := "is"
	if d.kind == structKind && d.direction == parameter {
		is = "are"
	}
	return []string{fmt.Sprintf("%s %s %s.%s", d.name, is, typeOrigin(d), openComment(d))}
}

func typeOrigin(d *declaration) string {
	switch {
	case d.component != "" && d.direction == request && d.kind == structKind:
		return fmt.Sprintf("the schema %s as requests have it", oneLine(d.component))
	case d.component != "":
		return "the schema " + oneLine(d.component)
	case d.kind == enumKind && d.name == exportedName(d.place.part):
		return fmt.Sprintf("a value of %q", d.place.part)
	case d.place.parent != nil && d.place.said != "":
		return d.place.said + " " + d.place.parent.name
	case d.place.parent != nil:
		return fmt.Sprintf("%q of %s", d.place.part, d.place.parent.name)
	}
	return d.place.said
}

func openComment(d *declaration) string {
	switch d.kind {
	case enumKind:
		return " Other values may come."
	case unionKind:
		var names []string
		for _, m := range d.members {
			names = append(names, m.String())
		}
		return " It is one of " + strings.Join(names, ", ") + "."
	}
	return ""
}

// parameterComment tells what the type does not.
func parameterComment(def codegen.ParameterDefinition, v view) []string {
	var facts []string
	if def.Required {
		facts = append(facts, "Required.")
	}
	if s := v.schema; s != nil && s.Default != nil {
		if text := oneLine(fmt.Sprint(s.Default)); text != "" && len(text) < 60 && !strings.HasPrefix(text, "map[") {
			facts = append(facts, "The default is "+text+".")
		}
	}
	lines := []string{}
	if len(facts) > 0 {
		lines = append(lines, strings.Join(facts, " "))
	}
	if def.Spec.Deprecated || v.deprecated {
		if len(lines) > 0 {
			lines = append(lines, "")
		}
		lines = append(lines, "Deprecated: the provider has deprecated it.")
	}
	return lines
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
