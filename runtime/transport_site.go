package runtime

// This file tells which requests are an API's own, and of what operation.

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/page"
	"github.com/weirkit/weir/runtime/route"
)

// site is an address that paths of the API begin at. Where a server's variable is
// a part of the host, there are many such hosts.
type site struct {
	base     *url.URL // without the variables
	prefix   string   // of the path, escaped
	literals []string // what stands around the variables of the host; nil where it has none
	vars     []api.ServerVariable
	account  string // the variable that names the account
	routes   *route.Router
	byPath   bool // methods tell nothing: see namedByPath
}

// mainSite is where the API's paths begin: the override, or the first server.
func mainSite(desc *api.API, override string) (*site, error) {
	if override != "" || len(desc.Servers) == 0 {
		base, err := baseURL(desc, nil, override)
		if err != nil {
			return nil, err
		}
		return &site{base: base, prefix: base.EscapedPath()}, nil
	}
	return newSite(desc.Servers[0], desc.Account)
}

var errAnyHost = errors.New("the API is at no host of its own: tell its address by WithBaseURL")

// newSite reads the template of a server's address. Variables outside of the host
// have their defaults.
func newSite(server api.Server, account string) (*site, error) {
	scheme, rest, _ := strings.Cut(server.URL, "://")
	host, path, _ := strings.Cut(rest, "/")
	s := &site{account: account}
	left := host
	for {
		literal, after, found := strings.Cut(left, "{")
		s.literals = append(s.literals, strings.ToLower(literal))
		if !found {
			break
		}
		name, tail, _ := strings.Cut(after, "}")
		i := slices.IndexFunc(server.Variables, func(v api.ServerVariable) bool { return v.Name == name })
		if i < 0 {
			return nil, fmt.Errorf("the server's address has no variable %q", name)
		}
		if tail == "" || literal == "" && len(s.vars) > 0 { // the end of the host has to be the provider's
			if server.Variables[i].Default == "" {
				return nil, errAnyHost
			}
			host, s.literals, s.vars = fill(host, server.Variables), nil, nil
			break
		}
		s.vars = append(s.vars, server.Variables[i])
		left = tail
	}
	if len(s.vars) > 0 {
		end := s.literals[len(s.literals)-1]
		if !strings.Contains(strings.Trim(end, "."), ".") {
			return nil, errAnyHost
		}
		host = strings.Trim(end, ".")
	} else {
		s.literals = nil
	}
	var err error
	if s.base, err = parseBase(scheme + "://" + host + "/" + fill(path, server.Variables)); err != nil {
		return nil, err
	}
	if strings.Contains(s.base.Path, "{") || strings.Contains(s.base.Host, "{") {
		return nil, errAnyHost
	}
	s.prefix = s.base.EscapedPath()
	return s, nil
}

// fill writes the defaults of variables where there are some.
func fill(text string, vars []api.ServerVariable) string {
	for _, v := range vars {
		if v.Default != "" {
			text = strings.ReplaceAll(text, "{"+v.Name+"}", v.Default)
		}
	}
	return text
}

// sites are all addresses that the API's operations have, with their operations.
func (c *Client) sites(main *site, known []*api.Operation) ([]*site, error) {
	all := []*site{main}
	operations := map[*site][]*api.Operation{main: nil}
	for _, op := range known {
		at := main
		if base, err := c.baseOf(op); err != nil {
			return nil, fmt.Errorf("operation %s: server %q: %w", op.Name, op.Server, err)
		} else if base != c.base {
			i := slices.IndexFunc(all, func(s *site) bool { return s.base.String() == base.String() })
			if i < 0 {
				i = len(all)
				all = append(all, &site{base: base, prefix: base.EscapedPath()})
			}
			at = all[i]
		}
		operations[at] = append(operations[at], op)
	}
	for _, s := range all {
		var err error
		if s.routes, err = route.New(operations[s]); err != nil {
			return nil, err
		}
		s.byPath = namedByPath(operations[s])
	}
	// Of two on one host the longer path is looked for first.
	slices.SortStableFunc(all, func(a, b *site) int { return len(b.prefix) - len(a.prefix) })
	return all, nil
}

// find reports whether a request goes to the site. path is what follows its base,
// escaped, and account what the host tells of the account.
func (s *site) find(req *http.Request) (path, account string, ok bool) {
	u := req.URL
	if u == nil || !s.hosts(u, &account) {
		return "", "", false
	}
	path, ok = strings.CutPrefix(u.EscapedPath(), s.prefix)
	return path, account, ok && (path == "" || path[0] == '/')
}

func (s *site) hosts(u *url.URL, account *string) bool {
	if s.literals == nil {
		return page.SameOrigin(u, s.base)
	}
	if !strings.EqualFold(u.Scheme, s.base.Scheme) || portNumber(u) != portNumber(s.base) {
		return false
	}
	rest, ok := strings.CutPrefix(strings.ToLower(u.Hostname()), s.literals[0])
	if !ok {
		return false
	}
	for i, v := range s.vars {
		literal := strings.TrimSuffix(s.literals[i+1], ":"+s.base.Port())
		value, after, found := strings.Cut(rest, literal)
		if i == len(s.vars)-1 {
			value, found = strings.CutSuffix(rest, literal)
		}
		if !found || value == "" || strings.Contains(value, ".") || len(v.Enum) > 0 && !slices.Contains(v.Enum, value) {
			return false
		}
		if v.Name == s.account {
			*account = value
		}
		rest = after
	}
	return true
}

// recognised is what is known of a request.
type recognised struct {
	op         *api.Operation // with the method of the request
	as         *api.Operation // as the API has it
	repeatable bool
}

// recognise finds the operation that a request is for, or makes one of what is
// known of such paths.
func (t *Transport) recognise(s *site, req *http.Request, path string) recognised {
	method := req.Method
	if method == "" {
		method = http.MethodGet
	}
	op := s.routes.Match(method, path)
	if op == nil && s.byPath {
		op = s.routes.Only(path)
	}
	if op == nil {
		op = t.shared.operation(t.client, s.routes, method, path)
	}
	known := recognised{op: op, as: op}
	known.repeatable = op.Idempotent || s.byPath && op.Safe() || idempotent(method) || carriesKey(op, req.Header)
	if op.Method != method { // observers are told of what is sent
		sent := *op
		sent.Method = method
		known.op = &sent
	}
	return known
}

// idempotent reports whether a method may be repeated (RFC 9110, 9.2.2).
func idempotent(method string) bool {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodTrace, http.MethodPut, http.MethodDelete:
		return true
	}
	return false
}

// carriesKey reports whether the provider, or whoever made the request, has a
// repetition known by a key. The names are those that net/http repeats by.
func carriesKey(op *api.Operation, h http.Header) bool {
	return op.IdempotencyHeader != "" && h.Get(op.IdempotencyHeader) != "" ||
		h.Get("Idempotency-Key") != "" || h.Get("X-Idempotency-Key") != ""
}

// namedByPath reports whether an API names its operations by path alone, as Slack
// does: no path has parameters or two methods, and the methods are GET and POST.
// Such APIs take either method, and clients use POST to read. A few operations may
// look so by chance, so it takes ten.
func namedByPath(operations []*api.Operation) bool {
	seen := map[string]bool{}
	var get, post bool
	for _, op := range operations {
		get, post = get || op.Method == http.MethodGet, post || op.Method == http.MethodPost
		if strings.Contains(op.Path, "{") || seen[op.Path] || op.Method != http.MethodGet && op.Method != http.MethodPost {
			return false
		}
		seen[op.Path] = true
	}
	return len(operations) >= 10 && get && post
}
