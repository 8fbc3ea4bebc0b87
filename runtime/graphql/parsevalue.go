package graphql

// This file reads what stands around fields: arguments, values, variables,
// types and directives.

import "strconv"

func (p *parser) args() ([]Arg, error) {
	if open, err := p.skipIf("("); !open {
		return nil, err
	}
	args, err := p.members(")")
	if err == nil && len(args) == 0 {
		err = p.unexpected("an argument")
	}
	if err != nil {
		return nil, err
	}
	return args, p.advance()
}

// members reads name: value pairs up to a punctuator.
func (p *parser) members(closing string) ([]Arg, error) {
	var members []Arg
	for !p.is(closing) {
		name, err := p.name("a name")
		if err != nil {
			return nil, err
		}
		if err := p.need(":"); err != nil {
			return nil, err
		}
		value, err := p.value()
		if err != nil {
			return nil, err
		}
		members = append(members, Arg{name, value})
	}
	return members, nil
}

func (p *parser) value() (any, error) {
	if err := p.enter(); err != nil {
		return nil, err
	}
	defer p.leave()
	tok := p.tok
	if err := p.advance(); err != nil {
		return nil, err
	}
	switch tok.kind {
	case intToken:
		if n, err := strconv.Atoi(tok.text); err == nil && strconv.Itoa(n) == tok.text {
			return n, nil
		}
		return Number(tok.text), nil
	case floatToken:
		return Number(tok.text), nil
	case stringToken:
		return tok.text, nil
	case nameToken:
		switch tok.text {
		case "true", "false":
			return tok.text == "true", nil
		case "null":
			return nil, nil
		}
		return Enum(tok.text), nil
	case punctToken:
		switch tok.text {
		case "$":
			name, err := p.name("a variable's name")
			return Var(name), err
		case "[":
			return p.list()
		case "{":
			members, err := p.members("}")
			if err != nil {
				return nil, err
			}
			return Object(members), p.advance()
		}
	}
	return nil, p.errorAt(tok.start, "%v stands where a value should", tok)
}

func (p *parser) list() (any, error) {
	list := List{}
	for !p.is("]") {
		value, err := p.value()
		if err != nil {
			return nil, err
		}
		list = append(list, value)
	}
	return list, p.advance()
}

func (p *parser) variables() ([]Variable, error) {
	if open, err := p.skipIf("("); !open {
		return nil, err
	}
	var variables []Variable
	for !p.is(")") || len(variables) == 0 {
		var v Variable
		err := p.need("$")
		if err != nil {
			return nil, err
		}
		if v.Name, err = p.name("a variable's name"); err != nil {
			return nil, err
		}
		if err = p.need(":"); err != nil {
			return nil, err
		}
		if v.Type, err = p.typeName(); err != nil {
			return nil, err
		}
		if v.HasDefault, err = p.skipIf("="); err != nil {
			return nil, err
		}
		if v.HasDefault {
			if v.Default, err = p.value(); err != nil {
				return nil, err
			}
		}
		if v.Directives, err = p.directives(); err != nil {
			return nil, err
		}
		variables = append(variables, v)
	}
	return variables, p.advance()
}

// typeName reads a type, and writes it without white space.
func (p *parser) typeName() (string, error) {
	if err := p.enter(); err != nil {
		return "", err
	}
	defer p.leave()
	list, err := p.skipIf("[")
	if err != nil {
		return "", err
	}
	var text string
	if list {
		if text, err = p.typeName(); err != nil {
			return "", err
		}
		if err = p.need("]"); err != nil {
			return "", err
		}
		text = "[" + text + "]"
	} else if text, err = p.name("a type"); err != nil {
		return "", err
	}
	if required, err := p.skipIf("!"); required || err != nil {
		return text + "!", err
	}
	return text, nil
}

func (p *parser) directives() ([]Directive, error) {
	var all []Directive
	for {
		at, err := p.skipIf("@")
		if err != nil || !at {
			return all, err
		}
		var d Directive
		if d.Name, err = p.name("a directive's name"); err != nil {
			return nil, err
		}
		if d.Args, err = p.args(); err != nil {
			return nil, err
		}
		all = append(all, d)
	}
}
