package generator

// This file names the alternatives of a union that nothing names: by what tells
// them apart, as a member does that has one value in each, or that only one has. A
// number is the last resort, since a vendor's next document may count anew.

import (
	"fmt"

	"github.com/getkin/kin-openapi/openapi3"
)

// alternativeParts are what each alternative of a union is called within it.
func (r *resolver) alternativeParts(union []*openapi3.SchemaRef) []string {
	var unnamed []int
	for i, ref := range union {
		if r.isUnnamedObject(ref) {
			unnamed = append(unnamed, i)
		}
	}
	parts := make([]string, len(union))
	for i, ref := range union {
		parts[i] = fmt.Sprintf("option_%d", i+1)
		switch {
		case ref.Value.Title != "":
			parts[i] = ref.Value.Title
		case len(unnamed) == 1 && i == unnamed[0]: // a text or this, as a rule
			parts[i] = "object"
		}
	}
	if len(unnamed) > 1 {
		for i, member := range r.ownMembers(union, unnamed) {
			parts[i] = "with_" + member
		}
		for i, value := range r.kindsOf(union, unnamed) {
			parts[i] = value
		}
	}
	return parts
}

// ownMembers are, for each alternative that has such, a member that no other has:
// the first by name, of those that are required if there are any.
func (r *resolver) ownMembers(union []*openapi3.SchemaRef, which []int) map[int]string {
	holders := map[string]int{}
	for _, i := range which {
		for name := range r.named.view(union[i]).properties {
			holders[name]++
		}
	}
	own := map[int]string{}
	for _, i := range which {
		v := r.named.view(union[i])
		for _, name := range sortedKeys(v.properties) {
			if holders[name] > 1 || exportedName(name) == "" {
				continue
			}
			if best, ok := own[i]; !ok || v.required[name] && !v.required[best] {
				own[i] = name
			}
		}
	}
	return own
}

// kindsOf are the values by which alternatives say what they are: those of the
// required member that has a single value in most of them. A value that two have
// tells neither.
func (r *resolver) kindsOf(union []*openapi3.SchemaRef, which []int) map[int]string {
	byMember := map[string]map[int]string{}
	for _, i := range which {
		v := r.named.view(union[i])
		for name, ref := range v.properties {
			values := r.named.view(ref).enum
			if !v.required[name] || len(values) != 1 {
				continue
			}
			if text, ok := values[0].(string); ok && exportedName(text) != "" {
				if byMember[name] == nil {
					byMember[name] = map[int]string{}
				}
				byMember[name][i] = text
			}
		}
	}
	var best map[int]string
	for _, name := range sortedKeys(byMember) {
		if len(byMember[name]) > len(best) {
			best = byMember[name]
		}
	}
	count := map[string]int{}
	for _, value := range best {
		count[exportedName(value)]++
	}
	for i, value := range best {
		if count[exportedName(value)] > 1 {
			delete(best, i)
		}
	}
	return best
}
