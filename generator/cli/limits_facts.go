package cli

// This file gathers what weir limits tells, as the objects that it prints with
// --json. Their members are a promise: new ones may come, none goes or changes
// its meaning. What is not known is null, or an empty list.

import (
	"encoding/json"
	"io"
	"reflect"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/weirkit/weir/generator/load"
	"github.com/weirkit/weir/runtime/api"
)

// operationFacts is the object of one operation.
type operationFacts struct {
	Provider  string  `json:"provider"`
	Plan      *string `json:"plan"` // null: the lowest numbers of all plans
	Operation string  `json:"operation"`
	Method    string  `json:"method"`
	Path      string  `json:"path"`
	// Limits are all drawn from at once, or none is; empty: none is known.
	Limits []drawFacts `json:"limits"`
	Page   *pageFacts  `json:"page"` // null: no list
	Batch  *batchFacts `json:"batch"`
	// Cache is the annotation x-cache as it stands, or that of the root, where it holds.
	Cache any       `json:"cache"`
	Job   *jobFacts `json:"job"` // null: it starts no job

	cache *api.Cache
}

// drawFacts is a limit, and what one call takes from it.
type drawFacts struct {
	Limit string      `json:"limit"`
	Shape shapeFacts  `json:"shape"`
	Scope []api.Scope `json:"scope"`
	Cost  int         `json:"cost"`
	When  *whenFacts  `json:"when"` // null: always
	// Source is of the number that holds on the plan.
	Source *sourceFacts `json:"source"`

	shape api.Shape
}

// shapeFacts has the members that its kind asks for, and 0 for others.
type shapeFacts struct {
	// Kind is window, bucket, concurrency, adaptive or unlimited.
	Kind string `json:"kind"`
	// Number is the calls' cost in each PerSeconds: of a window, of a bucket's
	// refill, of an adaptive limit's ceiling. Of a concurrency it is the calls at once.
	Number     int     `json:"number"`
	PerSeconds float64 `json:"perSeconds"`
	Burst      int     `json:"burst"`
	// Windows are fixed, sliding or sliding-approximate; empty for other kinds.
	Windows string `json:"windows"`
}

type whenFacts struct {
	In     string   `json:"in"`
	Name   string   `json:"name"`
	Above  *int     `json:"above"`  // null: no such condition
	Equals []string `json:"equals"` // empty: no such condition
}

type pageFacts struct {
	// Style is cursor, page, offset, link, url or keyset.
	Style string     `json:"style"`
	Size  *sizeFacts `json:"size"` // null: the provider decides
	// Last is the number of the last page that may be asked for; null: none is known.
	Last *int `json:"last"`
}

type sizeFacts struct {
	In     string       `json:"in"`
	Name   string       `json:"name"`
	Max    int          `json:"max"`
	Source *sourceFacts `json:"source"`
}

// batchFacts is of the operation that does for many what this one does for one,
// or of this one, if it is asked for many.
type batchFacts struct {
	With   string       `json:"with"` // its name
	Max    int          `json:"max"`
	Saves  string       `json:"saves"` // quota or round-trips
	Scan   bool         `json:"scan"`  // it is a list of all; Max is 0 then
	Source *sourceFacts `json:"source"`
}

// jobFacts is of the job that an operation starts.
type jobFacts struct {
	With   string       `json:"with"`  // the name of the operation that shows it
	Max    int          `json:"max"`   // how many items it takes; 0: it has no list of items
	Limit  string       `json:"limit"` // that counts jobs; empty: none is known
	Source *sourceFacts `json:"source"`
}

type sourceFacts struct {
	URL        string `json:"url" yaml:"url"`
	Date       string `json:"date" yaml:"date"`
	Confidence string `json:"confidence" yaml:"confidence"`
}

func sourceOf(s api.Source) *sourceFacts {
	if s == (api.Source{}) {
		return nil
	}
	return &sourceFacts{s.URL, s.Date, string(s.Confidence)}
}

// teller knows a provider on a plan.
type teller struct {
	desc     *api.API
	document *load.Document
	plan     string
}

func (t *teller) facts(operations []*api.Operation) ([]operationFacts, error) {
	limits, err := t.desc.LimitsOn(t.plan)
	if err != nil {
		return nil, err
	}
	all := make([]operationFacts, len(operations))
	for i, op := range operations {
		f := operationFacts{Provider: t.desc.Name, Operation: op.Name, Method: op.Method, Path: op.Path, Limits: []drawFacts{}, Page: t.page(op)}
		if t.plan != "" {
			f.Plan = &t.plan
		}
		for _, d := range op.Draws {
			f.Limits = append(f.Limits, t.draw(limits[d.Limit], d))
		}
		f.Batch = batchOf(op)
		if f.cache = t.desc.CacheOf(op); op.Cache == nil && f.cache != nil {
			decode(t.document.Node("x-cache"), &f.Cache)
		}
		t.annotation(op, "x-cache", &f.Cache)
		if j := op.Job; j != nil {
			f.Job = &jobFacts{j.With, j.Max, j.Limit, sourceOf(j.Source)}
		}
		all[i] = f
	}
	return all, nil
}

func (t *teller) draw(l api.Limit, d api.Draw) drawFacts {
	f := drawFacts{Limit: d.Limit, Shape: shapeOf(l.Shape), Scope: append([]api.Scope{}, l.Scope...), Cost: max(d.Cost, 1),
		Source: sourceOf(t.sourceOf(l)), shape: l.Shape}
	if d.When != nil {
		f.When = &whenFacts{In: d.When.In, Name: d.When.Name, Equals: append([]string{}, d.When.Equals...)}
		if d.When.Above != 0 {
			f.When.Above = &d.When.Above
		}
	}
	return f
}

// sourceOf is the source of the shape that holds: a plan's where the plan
// changes the limit, and without a plan that of the one with the lowest number.
func (t *teller) sourceOf(l api.Limit) api.Source {
	own, _ := t.desc.Limit(l.Name)
	if t.plan == "" && reflect.DeepEqual(own.Shape, l.Shape) {
		return own.Source
	}
	for _, p := range t.desc.Plans {
		for _, change := range p.Limits {
			if change.Limit == l.Name && (p.Name == t.plan || t.plan == "" && reflect.DeepEqual(change.Shape, l.Shape)) {
				return change.Source
			}
		}
	}
	return own.Source
}

func (t *teller) page(op *api.Operation) *pageFacts {
	if op.Pagination == nil {
		return nil
	}
	f := &pageFacts{Style: string(op.Pagination.Style)}
	if op.Pagination.Last > 0 {
		f.Last = &op.Pagination.Last
	}
	if size := op.Pagination.Size; size != nil {
		most := t.desc.MaxPage(op, t.plan)
		f.Size = &sizeFacts{size.In, size.Name, most, sourceOf(size.Source)}
		for _, p := range t.desc.Plans {
			if n, ok := p.MaxPage[op.Name]; ok && most != size.Max && n == most && (t.plan == "" || p.Name == t.plan) {
				f.Size.Source = nil
				decode(t.document.Node("x-plans", p.Name, "source"), &f.Size.Source)
				break
			}
		}
	}
	return f
}

// annotation reads one as it stands in the document, for those that only some
// commands make something of. Its form is checked already.
func (t *teller) annotation(op *api.Operation, key string, into any) {
	decode(t.document.Node("paths", op.Path, strings.ToLower(op.Method), key), into)
}

// batchOf is of the operation for many where op is for one, and of op itself
// where that is asked for many.
func batchOf(op *api.Operation) *batchFacts {
	f := &batchFacts{With: op.Name, Saves: "quota"}
	switch b := op.Batch; {
	case b != nil:
		f.With, f.Max, f.Source = b.With, b.Keys.Max, sourceOf(b.Keys.Source)
		f.Scan = b.Scan
		if b.RoundTrips {
			f.Saves = "round-trips"
		}
	case len(op.Keys) > 0:
		f.Max, f.Source = op.Keys[0].Max, sourceOf(op.Keys[0].Source)
	default:
		return nil
	}
	return f
}

// decode reads a node that annotation.Read has found to be right.
func decode(n *yaml.Node, into any) {
	if n != nil {
		_ = n.Decode(into)
	}
}

func shapeOf(s api.Shape) shapeFacts {
	switch s := s.(type) {
	case api.Window:
		windows := [...]string{api.Fixed: "fixed", api.Sliding: "sliding", api.SlidingApproximate: "sliding-approximate"}
		return shapeFacts{Kind: "window", Number: s.Limit, PerSeconds: s.Per.Seconds(), Windows: windows[s.Kind]}
	case api.Bucket:
		return shapeFacts{Kind: "bucket", Number: s.Refill, PerSeconds: s.Per.Seconds(), Burst: s.Burst}
	case api.Concurrency:
		return shapeFacts{Kind: "concurrency", Number: s.Max}
	case api.Adaptive:
		return shapeFacts{Kind: "adaptive", Number: s.Ceiling, PerSeconds: s.Per.Seconds()}
	}
	return shapeFacts{Kind: "unlimited"}
}

func writeFacts(w io.Writer, facts []operationFacts) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	for _, f := range facts {
		if err := encoder.Encode(f); err != nil {
			return err
		}
	}
	return nil
}
