package runtime

// This file turns an operation's draws into charges on concrete counters.

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/budget"
	"github.com/weirkit/weir/runtime/jsonpath"
)

// charges are what one call takes from the client's counters.
func (c *Client) charges(call *call) ([]budget.Charge, error) {
	charges := make([]budget.Charge, 0, len(call.op.Draws))
	for _, d := range call.op.Draws {
		if d.When != nil && !call.satisfies(*d.When) {
			continue
		}
		limit, ok := c.limits[d.Limit]
		if !ok {
			return nil, fmt.Errorf("%w: %q, which %s draws on, in %s", ErrUnknownLimit, d.Limit, call.op.Name, c.desc.Name)
		}
		charges = append(charges, budget.Charge{
			Key:   budget.Key{API: c.desc.Name, Limit: limit.Name, Scope: call.who.scope(limit, call)},
			Shape: limit.Shape,
			Cost:  max(d.Cost, 1),
		})
	}
	return charges, nil
}

// scope is the key of a limit's counter for this call.
func (w *who) scope(l api.Limit, call *call) string {
	if fixed, ok := w.scopes[l.Name]; ok {
		return fixed
	}
	var b strings.Builder
	for i, s := range l.Scope {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(string(s) + "=")
		if value, ok := w.identity[s]; ok {
			b.WriteString(value)
		} else if s == api.ScopeOperation {
			b.WriteString(call.op.Name)
		} else {
			in, name, _ := strings.Cut(string(s), ":")
			value, _ := call.param(api.Param{In: in, Name: name})
			b.WriteString(strconv.Quote(value))
		}
	}
	return b.String()
}

func (c *call) satisfies(w api.When) bool {
	value, ok := c.param(w.Param)
	if !ok {
		return false
	}
	if len(w.Equals) > 0 && !slices.Contains(w.Equals, value) {
		return false
	}
	if w.Above != 0 {
		n, err := strconv.ParseFloat(value, 64)
		return err == nil && n > float64(w.Above)
	}
	return true
}

// param is the value that a call sends for a parameter.
func (c *call) param(p api.Param) (string, bool) {
	switch p.In {
	case api.InPath:
		value, ok := c.prepared.path[p.Name]
		return value, ok
	case api.InQuery:
		query := c.url.Query()
		return query.Get(p.Name), query.Has(p.Name)
	case api.InHeader:
		values := c.prepared.header.Values(p.Name)
		return strings.Join(values, ","), len(values) > 0
	case api.InBody:
		return c.prepared.body.member(p.Name)
	}
	return "", false
}

// member is a top-level member of a JSON or form body, as text.
func (b requestBody) member(name string) (string, bool) {
	if strings.HasPrefix(b.contentType, "application/x-www-form-urlencoded") {
		form, err := parseForm(b.bytes)
		return form.Get(name), err == nil && form.Has(name)
	}
	raw, ok := jsonpath.Lookup(b.bytes, api.Path{name})
	if !ok {
		return "", false
	}
	return jsonpath.Text(raw), true
}
