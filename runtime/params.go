package runtime

// This file turns a struct of parameters into a query and headers. A field is
// tagged with where it goes and under which name, then options:
//
//	Include []string `query:"include,join"`
//
//	(none)     a slice repeats the parameter: include=a&include=b
//	join       a slice is one value, joined by commas; space and pipe likewise
//	deep       a map or struct becomes name[key]=value
//	required   sent even when it is zero, which may be meant; without a struct
//	           the call is refused here, before it takes its place in the budget
//
// Zero fields are otherwise left out. The plan for a type is made once.

import (
	"encoding"
	"fmt"
	"net/http"
	"net/url"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/weirkit/weir/runtime/api"
)

type paramField struct {
	index    int
	in       string
	name     string
	join     string // separator; empty repeats
	deep     bool
	required bool
}

var paramPlans sync.Map // reflect.Type -> []paramField

func planParams(t reflect.Type) ([]paramField, error) {
	if plan, ok := paramPlans.Load(t); ok {
		return plan.([]paramField), nil
	}
	var plan []paramField
	for i := range t.NumField() {
		for _, in := range []string{api.InQuery, api.InHeader} {
			tag, ok := t.Field(i).Tag.Lookup(in)
			if !ok {
				continue
			}
			if !t.Field(i).IsExported() {
				return nil, invalid("%v.%s is a parameter that is not exported", t, t.Field(i).Name)
			}
			name, options, _ := strings.Cut(tag, ",")
			f := paramField{index: i, in: in, name: name}
			for o := range strings.SplitSeq(options, ",") {
				switch o {
				case "":
				case "join":
					f.join = ","
				case "space":
					f.join = " "
				case "pipe":
					f.join = "|"
				case "deep":
					f.deep = true
				case "required":
					f.required = true
				default:
					return nil, fmt.Errorf("%v.%s: unknown option %q in its %s tag", t, t.Field(i).Name, o, in)
				}
			}
			plan = append(plan, f)
		}
	}
	paramPlans.Store(t, plan)
	return plan, nil
}

// encodeParams adds the parameters to query and h.
func encodeParams(params any, query url.Values, h http.Header) error {
	v := reflect.ValueOf(params)
	if !v.IsValid() {
		return nil
	}
	if v.Kind() == reflect.Pointer && v.IsNil() {
		return missingParam(v.Type().Elem())
	}
	v = reflect.Indirect(v)
	if v.Kind() != reflect.Struct {
		return invalid("parameters are a %T, not a struct", params)
	}
	plan, err := planParams(v.Type())
	if err != nil {
		return err
	}
	for _, f := range plan {
		field := v.Field(f.index)
		if field.IsZero() && !f.required {
			continue
		}
		if err := f.encode(field, query, h); err != nil {
			return invalid("parameter %s: %v", f.name, err)
		}
	}
	return nil
}

// missingParam is the error of a call without parameters, where it needs some.
func missingParam(t reflect.Type) error {
	if t.Kind() != reflect.Struct {
		return nil
	}
	plan, err := planParams(t)
	if err != nil {
		return err
	}
	for _, f := range plan {
		if f.required {
			return invalid("parameter %s is required: give a %v with %s", f.name, t, t.Field(f.index).Name)
		}
	}
	return nil
}

func (f paramField) encode(v reflect.Value, query url.Values, h http.Header) error {
	if f.deep {
		return encodeDeep(f.name, v, query)
	}
	values, err := texts(v)
	if err != nil {
		return err
	}
	if f.join != "" || f.in == api.InHeader {
		separator := f.join
		if separator == "" {
			separator = ","
		}
		values = []string{strings.Join(values, separator)}
	}
	for _, s := range values {
		if f.in == api.InQuery {
			query.Add(f.name, s)
			continue
		}
		if strings.ContainsAny(s, "\r\n\x00") {
			return fmt.Errorf("a header cannot have a line break")
		}
		h.Set(f.name, s)
	}
	return nil
}

// encodeDeep writes a struct's or a map's members as name[member]=value.
func encodeDeep(name string, v reflect.Value, query url.Values) error {
	v = reflect.Indirect(v)
	switch v.Kind() {
	case reflect.Map:
		for _, k := range v.MapKeys() {
			key, err := text(k)
			if err != nil {
				return err
			}
			if err := encodeDeep(name+"["+key+"]", v.MapIndex(k), query); err != nil {
				return err
			}
		}
		return nil
	case reflect.Struct:
		if _, ok := v.Interface().(encoding.TextMarshaler); ok {
			break
		}
		for i := range v.NumField() {
			key, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ",")
			if key == "" || v.Field(i).IsZero() {
				continue
			}
			if err := encodeDeep(name+"["+key+"]", v.Field(i), query); err != nil {
				return err
			}
		}
		return nil
	}
	values, err := texts(v)
	for _, s := range values {
		query.Add(name, s)
	}
	return err
}

// texts is the values of a slice, or the one value of anything else.
func texts(v reflect.Value) ([]string, error) {
	v = indirect(v)
	if v.Kind() != reflect.Slice && v.Kind() != reflect.Array {
		s, err := text(v)
		return []string{s}, err
	}
	list := make([]string, v.Len())
	for i := range list {
		s, err := text(v.Index(i))
		if err != nil {
			return nil, err
		}
		list[i] = s
	}
	return list, nil
}

// text is a value as it stands in a URL or a header.
func text(v reflect.Value) (string, error) {
	v = indirect(v)
	if !v.IsValid() {
		return "", nil
	}
	switch x := v.Interface().(type) {
	case time.Time:
		return x.Format(time.RFC3339Nano), nil
	case encoding.TextMarshaler:
		b, err := x.MarshalText()
		return string(b), err
	}
	switch v.Kind() {
	case reflect.String:
		return v.String(), nil
	case reflect.Bool:
		return strconv.FormatBool(v.Bool()), nil
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return strconv.FormatInt(v.Int(), 10), nil
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return strconv.FormatUint(v.Uint(), 10), nil
	case reflect.Float32, reflect.Float64:
		return strconv.FormatFloat(v.Float(), 'f', -1, 64), nil
	}
	return "", fmt.Errorf("a %v cannot be a parameter", v.Type())
}

func indirect(v reflect.Value) reflect.Value {
	for v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface {
		v = v.Elem()
	}
	return v
}
