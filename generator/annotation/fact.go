package annotation

// This file reads the annotations that state one fact of an operation.

import (
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/weirkit/weir/generator/load"
	"github.com/weirkit/weir/runtime/api"
	"gopkg.in/yaml.v3"
)

var operationName = regexp.MustCompile(`^[A-Z][A-Za-z0-9]*\.[A-Z][A-Za-z0-9]*$`)

// operationName reads x-operation-name.
func (r *reader) operationName(op operation, n *yaml.Node) {
	ok := r.value(n, "x-operation-name", func() {
		text, ok := r.text(n, "x-operation-name")
		if ok && !operationName.MatchString(text) {
			r.addf(n, "x-operation-name is %s: write Service.Method, both in capitals as in Tickets.List", text)
		}
		if other := r.names[text]; ok && other != nil {
			r.addf(n, "x-operation-name %s is taken by the operation at %s: give each a name of its own", text, r.doc.PositionOf(other))
		}
	})
	if ok {
		op.Name = n.Value
		r.names[n.Value] = n
	}
}

// result reads x-result: where the result stands, none, or location.
func (r *reader) result(op operation, n *yaml.Node) {
	if n.Kind != yaml.ScalarNode || n.Value != "none" && n.Value != "location" {
		r.inner(op, n, "x-result", op.response(), &op.Result)
		return
	}
	ok := r.value(n, "x-result", func() {
		if op.Pagination != nil {
			r.addf(n, "x-result is %s, and x-pagination says that there are items: drop one of them", n.Value)
		}
		if n.Value == "location" && !op.redirects() {
			r.addf(n, "x-result is location, and %s is no GET that declares a response 302 or 303: drop it, or declare one by an action of the overlay", op.key)
		}
	})
	op.NoResult, op.Locates = ok && n.Value == "none", ok && n.Value == "location"
}

// redirects reports whether the operation is declared to answer with an address.
func (op operation) redirects() bool {
	if method, _, _ := strings.Cut(op.key, " "); method != "GET" || op.spec.Responses == nil {
		return false
	}
	return op.spec.Responses.Value("302") != nil || op.spec.Responses.Value("303") != nil
}

// inner reads x-result or x-body, the path of what is wrapped.
func (r *reader) inner(op operation, n *yaml.Node, key string, schema *openapi3.SchemaRef, into *api.Path) {
	var path api.Path
	ok := r.value(n, "path", func() {
		var ok bool
		path, ok = r.path(n, key)
		switch {
		case !ok:
		case len(path) == 0:
			r.addf(n, "%s is the whole body: name a member, as in $.ticket, or drop it", key)
		case schema == nil && key == "x-body":
			r.addf(n, "x-body is %s, and %s has no request body: drop it, or add the body by an action of the overlay", pathText(path), op.key)
		case schema != nil:
			r.follow(op, schema, n, key, path)
		}
	})
	if ok {
		*into = path
	}
}

// idempotency reads x-idempotency: true, or the header that carries a key.
func (r *reader) idempotency(op operation, n *yaml.Node) {
	idempotent, header := false, ""
	ok := r.value(n, "x-idempotency", func() {
		if n.Kind == yaml.ScalarNode {
			v, ok := r.boolean(n, "x-idempotency")
			if idempotent = v; ok && !v {
				r.addf(n, "x-idempotency is false, which an operation is anyway: drop it")
			}
			return
		}
		if o, ok := r.object(n, "x-idempotency", "header"); ok {
			header, _ = r.header(o.need("header"), "x-idempotency's header")
		}
	})
	if ok {
		op.Idempotent, op.IdempotencyHeader = idempotent, header
	}
}

// notOurs are headers that are the caller's to give, or the runtime's.
var notOurs = []string{"Authorization", "Cookie", "Host", "User-Agent", "Content-Type", "Content-Length", "Connection", "Transfer-Encoding"}

// headers reads x-headers, what every request has.
func (r *reader) headers(n *yaml.Node) {
	if n == nil {
		return
	}
	var headers []api.Header
	ok := r.value(n, "x-headers", func() {
		if n.Kind != yaml.MappingNode || len(n.Content) == 0 {
			r.addf(n, "x-headers has no headers: write them as {Name: value}")
			return
		}
		for key, value := range pairs(n) {
			name, ok := r.header(key, "a name in x-headers")
			if ok && slices.Contains(notOurs, http.CanonicalHeaderKey(name)) {
				r.addf(key, "x-headers has %s, which is not the same for every request: drop it", name)
			}
			text, valued := r.text(value, "x-headers's "+key.Value)
			if strings.ContainsFunc(text, func(c rune) bool { return c < ' ' || c > '~' }) {
				r.addf(value, "x-headers's %s has a character that headers cannot have", key.Value)
			}
			if ok && valued {
				headers = append(headers, api.Header{Name: name, Value: text})
			}
		}
	})
	if ok {
		slices.SortFunc(headers, func(a, b api.Header) int { return strings.Compare(a.Name, b.Name) })
		r.set.Headers = headers
	}
}

// account reads x-account, the name of a server variable.
func (r *reader) account(n *yaml.Node) {
	if n == nil {
		return
	}
	var account string
	ok := r.value(n, "x-account", func() {
		var ok bool
		if account, ok = r.text(n, "x-account"); !ok {
			return
		}
		var known []string
		for _, server := range r.doc.OpenAPI.Servers {
			for name := range server.Variables {
				known = append(known, name)
			}
		}
		if !slices.Contains(known, account) {
			slices.Sort(known)
			r.addf(n, "x-account is %s, and no server has such a variable%s", account,
				load.DidYouMean(account, known, "declare it in servers, by an action of the overlay if need be"))
		}
	})
	if ok {
		r.set.Account = account
	}
}
