package route

// This file reads and matches single segments.

import (
	"errors"
	"net/url"
	"strings"
)

// pattern is a segment of a template: literals[0] {names[0]} literals[1] …
type pattern struct {
	text     string // without the names: {}...{}
	literals []string
	names    []string
}

var (
	errBrace    = errors.New("a brace without its pair")
	errAdjacent = errors.New("two parameters without a text between them")
)

func parse(text string) (pattern, error) {
	var p pattern
	rest := text
	for {
		literal, after, found := strings.Cut(rest, "{")
		if strings.Contains(literal, "}") {
			return p, errBrace
		}
		if found && literal == "" && len(p.names) > 0 {
			return p, errAdjacent
		}
		p.literals = append(p.literals, literal)
		if !found {
			p.text = strings.Join(p.literals, "{}")
			return p, nil
		}
		name, tail, closed := strings.Cut(after, "}")
		if !closed || strings.Contains(name, "{") {
			return p, errBrace
		}
		p.names = append(p.names, name)
		rest = tail
	}
}

// matches reports whether a segment is of the pattern. It has a parameter.
func (p *pattern) matches(text string) bool {
	return p.each(text, nil)
}

// each takes the parameters out of a segment, unless value is nil. Of several,
// each gets as little as it can, and the last the rest.
func (p *pattern) each(text string, value func(name, text string)) bool {
	rest, ok := strings.CutPrefix(text, p.literals[0])
	if !ok {
		return false
	}
	last := len(p.names) - 1
	for i, name := range p.names {
		literal := p.literals[i+1]
		var before string
		if i == last {
			if before, ok = strings.CutSuffix(rest, literal); !ok {
				return false
			}
		} else if len(rest) > 0 {
			at := strings.Index(rest[1:], literal) // a value is not empty
			if at < 0 {
				return false
			}
			before, rest = rest[:at+1], rest[at+1+len(literal):]
		}
		if before == "" {
			return false
		}
		if value != nil {
			value(name, before)
		}
	}
	return true
}

// Values are the parameters of a path that matches a template, unescaped: nil
// where it does not.
func Values(template, path string) map[string]string {
	template, _, _ = strings.Cut(template, "?")
	template, path = trim(template), trim(path)
	values := map[string]string{}
	for {
		part, restOfTemplate, more := strings.Cut(template, "/")
		text, restOfPath, moreOfPath := strings.Cut(path, "/")
		if more != moreOfPath {
			return nil
		}
		p, err := parse(part)
		if err != nil {
			return nil
		}
		if len(p.names) > 0 && !p.each(text, func(name, value string) {
			if plain, err := url.PathUnescape(value); err == nil {
				value = plain
			}
			values[name] = value
		}) {
			return nil
		}
		if !more {
			return values
		}
		template, path = restOfTemplate, restOfPath
	}
}
