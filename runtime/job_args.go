package runtime

// This file puts the items of one job into a call's arguments.

import (
	"encoding/json"
	"reflect"

	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/jsonpath"
)

// jobArgs are args with a job's items, and the items' ids, empty where they have
// none: what an item is, or what stands at path id in it.
func jobArgs(op *api.Operation, args Args, items []any, id api.Path) (_ Args, keys []string, err error) {
	list := make([]json.RawMessage, len(items))
	keys = make([]string, len(items))
	for i, item := range items {
		if list[i], err = json.Marshal(item); err != nil {
			return args, nil, invalid("an item: %v", err)
		}
		if keys[i] = textAt(list[i], id); keys[i] == "" && list[i][0] != '{' {
			keys[i] = jsonpath.Text(list[i])
		}
	}
	if op.Job.Param != "" {
		args.Params, err = withItems(args.Params, op.Job.Param, items)
		return args, keys, err
	}
	within := op.Job.Items[len(op.Body):]
	body := json.RawMessage("null")
	if len(within) > 0 {
		if body, err = json.Marshal(args.Body); err != nil {
			return args, nil, invalid("the request body: %v", err)
		}
	}
	args.Body, err = withMember(body, within, list)
	return args, keys, err
}

// withMember is a JSON document with value at path.
func withMember(document json.RawMessage, path api.Path, value any) (json.RawMessage, error) {
	if len(path) == 0 {
		return json.Marshal(value)
	}
	var object map[string]json.RawMessage
	if err := json.Unmarshal(document, &object); err != nil {
		return nil, invalid("the request body has to be an object, for its member %s to list the items: %v", path[0], err)
	}
	if object == nil {
		object = map[string]json.RawMessage{}
	}
	inner := object[path[0]]
	if inner == nil {
		inner = json.RawMessage("null")
	}
	var err error
	if object[path[0]], err = withMember(inner, path[1:], value); err != nil {
		return nil, err
	}
	return json.Marshal(object)
}

// withItems is a copy of params, a pointer to a struct, whose field for the
// query parameter has items.
func withItems(params any, name string, items []any) (any, error) {
	t := reflect.TypeOf(params)
	if t == nil || t.Kind() != reflect.Pointer || t.Elem().Kind() != reflect.Struct {
		return nil, invalid("parameters are a %T, not a pointer to a struct with the parameter %s", params, name)
	}
	changed := reflect.New(t.Elem())
	if v := reflect.ValueOf(params); !v.IsNil() {
		changed.Elem().Set(v.Elem())
	}
	plan, err := planParams(t.Elem())
	if err != nil {
		return nil, err
	}
	for _, f := range plan {
		if f.in != api.InQuery || f.name != name {
			continue
		}
		field := changed.Elem().Field(f.index)
		if field.Kind() != reflect.Slice {
			return nil, invalid("%v.%s is not a slice, and so cannot have the items", t.Elem(), t.Elem().Field(f.index).Name)
		}
		list := reflect.MakeSlice(field.Type(), len(items), len(items))
		for i, item := range items {
			v := reflect.ValueOf(item)
			if !v.IsValid() || !v.Type().ConvertibleTo(list.Type().Elem()) || v.Kind() != list.Type().Elem().Kind() {
				return nil, invalid("parameter %s takes items of %v, not a %T", name, list.Type().Elem(), item)
			}
			list.Index(i).Set(v.Convert(list.Type().Elem()))
		}
		field.Set(list)
		return changed.Interface(), nil
	}
	return nil, invalid("%v has no parameter %s", t.Elem(), name)
}
