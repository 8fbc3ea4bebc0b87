package graphql

// This file makes a query ready to be sent.

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/weirkit/weir/runtime/api"
)

// Request is what one asks.
type Request struct {
	// Query is the query's text; or else Document is the query, as built. A built
	// one, and every mutation, is checked against the endpoint's Rules before it is
	// sent.
	Query    string
	Document *Document
	// Operation is the name of the operation to execute, where there are several.
	Operation string
	// Variables are a map or a struct that encodes as a JSON object; nil for none.
	Variables any
}

// Prepared is a request ready to be sent.
type Prepared struct {
	Document  *Document
	Operation *Operation
	// Call is the operation to call: what the request draws, and by its name.
	Call *api.Operation
	// Body is the request body.
	Body Body
	// Estimate is what the request is reckoned to cost.
	Estimate Estimate
	// Values are the variables.
	Values map[string]any
}

// Body is a request body.
type Body struct {
	Query         string          `json:"query"`
	OperationName string          `json:"operationName,omitempty"`
	Variables     json.RawMessage `json:"variables,omitempty"`
}

// Prepare reads a request, reckons its cost and adds the endpoint's Report. With
// bare set nothing is added to the query.
func (e *Endpoint) Prepare(r Request, bare bool) (*Prepared, error) {
	p := &Prepared{Document: r.Document}
	text, err := r.text()
	if err != nil {
		return nil, err
	}
	// A built document is read again: its printed form says where things stand.
	if p.Document, err = Parse(text); err != nil {
		return nil, err
	}
	if err = p.Document.check(); err != nil {
		return nil, err
	}
	if p.Operation, err = p.Document.Operation(r.Operation); err != nil {
		return nil, err
	}
	if err = p.variables(r.Variables); err != nil {
		return nil, err
	}
	p.Estimate, err = e.Rules.Estimate(p.Document, p.Operation, p.Values)
	// A written query is the provider's to judge. But where a mutation's payload is
	// against the rules GitHub fails that alone, once the mutation has been executed.
	if err != nil && (r.Document != nil || p.Operation.Kind == Mutation) {
		return nil, err
	}
	base := e.Query
	switch p.Operation.Kind {
	case Mutation:
		base = e.Mutation
	case Subscription:
		return nil, errors.New("a subscription needs a connection that stays open: send a query or a mutation")
	}
	if base == nil {
		return nil, fmt.Errorf("the endpoint takes no %s", p.Operation.Kind)
	}
	p.Call = e.call(base, p)
	p.Body.Query, p.Body.OperationName = text, r.Operation
	if !bare {
		p.Body.Query = e.reporting(text, p)
	}
	return p, nil
}

func (r Request) text() (string, error) {
	if r.Document == nil {
		return r.Query, nil
	}
	if r.Query != "" {
		return "", errors.New("the request has both a text and a document")
	}
	return r.Document.Text()
}

// variables encodes the variables, and keeps them as they are encoded.
func (p *Prepared) variables(v any) error {
	if v == nil {
		return nil
	}
	raw, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("the variables: %w", err)
	}
	if string(raw) == "null" {
		return nil
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	if d.Decode(&p.Values) != nil {
		return fmt.Errorf("the variables are not an object by name, but a %T", v)
	}
	p.Body.Variables = raw
	return nil
}

// call is the operation under the query's own name, so that events tell it and
// what it has cost is remembered for it, charged with what it is reckoned to cost.
func (e *Endpoint) call(base *api.Operation, p *Prepared) *api.Operation {
	op := *base
	if p.Operation.Name != "" {
		service, _, _ := strings.Cut(op.Name, ".")
		op.Name = service + "." + p.Operation.Name
	}
	op.Draws = slices.Clone(op.Draws)
	for i := range e.Beside {
		if e.Beside[i].of(p) {
			op.Draws = append(op.Draws, e.Beside[i].Draws...)
		}
	}
	if e.Points != "" && p.Estimate.Points > 1 {
		for i := range op.Draws {
			if op.Draws[i].Limit == e.Points {
				op.Draws[i].Cost = max(op.Draws[i].Cost, p.Estimate.Points)
			}
		}
	}
	return &op
}

// reporting adds the endpoint's Report to a query that does not have it. A query
// that uses its name for something else is left as it is.
func (e *Endpoint) reporting(text string, p *Prepared) string {
	if e.Report.Name == "" || p.Operation.Kind != Query {
		return text
	}
	there := false
	p.Document.fields(p.Operation.Fields, func(f Field) bool {
		there = there || f.Key() == e.Report.Key()
		return !there
	})
	var printed printer
	printed.field(e.Report)
	if there || printed.err != nil {
		return text
	}
	at := p.Operation.open
	return text[:at] + " " + printed.b.String() + text[at:]
}
