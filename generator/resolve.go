package generator

// This file fills the model from a document and its annotations. The order of
// the steps is the order of decisions: operations are named first, since types
// that stand within them are named after them.

import (
	"fmt"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/weirkit/weir/generator/annotation"
	"github.com/weirkit/weir/generator/load"
	"github.com/weirkit/weir/generator/model"
	"github.com/weirkit/weir/runtime/api"
)

// resolver is the state of resolving one document.
type resolver struct {
	document   *load.Document
	doc        *openapi3.T
	set        *annotation.Set
	api        *model.API
	report     *Report
	tags       []string
	components map[*openapi3.Schema]string
	named      named
	// wrappers are wishes for inline schemas of named responses and bodies.
	wrappers   map[*openapi3.Schema][]string
	declared   map[declarationKey]*declaration
	active     map[declarationKey]bool
	enums      map[string]*declaration
	order      []*declaration
	names      scope // of the package
	operations []*operation
	noted      map[string]bool
	// multipart is set while the fields of a multipart body are walked.
	multipart bool
}

// resolve makes the model of a document, and the plain data that the model has
// as text.
func resolve(in Input, document *load.Document, set *annotation.Set, report *Report) (*model.API, *api.API, error) {
	engineMutex.Lock()
	defer engineMutex.Unlock()
	r := &resolver{document: document, doc: document.OpenAPI, set: set, report: report,
		api:      &model.API{Package: in.Package, Source: in.SpecName, Imports: map[string]string{}},
		declared: map[declarationKey]*declaration{}, active: map[declarationKey]bool{}, enums: map[string]*declaration{},
		names: scope{}, noted: map[string]bool{}}
	if err := startEngine(r.doc); err != nil {
		return nil, nil, err
	}
	r.indexComponents()
	r.reserveNames()
	r.nameOperations()
	for _, op := range r.operations {
		r.resolveOperation(op)
	}
	r.nameDeclarations()
	if err := r.invalidations(); err != nil {
		return nil, nil, err
	}
	r.finishOperations()
	r.finishTypes()
	described, err := r.finishAPI(in)
	if err != nil {
		return nil, nil, err
	}
	return r.api, described, nil
}

// note reports an oddity, once.
func (r *resolver) note(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if !r.noted[text] {
		r.noted[text] = true
		r.report.Notes = append(r.report.Notes, text)
	}
}

// indexComponents remembers which schemas have names. Of several names for one
// schema the first in the alphabet counts, unless it is only a reference.
func (r *resolver) indexComponents() {
	r.components = map[*openapi3.Schema]string{}
	r.wrappers = map[*openapi3.Schema][]string{}
	if r.doc.Components == nil {
		return
	}
	r.named = indexNamed(r.doc.Components.Schemas)
	for _, name := range sortedKeys(r.doc.Components.Responses) {
		if ref := r.doc.Components.Responses[name]; ref != nil && ref.Value != nil {
			r.indexWrapper(name, "Response", ref.Value.Content)
		}
	}
	for _, name := range sortedKeys(r.doc.Components.RequestBodies) {
		if ref := r.doc.Components.RequestBodies[name]; ref != nil && ref.Value != nil {
			r.indexWrapper(name, "Body", ref.Value.Content)
		}
	}
	for _, aliases := range []bool{false, true} {
		for _, name := range sortedKeys(r.doc.Components.Schemas) {
			ref := r.doc.Components.Schemas[name]
			if ref == nil || ref.Value == nil || (ref.Ref != "") != aliases {
				continue
			}
			if r.components[ref.Value] == "" {
				r.components[ref.Value] = name
			}
		}
	}
}

// indexWrapper remembers the name of a response or body for the schema in it.
func (r *resolver) indexWrapper(name, suffix string, content openapi3.Content) {
	if _, media := mediaType(content); media != nil && media.Schema != nil && media.Schema.Value != nil {
		r.wrappers[media.Schema.Value] = []string{exportedName(name), exportedName(name) + suffix}
	}
}

// reserveNames keeps the names of what every package declares, and of what
// sdk authors declare beside it.
func (r *resolver) reserveNames() {
	r.names.reserve("API", "Client", "New", "OnPlan", "Transport", "WithBaseURL", "WithBasic", "WithBearer", "WithAPIKey")
	r.names.reserve(takenInMethods...)
}

// finishAPI fills what concerns the package as a whole.
func (r *resolver) finishAPI(in Input) (*api.API, error) {
	a := r.api
	a.Title = in.Package
	if r.doc.Info != nil && strings.TrimSpace(r.doc.Info.Title) != "" {
		a.Title = strings.Join(strings.Fields(r.doc.Info.Title), " ")
	}
	name := in.Provider
	if name == "" {
		name = in.Package
	}
	value := api.API{Name: name, Account: r.set.Account, Headers: r.set.Headers, Limits: r.set.Limits, QuotaHeaders: r.set.QuotaHeaders,
		QuotaBodies: r.set.QuotaBodies, Throttling: r.set.Throttling, Errors: r.set.Errors, Warnings: r.set.Warnings, Cache: r.set.Cache}
	value.Servers = serversOf(r.doc.Servers, r.set.Account)
	plans, err := r.plans()
	if err != nil {
		return nil, err
	}
	value.Plans = plans
	for _, p := range plans {
		a.Plans = append(a.Plans, model.Constant{Name: r.names.take("Plan" + exportedName(p.Name)), Value: quote(p.Name)})
	}
	r.arguments(value)
	a.Options = r.options()
	variables := make([]string, len(a.Operations))
	for i, op := range a.Operations {
		variables[i] = op.Variable
	}
	a.Literal = apiLiteral(value, variables)
	for _, op := range r.operations {
		if op.failed == nil {
			value.Operations = append(value.Operations, &op.value)
		}
	}
	return &value, nil
}

// serversOf are the addresses that a document lists. A relative one is kept:
// WithBaseURL must then be given. account is the variable that names the customer.
func serversOf(listed openapi3.Servers, account string) []api.Server {
	var out []api.Server
	for _, s := range listed {
		if s == nil || s.URL == "" || s.URL == "/" {
			continue
		}
		server := api.Server{URL: strings.TrimSuffix(s.URL, "/")}
		for _, name := range placeholders(s.URL) {
			v := api.ServerVariable{Name: name}
			if sv := s.Variables[name]; sv != nil {
				v.Enum = sv.Enum
				if name != account { // example.zendesk.com is nobody's account
					v.Default = sv.Default
				}
			}
			server.Variables = append(server.Variables, v)
		}
		out = append(out, server)
	}
	return out
}

// arguments are the variables of the first server that New must be given.
func (r *resolver) arguments(value api.API) {
	if len(value.Servers) == 0 {
		return
	}
	r.api.Address = value.Servers[0].URL
	taken := scope{}
	taken.reserve("c", "err")
	for _, v := range value.Servers[0].Variables {
		if v.Default == "" {
			r.api.Servers = append(r.api.Servers, model.Argument{Name: taken.take(argumentName(v.Name)), Key: v.Name})
		}
	}
}

// plans are the annotations' plans, whose largest pages are keyed by the names
// of operations: annotations may use operation ids too.
func (r *resolver) plans() ([]api.Plan, error) {
	names := r.operationNames()
	plans := slices.Clone(r.set.Plans)
	for i := range plans {
		pages := map[string]int{}
		for _, key := range sortedKeys(plans[i].MaxPage) {
			name, ok := names[key]
			if !ok {
				pos := r.document.At("x-plans", plans[i].Name, "maxPage", key)
				return nil, fmt.Errorf("%v: plan %s: maxPage is of operation %q, which the document does not have: use an operationId or a name such as Tickets.List", pos, plans[i].Name, key)
			}
			pages[name] = plans[i].MaxPage[key]
		}
		if len(pages) > 0 {
			plans[i].MaxPage = pages
		} else {
			plans[i].MaxPage = nil
		}
	}
	return plans, nil
}

// operationNames are the operations' names by operationId and by name.
func (r *resolver) operationNames() map[string]string {
	names := map[string]string{}
	for _, op := range r.operations {
		if id := op.spec.OperationID; id != "" {
			names[id] = op.name
		}
	}
	for _, op := range r.operations {
		names[op.name] = op.name
	}
	return names
}

// options are constructors for the document's security schemes.
func (r *resolver) options() []model.Option {
	if r.doc.Components == nil {
		return nil
	}
	var out []model.Option
	given := map[string]bool{}
	add := func(o model.Option) {
		if !given[o.Name] {
			given[o.Name] = true
			out = append(out, o)
		}
	}
	schemes := r.doc.Components.SecuritySchemes
	for _, name := range sortedKeys(schemes) {
		if schemes[name] == nil || schemes[name].Value == nil {
			continue
		}
		s := schemes[name].Value
		switch {
		case s.Type == "http" && strings.EqualFold(s.Scheme, "basic"):
			add(model.Option{Name: "WithBasic", Comment: "WithBasic signs calls by HTTP basic authentication.",
				Signature: "user, password string", Call: "runtime.WithBasic(user, password)"})
		case s.Type == "http" && strings.EqualFold(s.Scheme, "bearer"), s.Type == "oauth2", s.Type == "openIdConnect":
			add(model.Option{Name: "WithBearer", Comment: "WithBearer signs calls with a bearer token.",
				Signature: "token string", Call: "runtime.WithBearer(token)"})
		case s.Type == "apiKey":
			o := model.Option{Name: "WithAPIKey", Signature: "key string", Call: fmt.Sprintf("runtime.WithAPIKey(%q, %q, key)", s.In, s.Name)}
			if given[o.Name] {
				o.Name = r.names.take("With" + exportedName(name))
			}
			o.Comment = fmt.Sprintf("%s signs calls with a key in the %s %s.", o.Name, s.In, strings.ReplaceAll(s.Name, "\n", " "))
			add(o)
		default:
			r.note("security scheme %s: type %s %s has no option of its own: use runtime.WithCredential", name, s.Type, s.Scheme)
		}
	}
	slices.SortFunc(out, func(a, b model.Option) int { return strings.Compare(a.Name, b.Name) })
	return out
}
