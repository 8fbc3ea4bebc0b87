package generator

// This file prints plain data of package api as Go source: zero fields left
// out, names of constants where there are some, lines filled to a width.

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/weirkit/weir/runtime/api"
)

// lineWidth is where a literal is broken into lines.
const lineWidth = 110

// constantNames are the constants that stand for values.
var constantNames = map[any]string{
	api.Sliding: "api.Sliding", api.SlidingApproximate: "api.SlidingApproximate",
	api.ScopeApp: "api.ScopeApp", api.ScopeAccount: "api.ScopeAccount", api.ScopeUser: "api.ScopeUser",
	api.ScopeCredential: "api.ScopeCredential", api.ScopeIP: "api.ScopeIP", api.ScopeOperation: "api.ScopeOperation",
	api.Documented: "api.Documented", api.Observed: "api.Observed", api.Inferred: "api.Inferred",
	api.CursorStyle: "api.CursorStyle", api.PageNumberStyle: "api.PageNumberStyle", api.OffsetStyle: "api.OffsetStyle",
	api.LinkStyle: "api.LinkStyle", api.URLStyle: "api.URLStyle", api.KeysetStyle: "api.KeysetStyle",
	api.DeltaSeconds: "api.DeltaSeconds", api.DeltaMillis: "api.DeltaMillis", api.EpochSeconds: "api.EpochSeconds", api.EpochMillis: "api.EpochMillis",
	api.ISO8601: "api.ISO8601", api.HTTPDate: "api.HTTPDate", api.GoDuration: "api.GoDuration",
	api.BadRequest: "api.BadRequest", api.Unauthorized: "api.Unauthorized", api.Forbidden: "api.Forbidden", api.NotFound: "api.NotFound",
	api.Conflict: "api.Conflict", api.RateLimited: "api.RateLimited", api.Unavailable: "api.Unavailable",
	api.RetryAfterHeader: "api.RetryAfterHeader", api.RetryAfterBody: "api.RetryAfterBody", api.RetryAfterNone: "api.RetryAfterNone",
}

// paramPlaces are the constants for api.Param.In.
var paramPlaces = map[string]string{
	api.InPath: "api.InPath", api.InQuery: "api.InQuery", api.InHeader: "api.InHeader", api.InBody: "api.InBody",
}

// source is Go source that a literal holds as it is.
type source string

// literal prints v. Within a literal of known element type the type is left out.
func literal(v any) string { return printValue(reflect.ValueOf(v), false, 0) }

func printValue(v reflect.Value, elided bool, depth int) string {
	if name, ok := constantNames[constantKey(v)]; ok {
		return name
	}
	switch x := v.Interface().(type) {
	case time.Duration:
		return printDuration(x)
	case source:
		return string(x)
	case api.Path:
		if elided {
			return printList("", v, depth)
		}
		return printList("api.Path", v, depth)
	}
	switch v.Kind() {
	case reflect.Interface:
		return printValue(v.Elem(), false, depth)
	case reflect.Pointer:
		if elided {
			return printValue(v.Elem(), true, depth)
		}
		return "&" + printValue(v.Elem(), false, depth)
	case reflect.String:
		return strconv.Quote(v.String())
	case reflect.Slice:
		name := "[]" + strings.TrimPrefix(v.Type().Elem().String(), "*")
		if v.Type().Elem().Kind() == reflect.Pointer {
			name = "[]*" + v.Type().Elem().Elem().String()
		}
		return printList(name, v, depth)
	case reflect.Map:
		return printMap(v, depth)
	case reflect.Struct:
		return printStruct(v, elided, depth)
	}
	return fmt.Sprint(v.Interface())
}

// constantKey is v as a map key, or nil where it cannot be one.
func constantKey(v reflect.Value) any {
	if v.Kind() == reflect.String || v.Kind() == reflect.Int {
		return v.Interface()
	}
	return nil
}

func printStruct(v reflect.Value, elided bool, depth int) string {
	name := v.Type().String()
	if elided {
		name = ""
	}
	var parts []string
	for i := range v.NumField() {
		f, value := v.Type().Field(i), v.Field(i)
		if value.IsZero() || value.Kind() == reflect.Slice && value.Len() == 0 {
			continue
		}
		if place, ok := paramPlaces[value.String()]; ok && v.Type() == reflect.TypeFor[api.Param]() && f.Name == "In" {
			parts = append(parts, "In: "+place)
			continue
		}
		parts = append(parts, f.Name+": "+printValue(value, false, depth+1))
	}
	return fill(name, parts, depth)
}

func printList(name string, v reflect.Value, depth int) string {
	var parts []string
	for i := range v.Len() {
		parts = append(parts, printValue(v.Index(i), true, depth+1))
	}
	if v.Len() > 0 && slices.Contains([]reflect.Kind{reflect.Struct, reflect.Pointer}, v.Type().Elem().Kind()) {
		return column(name, parts, depth)
	}
	return fill(name, parts, depth)
}

func printMap(v reflect.Value, depth int) string {
	keys := v.MapKeys()
	slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
	var parts []string
	for _, k := range keys {
		parts = append(parts, strconv.Quote(k.String())+": "+printValue(v.MapIndex(k), true, depth+1))
	}
	return fill(v.Type().String(), parts, depth)
}

// column puts each part on a line of its own, unless all fit one.
func column(name string, parts []string, depth int) string {
	if one := name + "{" + strings.Join(parts, ", ") + "}"; len(one)+4*depth <= lineWidth && !strings.Contains(one, "\n") && len(parts) < 3 {
		return one
	}
	indent := strings.Repeat("\t", depth)
	return name + "{\n" + indent + "\t" + strings.Join(parts, ",\n"+indent+"\t") + ",\n" + indent + "}"
}

// fill puts as many parts on a line as fit it.
func fill(name string, parts []string, depth int) string {
	one := name + "{" + strings.Join(parts, ", ") + "}"
	if len(one)+4*depth <= lineWidth && !strings.Contains(one, "\n") {
		return one
	}
	indent := strings.Repeat("\t", depth)
	var b strings.Builder
	b.WriteString(name + "{\n")
	width := 0
	for i, part := range parts {
		multi := strings.Contains(part, "\n")
		switch {
		case i == 0:
			b.WriteString(indent + "\t")
		case multi || width+len(part) > lineWidth:
			b.WriteString(",\n" + indent + "\t")
			width = 0
		default:
			b.WriteString(", ")
		}
		b.WriteString(part)
		width += len(part) + 2
		if multi {
			width = lineWidth
		}
	}
	b.WriteString(",\n" + indent + "}")
	return b.String()
}

// printDuration writes a duration in the largest unit that divides it.
func printDuration(d time.Duration) string {
	for _, u := range []struct {
		size time.Duration
		name string
	}{{time.Hour, "Hour"}, {time.Minute, "Minute"}, {time.Second, "Second"}, {time.Millisecond, "Millisecond"}, {time.Microsecond, "Microsecond"}} {
		if d%u.size == 0 {
			if d == u.size {
				return "time." + u.name
			}
			return fmt.Sprintf("%d * time.%s", d/u.size, u.name)
		}
	}
	return strconv.FormatInt(int64(d), 10)
}

// apiLiteral prints a with the operations that the variables hold.
func apiLiteral(a api.API, variables []string) string {
	a.Operations = nil
	v := reflect.ValueOf(a)
	var lines []string
	for i := range v.NumField() {
		// Not an empty list for none: of quota headers, that would mean not to look for any.
		if value := v.Field(i); !value.IsZero() {
			lines = append(lines, v.Type().Field(i).Name+": "+printValue(value, false, 1))
		}
	}
	pointers := make([]string, len(variables))
	for i, name := range variables {
		pointers[i] = "&" + name
	}
	lines = append(lines, "Operations: "+fill("[]*api.Operation", pointers, 1))
	return "api.API{\n\t" + strings.Join(lines, ",\n\t") + ",\n}"
}
