package generator

// This file decides how jobs look: the method of a bulk write of any length, and
// that which waits for jobs.

import (
	"fmt"
	"strings"

	"github.com/weirkit/weir/generator/model"
	"github.com/weirkit/weir/runtime/api"
)

// job is an operation's x-job, with the name of the operation that shows jobs.
func (r *resolver) job(op *operation) *api.Job {
	if op.notes.Job == nil {
		return nil
	}
	job := *op.notes.Job
	job.With = r.nameOf(job.With)
	return &job
}

// nameOf is the name of the operation of a key, empty where there is none.
func (r *resolver) nameOf(key string) string {
	for _, op := range r.operations {
		if operationKey(op.method, op.path) == key {
			return op.name
		}
	}
	return ""
}

// finishBulk is the method that writes any number of items, nil where there is none.
// The items are an argument of their own. Of what they stand in, the body is
// another one if more of it is required, and the parameters are if they are more
// than lists, which are other ways to name the items.
func (op *operation) finishBulk() *model.Bulk {
	if op.bulk == "" {
		return nil
	}
	job, taken := op.value.Job, scope{}
	m := &model.Bulk{Method: op.bulk}
	var args []string
	add := func(name, typ string) string {
		name = taken.take(name)
		m.Signature += name + " " + typ + ", "
		return name
	}
	if len(op.pathArgs) > 0 {
		args = append(args, "Path: []any{"+strings.Join(op.pathArgs, ", ")+"}")
	}
	var body *expr
	for _, a := range op.arguments {
		if a.name == op.body {
			body = a.typ
			continue
		}
		add(a.name, a.typ.String())
	}
	items := "items"
	var list *expr
	if job.Param != "" {
		items = argumentName(job.Param)
		list = op.params.field(job.Param)
	} else {
		within := job.Items[len(op.value.Body):]
		list = body
		for _, name := range within {
			list = list.member(name)
		}
		if items = argumentName(job.Items[len(job.Items)-1]); len(within) > 0 && body.requires(within[0]) {
			args = append(args, "Body: "+add(op.body, body.String()))
		}
	}
	element := "any"
	if list != nil && list.prefix == "[]" {
		element = list.elem.String()
	}
	m.Items = add(items, "iter.Seq["+element+"]")
	switch {
	case op.params == nil:
	case op.params.moreThanLists(job.Param):
		args = append(args, "Params: "+add("params", "*"+op.params.name))
	case job.Param != "":
		args = append(args, "Params: &"+op.params.name+"{}")
	}
	m.Args = strings.Join(args, ", ")
	m.Comment = fmt.Sprintf("%s is %s for any number of items: as jobs of up to %d, whose results it waits for.", op.bulk, op.short, job.Max)
	return m
}

// field is the type of the field of a name, nil where there is none.
func (d *declaration) field(name string) *expr {
	if d == nil {
		return nil
	}
	for _, f := range d.fields {
		if f.json == name {
			return f.typ
		}
	}
	return nil
}

// member is the type of a struct's member, nil where there is none.
func (e *expr) member(name string) *expr {
	for e != nil && e.prefix == "*" {
		e = e.elem
	}
	if e == nil {
		return nil
	}
	return e.ref.field(name)
}

// requires reports whether a struct has a required member beside one.
func (e *expr) requires(beside string) bool {
	if e == nil || e.ref == nil {
		return true // who knows
	}
	for _, f := range e.ref.fields {
		if f.json != beside && !strings.Contains(f.tag, "omitzero") {
			return true
		}
	}
	return false
}

// moreThanLists reports whether parameters, beside one, have any that is required
// or no list.
func (d *declaration) moreThanLists(beside string) bool {
	for _, f := range d.fields {
		if f.json != beside && (f.typ.prefix != "[]" || strings.Contains(f.tag, ",required")) {
			return true
		}
	}
	return false
}
