package graphql

// This file makes a selection of a Go type, whose fields are then what is asked
// for: the type says what a query has, and encoding/json decodes the answer into it.

import (
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"unicode"
)

// SelectionOf is what to ask of an object so that its JSON fits a struct, or what
// a pointer or slice of one points to. Each exported field is asked for:
//
//	type repo struct {
//		NameWithOwner string
//		Owner         struct{ Login string }
//		Open          struct{ TotalCount int } `graphql:"issues(states: OPEN)"`
//	}
//
// asks for nameWithOwner owner { login } open: issues(states: OPEN) { totalCount }.
//
// A field's key in the answer is its name for encoding/json, or else its own in
// lower camel case (ID is id, DatabaseID is databaseId, HTMLURL is htmlurl). The
// tag graphql gives the field to ask for where that is another, or takes arguments,
// which are literal values: variables are the query's own. Where the tag has a
// selection of its own, as issues(first: 3) { nodes { title } }, that is asked for,
// whatever the type is; so maps and json.RawMessage can be filled.
//
// The fields of an embedded struct are asked for beside the others, or with the tag
// `graphql:"... on User"` of objects of that type alone. Types that decode
// themselves, as time.Time does, are leaves. A tag of "-" leaves a field out.
func SelectionOf(t reflect.Type) (Selection, error) {
	s := selector{under: map[reflect.Type]bool{}}
	t = elem(t)
	if t.Kind() != reflect.Struct || leaf(t) {
		return nil, fmt.Errorf("%v has no fields to ask for: give a struct with those that are wanted", t)
	}
	return s.fields(t)
}

// elem is what a type has in the end: what pointers point to, and slices hold.
func elem(t reflect.Type) reflect.Type {
	for t.Kind() == reflect.Pointer || (t.Kind() == reflect.Slice || t.Kind() == reflect.Array) && !leaf(t) {
		t = t.Elem()
	}
	return t
}

var (
	jsonDecoder = reflect.TypeFor[json.Unmarshaler]()
	textDecoder = reflect.TypeFor[encoding.TextUnmarshaler]()
)

// leaf reports whether a type decodes itself.
func leaf(t reflect.Type) bool {
	return reflect.PointerTo(t).Implements(jsonDecoder) || reflect.PointerTo(t).Implements(textDecoder)
}

type selector struct {
	under map[reflect.Type]bool // the structs that are being looked at
}

func (s *selector) fields(t reflect.Type) (Selection, error) {
	if s.under[t] {
		return nil, fmt.Errorf("%v has itself in it: a query has an end, so give it a type of its own", t)
	}
	s.under[t] = true
	defer delete(s.under, t)
	var all Selection
	for i := range t.NumField() {
		asked, err := s.field(t.Field(i))
		if err != nil {
			return nil, fmt.Errorf("%v.%s: %w", t, t.Field(i).Name, err)
		}
		all = append(all, asked...)
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("%v has no exported field: there is nothing to ask for", t)
	}
	return all, nil
}

// field is what one field of a struct asks for.
func (s *selector) field(f reflect.StructField) (Selection, error) {
	name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	tag := strings.TrimSpace(f.Tag.Get("graphql"))
	switch {
	case name == "-" || tag == "-":
		return nil, nil
	case f.Anonymous && name == "" && elem(f.Type).Kind() == reflect.Struct && !leaf(elem(f.Type)):
		return s.embedded(f, tag)
	case !f.IsExported():
		return nil, nil
	case strings.HasPrefix(tag, "..."):
		return nil, errors.New("what is asked of one type of objects alone stands in an embedded struct")
	}
	key := name
	if key == "" {
		key = lowerCamel(f.Name)
	}
	asked := Field{Name: key}
	if tag != "" {
		var err error
		if asked, err = tagged(tag); err != nil {
			return nil, err
		}
	}
	if asked.Alias != "" && asked.Alias != key {
		return nil, fmt.Errorf("the tag graphql has the alias %s, and the field's name is %s: leave the alias out", asked.Alias, key)
	}
	// encoding/json finds fields in any case, those with a name of their own too.
	if asked.Alias = ""; !strings.EqualFold(asked.Name, key) || name != "" && asked.Name != key {
		asked.Alias = key
	}
	if of := elem(f.Type); len(asked.Fields) == 0 {
		switch {
		case of.Kind() == reflect.Map:
			return nil, errors.New("a map tells no fields: name them in the tag graphql, as owner { login }")
		case of.Kind() == reflect.Struct && !leaf(of):
			var err error
			if asked.Fields, err = s.fields(of); err != nil {
				return nil, err
			}
		}
	}
	return Selection{asked}, nil
}

func (s *selector) embedded(f reflect.StructField, tag string) (Selection, error) {
	fields, err := s.fields(elem(f.Type))
	if err != nil || tag == "" {
		return fields, err
	}
	on, ok := strings.CutPrefix(tag, "...")
	on, isOn := strings.CutPrefix(strings.TrimSpace(on), "on ")
	if on = strings.TrimSpace(on); !ok || !isOn || !isName(on) {
		return nil, fmt.Errorf("the tag graphql is %q: an embedded struct has none, or one such as ... on User", tag)
	}
	return Selection{Inline{On: on, Fields: fields}}, nil
}

// tagged reads the field that a tag asks for.
func tagged(tag string) (Field, error) {
	d, err := Parse("{" + tag + "}")
	if err != nil {
		return Field{}, fmt.Errorf("the tag graphql: %w", err)
	}
	if len(d.Operations) != 1 || len(d.Fragments) > 0 || len(d.Operations[0].Fields) != 1 {
		return Field{}, fmt.Errorf("the tag graphql is %q: it asks for one field, as issues(states: OPEN)", tag)
	}
	f, ok := d.Operations[0].Fields[0].(Field)
	if !ok {
		return Field{}, fmt.Errorf("the tag graphql is %q: it asks for one field, as issues(states: OPEN)", tag)
	}
	return f, literal(f)
}

// literal refuses what a tag cannot have: variables and fragments belong to queries.
func literal(f Field) error {
	for _, d := range append([]Directive{{Args: f.Args}}, f.Directives...) {
		for _, a := range d.Args {
			if name, ok := variableIn(a.Value); ok {
				return fmt.Errorf("the tag graphql uses the variable $%s: its arguments are literal values", name)
			}
		}
	}
	return literals(f.Fields)
}

func literals(s Selection) error {
	for _, item := range s {
		var err error
		switch item := item.(type) {
		case Field:
			err = literal(item)
		case Inline:
			err = literal(Field{Directives: item.Directives, Fields: item.Fields})
		case Spread:
			err = fmt.Errorf("the tag graphql uses the fragment %s, which no query defines", item.Fragment)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func variableIn(value any) (name string, found bool) {
	switch value := value.(type) {
	case Var:
		return string(value), true
	case List:
		for _, v := range value {
			if name, found = variableIn(v); found {
				return name, true
			}
		}
	case Object:
		for _, a := range value {
			if name, found = variableIn(a.Value); found {
				return name, true
			}
		}
	}
	return "", false
}

// lowerCamel is a Go name as GraphQL's fields are written: its first word in lower
// case, and what is in capitals behind it as one word.
func lowerCamel(name string) string {
	runes := []rune(name)
	out := make([]rune, len(runes))
	for i, r := range runes {
		begins := i > 0 && unicode.IsUpper(r) && (!unicode.IsUpper(runes[i-1]) || i+1 < len(runes) && unicode.IsLower(runes[i+1]))
		if !begins {
			r = unicode.ToLower(r)
		}
		out[i] = r
	}
	return string(out)
}
