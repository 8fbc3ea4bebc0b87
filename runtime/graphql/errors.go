package graphql

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

var (
	// ErrTooCostly: the query asks for more at once than the provider computes or
	// allows. A smaller page, or fewer fields, may do.
	ErrTooCostly = errors.New("the query asks for too much at once")
	// ErrNotGraphQL: the answer is not JSON, or has neither data nor errors.
	ErrNotGraphQL = errors.New("the answer is not one of GraphQL")
)

// Errors are what an answer says went wrong.
type Errors struct {
	// List has the errors as the provider lists them.
	List []Error
	// Partial tells that there are data beside the errors.
	Partial bool

	costly bool
}

// Error is one of an answer's errors.
type Error struct {
	Message string `json:"message"`
	// Path leads to the field that has failed, from data on; empty where the whole
	// query has.
	Path      Path       `json:"path"`
	Locations []Location `json:"locations"`
	// Type is what kind of error it is, where the provider tells that beside the
	// message, as GitHub does.
	Type string `json:"type"`
	// Extensions is what else the provider tells. It may repeat variables.
	Extensions json.RawMessage `json:"extensions"`
}

// Location is a place in the query, in lines and columns from 1.
type Location struct {
	Line   int `json:"line"`
	Column int `json:"column"`
}

// Path leads into data: a string is a field's name in the answer, an int an
// element's index.
type Path []any

// UnmarshalJSON reads indices as int.
func (p *Path) UnmarshalJSON(b []byte) error {
	var steps []any
	if err := json.Unmarshal(b, &steps); err != nil {
		*p = nil // what is no path is told by the message alone
		return nil
	}
	for i, step := range steps {
		if n, ok := step.(float64); ok {
			steps[i] = int(n)
		}
	}
	*p = steps
	return nil
}

// String writes the path as repository.issues.nodes[3].title.
func (p Path) String() string {
	var b strings.Builder
	for _, step := range p {
		switch step := step.(type) {
		case int:
			b.WriteString("[" + strconv.Itoa(step) + "]")
		default:
			if b.Len() > 0 {
				b.WriteByte('.')
			}
			fmt.Fprint(&b, step)
		}
	}
	return b.String()
}

// Code is the error's kind in the provider's words: its Type, or the code of its
// extensions. Empty where it has neither.
func (e Error) Code() string {
	if e.Type != "" || len(e.Extensions) == 0 {
		return e.Type
	}
	var known struct {
		Code string `json:"code"`
	}
	if json.Unmarshal(e.Extensions, &known) != nil {
		return ""
	}
	return known.Code
}

// maxMessage bounds what is printed of an error's message.
const maxMessage = 300

func (e Error) text() string {
	parts := make([]string, 0, 3)
	for _, part := range []string{e.Path.String(), e.Code(), e.Message} {
		if part = strings.ToValidUTF8(part, "\uFFFD"); len(part) > maxMessage {
			part = strings.ToValidUTF8(part[:maxMessage], "") + "…"
		}
		if part != "" {
			parts = append(parts, part)
		}
	}
	if len(parts) == 0 {
		return "an error without a message"
	}
	return strings.Join(parts, ": ")
}

// Error tells the first error, and how many more there are.
func (e *Errors) Error() string {
	if len(e.List) == 0 {
		return "an empty list of errors"
	}
	s := e.List[0].text()
	if more := len(e.List) - 1; more > 0 {
		s += fmt.Sprintf(" (and %d more)", more)
	}
	if e.Partial {
		s = "a part failed: " + s
	}
	return s
}

// At are those of the errors whose path begins with a field of the root, by its
// alias if it has one; nil where there are none. So the fields of a query that asks
// for many things each have errors of their own.
func (e *Errors) At(key string) *Errors {
	at := &Errors{Partial: e.Partial, costly: e.costly}
	for _, err := range e.List {
		if len(err.Path) > 0 && err.Path[0] == key {
			at.List = append(at.List, err)
		}
	}
	if len(at.List) == 0 {
		return nil
	}
	return at
}

// Is reports whether the errors are [ErrTooCostly].
func (e *Errors) Is(target error) bool { return target == ErrTooCostly && e.costly }

// Answer is what stands in the body of an answer.
type Answer struct {
	// Data is null or missing where all has failed.
	Data   json.RawMessage
	Errors *Errors // nil where there are none
}

// Read reads the body of an answer. An error of its own wraps ErrNotGraphQL.
func (e *Endpoint) Read(body []byte) (Answer, error) {
	var raw struct {
		Data   json.RawMessage `json:"data"`
		Errors json.RawMessage `json:"errors"`
	}
	if err := json.Unmarshal(body, &raw); err != nil {
		return Answer{}, fmt.Errorf("%w: %w", ErrNotGraphQL, err)
	}
	told := e.Errors(raw.Errors)
	empty := len(raw.Data) == 0 || string(raw.Data) == "null"
	if empty && told == nil {
		return Answer{}, fmt.Errorf("%w: it has neither data nor errors", ErrNotGraphQL)
	}
	if told != nil {
		told.Partial = !empty
	}
	return Answer{Data: raw.Data, Errors: told}, nil
}

// Errors reads an answer's list of errors; nil where it is missing, null or empty.
// What providers send in its place is read as far as it can be.
func (e *Endpoint) Errors(raw json.RawMessage) *Errors {
	if len(raw) == 0 || string(raw) == "null" {
		return nil
	}
	told := &Errors{}
	var items []json.RawMessage
	if json.Unmarshal(raw, &items) != nil {
		items = []json.RawMessage{raw} // one object or text, as some gateways have it
	} else if len(items) == 0 {
		return nil
	}
	for _, item := range items {
		err := read(item)
		told.List = append(told.List, err)
		told.costly = told.costly || e.costly(&err)
	}
	return told
}

// read reads one error. A member of another type than the specification's costs
// no other its value.
func read(raw json.RawMessage) (e Error) {
	if json.Unmarshal(raw, &e) == nil {
		return e
	}
	if json.Unmarshal(raw, &e.Message) == nil {
		return e
	}
	var members map[string]json.RawMessage
	if json.Unmarshal(raw, &members) != nil {
		return Error{}
	}
	e = Error{Extensions: members["extensions"]}
	for name, to := range map[string]any{"message": &e.Message, "path": &e.Path, "locations": &e.Locations, "type": &e.Type} {
		if value, ok := members[name]; ok {
			// What does not fit is left out: the others still tell what went wrong.
			_ = json.Unmarshal(value, to)
		}
	}
	return e
}
