package graphql

// This file prints documents. What it prints is what was built, whatever the
// values hold: names and types are checked, and strings escaped.

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Text prints the document. It fails where a name is none, a value is of no type
// that [Arg] names, or an operation or a field's selection is malformed.
func (d *Document) Text() (string, error) {
	var p printer
	for i, op := range d.Operations {
		if i > 0 {
			p.b.WriteByte('\n')
		}
		p.operation(op, len(d.Operations)+len(d.Fragments) > 1)
	}
	for _, f := range d.Fragments {
		p.b.WriteString("\nfragment ")
		p.name(f.Name)
		if f.Name == "on" {
			p.fail("a fragment cannot be called on")
		}
		p.b.WriteString(" on ")
		p.name(f.On)
		p.directives(f.Directives)
		p.selection(f.Fields)
	}
	if len(d.Operations) == 0 {
		p.fail("the document has no operation")
	}
	return p.b.String(), p.err
}

type printer struct {
	b   strings.Builder
	err error
}

func (p *printer) fail(format string, args ...any) {
	if p.err == nil {
		p.err = fmt.Errorf("print the query: "+format, args...)
	}
}

func (p *printer) name(name string) {
	if !isName(name) {
		p.fail("%q is no name", name)
	}
	p.b.WriteString(name)
}

func (p *printer) operation(op *Operation, several bool) {
	kind := op.Kind
	switch kind {
	case "":
		kind = Query
	case Query, Mutation, Subscription:
	default:
		p.fail("%q is no kind of operation", kind)
	}
	if kind != Query || op.Name != "" || several || len(op.Variables)+len(op.Directives) > 0 {
		p.b.WriteString(string(kind))
		if op.Name != "" {
			p.b.WriteByte(' ')
			p.name(op.Name)
		}
	}
	for i, v := range op.Variables {
		p.b.WriteString(map[bool]string{true: "(", false: ", "}[i == 0])
		p.b.WriteByte('$')
		p.name(v.Name)
		p.b.WriteString(": ")
		p.typeName(v.Type)
		if v.HasDefault {
			p.b.WriteString(" = ")
			p.value(v.Default)
		}
		p.directives(v.Directives)
	}
	if len(op.Variables) > 0 {
		p.b.WriteByte(')')
	}
	p.directives(op.Directives)
	p.selection(op.Fields)
}

func (p *printer) typeName(t string) {
	check := parser{lexer: lexer{source: t}}
	err := check.advance()
	if err == nil {
		_, err = check.typeName()
	}
	if err != nil || check.tok.kind != endToken {
		p.fail("%q is no type", t)
	}
	p.b.WriteString(t)
}

func (p *printer) selection(s Selection) {
	if len(s) == 0 {
		p.fail("a selection is empty")
	}
	if last := p.b.Len(); last > 0 {
		p.b.WriteByte(' ')
	}
	p.b.WriteByte('{')
	for _, item := range s {
		p.b.WriteByte(' ')
		switch item := item.(type) {
		case Field:
			p.field(item)
		case Inline:
			p.b.WriteString("...")
			if item.On != "" {
				p.b.WriteString(" on ")
				p.name(item.On)
			}
			p.directives(item.Directives)
			p.selection(item.Fields)
		case Spread:
			p.b.WriteString("...")
			p.name(item.Fragment)
			if item.Fragment == "on" {
				p.fail("a fragment cannot be called on")
			}
			p.directives(item.Directives)
		default:
			p.fail("%T is nothing that can be selected", item)
		}
	}
	p.b.WriteString(" }")
}

func (p *printer) field(f Field) {
	if f.Alias != "" {
		p.name(f.Alias)
		p.b.WriteString(": ")
	}
	p.name(f.Name)
	p.args(f.Args)
	p.directives(f.Directives)
	if len(f.Fields) > 0 {
		p.selection(f.Fields)
	}
}

func (p *printer) directives(all []Directive) {
	for _, d := range all {
		p.b.WriteString(" @")
		p.name(d.Name)
		p.args(d.Args)
	}
}

func (p *printer) args(args []Arg) {
	if len(args) > 0 {
		p.b.WriteByte('(')
		p.members(args)
		p.b.WriteByte(')')
	}
}

func (p *printer) members(members []Arg) {
	for i, m := range members {
		if i > 0 {
			p.b.WriteString(", ")
		}
		p.name(m.Name)
		p.b.WriteString(": ")
		p.value(m.Value)
	}
}

func (p *printer) value(v any) {
	switch v := v.(type) {
	case nil:
		p.b.WriteString("null")
	case bool:
		p.b.WriteString(strconv.FormatBool(v))
	case int:
		p.b.WriteString(strconv.Itoa(v))
	case int64:
		p.b.WriteString(strconv.FormatInt(v, 10))
	case float64:
		if math.IsInf(v, 0) || math.IsNaN(v) {
			p.fail("%v is no number that GraphQL has", v)
		}
		p.b.WriteString(strconv.FormatFloat(v, 'g', -1, 64))
	case Number:
		l := lexer{source: string(v)}
		tok, err := l.next()
		if err != nil || tok.kind != intToken && tok.kind != floatToken || tok.text != string(v) {
			p.fail("%q is no number", string(v))
		}
		p.b.WriteString(string(v))
	case string:
		p.text(v)
	case Var:
		p.b.WriteByte('$')
		p.name(string(v))
	case Enum:
		if v == "true" || v == "false" || v == "null" {
			p.fail("%q is no value of an enumeration", string(v))
		}
		p.name(string(v))
	case List:
		p.b.WriteByte('[')
		for i, element := range v {
			if i > 0 {
				p.b.WriteString(", ")
			}
			p.value(element)
		}
		p.b.WriteByte(']')
	case Object:
		p.b.WriteByte('{')
		p.members(v)
		p.b.WriteByte('}')
	default:
		p.fail("a %T is no value of an argument", v)
	}
}

// text prints a string with the escapes of GraphQL, which are JSON's. What is not
// UTF-8 is replaced, as encoding/json does.
func (p *printer) text(s string) {
	p.b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			p.b.WriteByte('\\')
			p.b.WriteRune(r)
		case r == '\n':
			p.b.WriteString(`\n`)
		case r < ' ' || r == 0x7f || r == utf8.RuneError || r == '\uFEFF':
			fmt.Fprintf(&p.b, `\u%04x`, r)
		default:
			p.b.WriteRune(r)
		}
	}
	p.b.WriteByte('"')
}
