package generator

// This file names the declarations, once all of them are known, and writes them
// into the model.

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/weirkit/weir/generator/model"
)

// nameDeclarations gives every reachable declaration its name: components first,
// in the order of their names, as answers have them; then their requests' forms;
// then inline types in the order in which they were met, after their parents.
func (r *resolver) nameDeclarations() {
	r.order = r.reachable()
	var components, twins, inline []*declaration
	answered := map[string]bool{}
	for _, d := range r.order {
		if d.component != "" && d.direction != request {
			answered[d.component] = true
		}
	}
	for _, d := range r.order {
		switch {
		case d.component == "":
			inline = append(inline, d)
		case d.direction == request && answered[d.component]:
			twins = append(twins, d)
		default:
			components = append(components, d)
		}
	}
	byComponent := func(a, b *declaration) int { return strings.Compare(a.component, b.component) }
	slices.SortStableFunc(components, byComponent)
	slices.SortStableFunc(twins, byComponent)
	for _, d := range components {
		full := exportedName(d.component)
		d.name = r.names.take(append(d.wishes, typeWish(r.named.plainName(d.component), r.tags), typeWish(d.component, r.tags), full)...)
	}
	for _, d := range twins {
		wish := append(d.wishes, typeWish(r.named.plainName(d.component), r.tags))[0]
		d.name = r.names.take(wish+"Input", wish+"Request", wish+"Body", wish+"Input")
	}
	parts := enumsByPart(inline)
	for _, d := range inline {
		d.name = r.names.take(r.inlineWishes(d, parts)...)
	}
	breakCycles(r.order)
}

// enumsByPart counts the different inline enums for each name of a field.
func enumsByPart(inline []*declaration) map[string]int {
	parts := map[string]int{}
	for _, d := range inline {
		if d.kind == enumKind {
			parts[exportedName(d.place.part)]++
		}
	}
	return parts
}

// vague are names that say too little to stand alone for an enum of a package.
var vague = strings.Fields("Type Status State Kind Name Value Object Role Action Mode Level Format Reason Category Source Result Filter Page Error")

// inlineWishes are the names that an inline type would like to have: after its
// field alone, for an enum that several share and that no other enum's field is
// called; or else after its parent and field.
func (r *resolver) inlineWishes(d *declaration, parts map[string]int) []string {
	if len(d.wishes) > 0 {
		return d.wishes
	}
	part := exportedName(d.place.part)
	var wishes []string
	if d.kind == enumKind && d.uses > 1 && parts[part] == 1 && !slices.Contains(vague, part) {
		wishes = append(wishes, part)
	}
	owner := d.place.owner
	if parent := d.place.parent; parent != nil {
		owner = parent.name
		// What requests and answers share is named after the answer's struct.
		if twin := r.declared[declarationKey{parent.schema, response}]; d.direction == response && twin != nil && twin.name != "" {
			owner = twin.name
		}
	}
	return append(wishes, owner+part)
}

// reachable are the declarations that operations use, in their order.
func (r *resolver) reachable() []*declaration {
	used := map[*declaration]bool{}
	var visit func(e *expr)
	visitDeclaration := func(d *declaration) {
		if used[d] {
			return
		}
		used[d] = true
		for _, f := range d.fields {
			visit(f.typ)
		}
		for _, m := range d.members {
			visit(m)
		}
	}
	visit = func(e *expr) {
		switch {
		case e == nil:
		case e.elem != nil:
			visit(e.elem)
		case e.ref != nil && e.ref.instead != nil:
			visit(e.ref.instead)
		case e.ref != nil:
			visitDeclaration(e.ref)
		}
	}
	for _, op := range r.operations {
		if op.failed != nil {
			continue
		}
		for _, a := range op.arguments {
			visit(a.typ)
		}
		visit(op.result)
		if op.params != nil {
			visitDeclaration(op.params)
		}
	}
	return slices.DeleteFunc(slices.Clone(r.order), func(d *declaration) bool { return !used[d] })
}

// breakCycles makes pointers of the fields by which structs contain themselves:
// of every field between two structs of one strongly connected component
// (Tarjan's algorithm).
func breakCycles(all []*declaration) {
	index, low, component := map[*declaration]int{}, map[*declaration]int{}, map[*declaration]int{}
	var stack []*declaration
	var visit func(d *declaration)
	visit = func(d *declaration) {
		index[d] = len(index) + 1
		low[d] = index[d]
		stack = append(stack, d)
		for _, f := range d.fields {
			next := f.holds
			if next == nil {
				continue
			}
			if index[next] == 0 {
				visit(next)
				low[d] = min(low[d], low[next])
			} else if component[next] == 0 {
				low[d] = min(low[d], index[next])
			}
		}
		if low[d] != index[d] {
			return
		}
		for {
			last := stack[len(stack)-1]
			stack = stack[:len(stack)-1]
			component[last] = index[d]
			if last == d {
				return
			}
		}
	}
	for _, d := range all {
		if index[d] == 0 {
			visit(d)
		}
	}
	for _, d := range all {
		for _, f := range d.fields {
			switch {
			case f.holds == nil || component[f.holds] != component[d]:
			case f.typ.prefix == nullablePrefix:
				f.typ = wrap(nullablePrefix, wrap("*", f.typ.elem))
			default:
				f.typ = wrap("*", f.typ)
			}
		}
	}
}

// finishTypes writes the declarations into the model, sorted by name.
func (r *resolver) finishTypes() {
	order := slices.SortedFunc(slices.Values(r.order), func(a, b *declaration) int { return strings.Compare(a.name, b.name) })
	for _, d := range order {
		t := &model.Type{Name: d.name, Comment: typeComment(d), IsStruct: d.kind == structKind}
		for _, f := range d.fields {
			t.Fields = append(t.Fields, model.Field{Name: f.goName, Type: f.typ.String(), Tag: "`" + f.tag + "`", Comment: f.comment})
		}
		if d.kind == enumKind {
			t.Base = d.base
			t.Constants = r.enumConstants(d)
		}
		if d.kind == unionKind {
			labels := scope{"Raw": true}
			for _, m := range d.members {
				if m.isPlain("json.RawMessage", "any") {
					continue // Raw says it already
				}
				member := model.Member{Name: labels.take(memberLabel(d, m)), Type: m.String(), Got: m.handedOut()}
				if d.makers {
					member.Maker = r.names.take(d.name + "Of" + member.Name)
				}
				t.Members = append(t.Members, member)
			}
		}
		r.api.Types = append(r.api.Types, t)
	}
}

// memberLabel is a member's label without what the union's name says already.
func memberLabel(d *declaration, m *expr) string {
	label := m.label()
	if d.direction == request {
		if short := strings.TrimSuffix(label, "Input"); short != "" {
			label = short
		}
	}
	if short := strings.TrimPrefix(label, d.name); short != "" && short[0] >= 'A' && short[0] <= 'Z' {
		label = short
	}
	return label
}

// enumConstants names an enum's values after the type and the value.
func (r *resolver) enumConstants(d *declaration) []model.Constant {
	var out []model.Constant
	for i, value := range d.values {
		text := fmt.Sprint(value)
		if f, ok := value.(float64); ok {
			text = strconv.FormatInt(int64(f), 10)
		}
		label := text
		if i < len(d.labels) {
			label = d.labels[i]
		}
		c := model.Constant{Name: r.names.take(d.name + constantSuffix(label)), Value: text}
		if d.base == "string" {
			c.Value = quote(text)
		}
		out = append(out, c)
	}
	return out
}
