package providertest

// This file puts values at their places in a JSON document. Where the places
// are known beforehand, the text between them is made once.

import (
	"encoding/json"
	"fmt"

	"github.com/weirkit/weir/runtime/api"
)

// envelope is a JSON document with slots.
type envelope []envelopePart

// envelopePart is text, then the value of a slot; a slot below zero is none.
type envelopePart struct {
	text string
	slot int
}

// member is one member of the document: an object of members, or a slot.
type member struct {
	name    string
	slot    int
	members []*member
}

// newEnvelope makes a document with a slot at each path that is not nil; slot
// i is paths[i]. An empty path is the document itself, and excludes others.
// (In package api nil and empty are the same: see whole.)
func newEnvelope(paths ...api.Path) (envelope, error) {
	root := &member{slot: -1}
	body := -1
	for slot, path := range paths {
		switch {
		case path == nil:
			continue
		case len(path) == 0:
			body = slot
			continue
		}
		if err := root.add(path, slot); err != nil {
			return nil, err
		}
	}
	if body >= 0 {
		if len(root.members) > 0 {
			return nil, fmt.Errorf("the whole body is taken, so there is no place for %q", root.members[0].name)
		}
		return envelope{{"", body}}, nil
	}
	var e envelope
	text := root.write(&e, "")
	return append(e, envelopePart{text, -1}), nil
}

// whole is the path of a value that stands somewhere for certain.
func whole(p api.Path) api.Path { return append(api.Path{}, p...) }

func (m *member) add(path api.Path, slot int) error {
	at := m
	for i, name := range path {
		var next *member
		for _, c := range at.members {
			if c.name == name {
				next = c
			}
		}
		last := i == len(path)-1
		switch {
		case next == nil:
			next = &member{name: name, slot: -1}
			at.members = append(at.members, next)
		case last || next.slot >= 0:
			return fmt.Errorf("two values have their place at %q", path[:i+1])
		}
		if last {
			next.slot = slot
		}
		at = next
	}
	return nil
}

// write appends the parts of an object to e, and returns the text that is yet
// to come before the next slot.
func (m *member) write(e *envelope, text string) string {
	text += "{"
	for i, c := range m.members {
		if i > 0 {
			text += ","
		}
		text += string(JSON(c.name)) + ":"
		if c.slot >= 0 {
			*e = append(*e, envelopePart{text, c.slot})
			text = ""
		} else {
			text = c.write(e, text)
		}
	}
	return text + "}"
}

// render appends the document to b; fill appends the value of a slot.
func (e envelope) render(b []byte, fill func(b []byte, slot int) []byte) []byte {
	for _, part := range e {
		b = append(b, part.text...)
		if part.slot >= 0 {
			b = fill(b, part.slot)
		}
	}
	return b
}

// literal is a text as the JSON value that reads as it: false, 3, "ratelimited".
func literal(text string) json.RawMessage {
	if text != "" && text[0] != '"' && text[0] != '[' && text[0] != '{' && json.Valid([]byte(text)) {
		return json.RawMessage(text)
	}
	return JSON(text)
}

// document is a JSON object of values at paths, made on the spot.
type document map[string]any

// set places a value; where a value already stands in the way, nothing happens.
func (d document) set(path api.Path, value any) {
	at := d
	for i, name := range path {
		if i == len(path)-1 {
			if _, taken := at[name]; !taken {
				at[name] = value
			}
			return
		}
		next, ok := at[name].(document)
		if !ok {
			if at[name] != nil {
				return
			}
			next = document{}
			at[name] = next
		}
		at = next
	}
}

// JSON is the JSON of a value, for data that Items, Single and Handle return.
// It panics where the value has none.
func JSON(v any) json.RawMessage {
	b, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("providertest: JSON: %v", err))
	}
	return b
}
