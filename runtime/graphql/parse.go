package graphql

// This file reads queries: section 2 of the GraphQL specification, but for the
// definitions of types, which nobody sends.

import (
	"strconv"
	"unicode/utf8"
)

// maxDepth bounds how deep selections and values may nest.
const maxDepth = 200

// Parse reads a query. It knows no schema, so it finds errors of the form alone.
// Every error is a *SyntaxError.
func Parse(query string) (*Document, error) {
	p := parser{lexer: lexer{source: query}}
	for i, r := range query {
		if r == utf8.RuneError {
			if _, n := utf8.DecodeRuneInString(query[i:]); n == 1 {
				return nil, p.errorAt(i, "it is not UTF-8")
			}
		}
	}
	if err := p.advance(); err != nil {
		return nil, err
	}
	d := &Document{}
	for p.tok.kind != endToken {
		if err := p.definition(d); err != nil {
			return nil, err
		}
	}
	if len(d.Operations) == 0 {
		return nil, p.errorAt(len(query), "there is no operation")
	}
	return d, nil
}

type parser struct {
	lexer
	tok   token // the one to be read next
	depth int
}

func (p *parser) advance() (err error) {
	p.tok, err = p.next()
	return err
}

func (p *parser) unexpected(want string) error {
	return p.errorAt(p.tok.start, "%v stands where %s should", p.tok, want)
}

func (p *parser) is(punct string) bool { return p.tok.kind == punctToken && p.tok.text == punct }

func (p *parser) word(name string) bool { return p.tok.kind == nameToken && p.tok.text == name }

// skipIf passes a punctuator if it stands there.
func (p *parser) skipIf(punct string) (bool, error) {
	if !p.is(punct) {
		return false, nil
	}
	return true, p.advance()
}

func (p *parser) need(punct string) error {
	if !p.is(punct) {
		return p.unexpected(strconv.Quote(punct))
	}
	return p.advance()
}

func (p *parser) name(what string) (string, error) {
	if p.tok.kind != nameToken {
		return "", p.unexpected(what)
	}
	name := p.tok.text
	return name, p.advance()
}

// enter notes one more level of nesting, and leave that it has ended.
func (p *parser) enter() error {
	if p.depth++; p.depth > maxDepth {
		return p.errorAt(p.tok.start, "it nests deeper than %d levels", maxDepth)
	}
	return nil
}

func (p *parser) leave() { p.depth-- }

func (p *parser) definition(d *Document) error {
	switch {
	case p.is("{"):
		op := &Operation{Kind: Query, open: p.tok.end}
		if len(d.Operations) > 0 {
			return p.errorAt(p.tok.start, "an operation without a name stands beside others")
		}
		d.Operations = append(d.Operations, op)
		var err error
		op.Fields, err = p.selection()
		return err
	case p.word("query"), p.word("mutation"), p.word("subscription"):
		return p.operation(d)
	case p.word("fragment"):
		return p.fragment(d)
	case p.word("schema"), p.word("type"), p.word("input"), p.word("enum"), p.word("extend"), p.word("scalar"), p.word("union"), p.word("interface"), p.word("directive"):
		return p.errorAt(p.tok.start, "%v defines a part of a schema: send operations and fragments alone", p.tok)
	}
	return p.unexpected("an operation or a fragment")
}

func (p *parser) operation(d *Document) (err error) {
	at := p.tok.start
	op := &Operation{Kind: Kind(p.tok.text)}
	if err = p.advance(); err != nil {
		return err
	}
	if p.tok.kind == nameToken {
		if op.Name, err = p.name("a name"); err != nil {
			return err
		}
	}
	for _, other := range d.Operations {
		switch {
		case op.Name == "" || other.Name == "":
			return p.errorAt(at, "an operation without a name stands beside others")
		case op.Name == other.Name:
			return p.errorAt(at, "two operations are called %s", op.Name)
		}
	}
	if op.Variables, err = p.variables(); err != nil {
		return err
	}
	if op.Directives, err = p.directives(); err != nil {
		return err
	}
	op.open = p.tok.end
	if op.Fields, err = p.selection(); err != nil {
		return err
	}
	d.Operations = append(d.Operations, op)
	return nil
}

func (p *parser) fragment(d *Document) (err error) {
	at := p.tok.start
	f := &Fragment{}
	if err = p.advance(); err != nil {
		return err
	}
	if p.word("on") {
		return p.unexpected("the fragment's name")
	}
	if f.Name, err = p.name("the fragment's name"); err != nil {
		return err
	}
	if d.fragment(f.Name) != nil {
		return p.errorAt(at, "two fragments are called %s", f.Name)
	}
	if !p.word("on") {
		return p.unexpected(`"on"`)
	}
	if err = p.advance(); err != nil {
		return err
	}
	if f.On, err = p.name("the fragment's type"); err != nil {
		return err
	}
	if f.Directives, err = p.directives(); err != nil {
		return err
	}
	if f.Fields, err = p.selection(); err != nil {
		return err
	}
	d.Fragments = append(d.Fragments, f)
	return nil
}

func (p *parser) selection() (Selection, error) {
	if err := p.need("{"); err != nil {
		return nil, err
	}
	if err := p.enter(); err != nil {
		return nil, err
	}
	defer p.leave()
	var s Selection
	for !p.is("}") {
		item, err := p.selected()
		if err != nil {
			return nil, err
		}
		s = append(s, item)
	}
	if len(s) == 0 {
		return nil, p.unexpected("a field")
	}
	return s, p.advance()
}

func (p *parser) selected() (Selected, error) {
	spread, err := p.skipIf("...")
	switch {
	case err != nil:
		return nil, err
	case !spread:
		return p.field()
	case p.tok.kind == nameToken && p.tok.text != "on":
		s := Spread{Fragment: p.tok.text}
		if err = p.advance(); err == nil {
			s.Directives, err = p.directives()
		}
		return s, err
	}
	var in Inline
	if p.word("on") {
		if err = p.advance(); err != nil {
			return nil, err
		}
		if in.On, err = p.name("a type"); err != nil {
			return nil, err
		}
	}
	if in.Directives, err = p.directives(); err != nil {
		return nil, err
	}
	in.Fields, err = p.selection()
	return in, err
}

func (p *parser) field() (f Field, err error) {
	if f.Name, err = p.name("a field"); err != nil {
		return f, err
	}
	if aliased, err := p.skipIf(":"); err != nil {
		return f, err
	} else if aliased {
		f.Alias = f.Name
		if f.Name, err = p.name("a field"); err != nil {
			return f, err
		}
	}
	if f.Args, err = p.args(); err != nil {
		return f, err
	}
	if f.Directives, err = p.directives(); err != nil {
		return f, err
	}
	if p.is("{") {
		f.Fields, err = p.selection()
	}
	return f, err
}
