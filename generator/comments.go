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

// serviceComment says what a service covers: the path that its operations share.
func serviceComment(s *model.Service) string {
	n := "operations"
	if len(s.Methods) == 1 {
		n = "operation"
	}
	return fmt.Sprintf("%s has the %d %s of %s.", s.Type, len(s.Methods), n, s.Name)
}

// typeComment says where a type comes from.
func typeComment(d *declaration) []string {
	switch {
	case d.kind == structKind && d.direction == parameter:
		return []string{fmt.Sprintf("%s are the parameters of %s.", d.name, d.origin)}
	case d.component != "" && d.direction == request && d.kind == structKind:
		return []string{fmt.Sprintf("%s is the schema %s as requests have it.", d.name, oneLine(d.component))}
	case d.component != "":
		return []string{fmt.Sprintf("%s is the schema %s.", d.name, oneLine(d.component)) + openComment(d)}
	case d.kind == enumKind && d.uses > 1:
		return []string{fmt.Sprintf("%s is what %q may be.", d.name, d.part) + openComment(d)}
	case d.parent != nil:
		return []string{fmt.Sprintf("%s is %q of %s.", d.name, d.part, d.parent.name) + openComment(d)}
	case d.direction == parameter || d.kind == enumKind:
		return []string{fmt.Sprintf("%s is a value of the parameter %q.", d.name, d.part) + openComment(d)}
	case d.direction == request:
		return []string{fmt.Sprintf("%s is the body of %s.", d.name, d.origin)}
	}
	return []string{fmt.Sprintf("%s is what %s returns.", d.name, d.origin)}
}

func openComment(d *declaration) string {
	switch d.kind {
	case enumKind:
		return " Other values may come."
	case unionKind:
		return " It has one of several types."
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
