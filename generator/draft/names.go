package draft

// This file shows the names that a person would choose otherwise. They are left
// as they are: a name that is changed breaks programs, so it is the reviewer's choice.

import (
	"fmt"
	"strings"
)

// longest is how long a method's name may be before it is hard to read.
const longest = 45

func (d *drafter) doubtfulNames() {
	taken := map[string]bool{}
	for _, name := range d.names {
		taken[name] = true
	}
	type doubt struct{ why, form string }
	var doubts []doubt
	for _, op := range d.operations {
		if op.own("x-operation-name") {
			continue
		}
		why := ""
		bare := strings.TrimRight(op.name, "0123456789")
		service, method, _ := strings.Cut(op.name, ".")
		switch {
		case bare != op.name && taken[strings.TrimSuffix(bare, "_")]:
			why = "has a number, since another one is " + strings.TrimSuffix(bare, "_")
		case !d.named(op):
			why = "is made of the path, since the document gives no operationId"
		case len(method) > longest:
			why = fmt.Sprintf("has %d letters after %s", len(method), service)
		default:
			continue
		}
		var p page
		p.target("- ", 0, []string{op.path}, op.method)
		doubts = append(doubts, doubt{op.name + " " + why, strings.TrimSuffix(p.String(), "\n")})
	}
	if len(doubts) == 0 {
		return
	}
	d.unknown("x-operation-name", len(doubts))
	d.page.heading("names that might be better")
	d.page.comment(2, "To give one another name, Service.Method as in Tickets.List, uncomment it.")
	d.page.line(0, "")
	for i, doubt := range doubts {
		if i > 0 {
			d.page.line(0, "")
		}
		d.page.comment(2, "unknown: a better name; %s.", doubt.why)
		d.page.form(2, strings.Split(doubt.form, "\n")...)
		d.page.form(2, "  update: {x-operation-name: SERVICE.METHOD}")
	}
}

// named reports whether the document itself names an operation: loading gives the
// others an operationId too.
func (d *drafter) named(op *operation) bool {
	n := d.doc.Node("paths", op.path, strings.ToLower(op.method), "operationId")
	return n != nil && strings.TrimSpace(n.Value) != ""
}
