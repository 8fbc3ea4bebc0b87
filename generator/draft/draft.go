// Package draft writes the first annotations of a provider: an overlay that is
// valid as it stands, in which what a document tells is written down as guesses
// to review, and what it does not tell as forms to fill in.
//
// [Make] is pure, and gives the same bytes for the same input. No number is in
// what it writes that is not in the document: of a limit that nobody has told it
// says that there is one, and no more.
package draft

import (
	"fmt"
	"slices"

	"github.com/weirkit/weir/generator"
	"github.com/weirkit/weir/generator/annotation"
	"github.com/weirkit/weir/generator/load"
)

// Input is what annotations are drafted for.
type Input struct {
	// Package is the name of the provider and of its package.
	Package string
	// SpecName is the document's name in errors.
	SpecName string
	// SpecFile is the document's name beside the overlay, such as openapi.yaml.
	SpecFile string
	// Spec is the document: OpenAPI 2.0, 3.0 or 3.1, YAML or JSON.
	Spec []byte
}

// Draft is the annotations and what there is to say of them.
type Draft struct {
	// Overlay is the text of limits.overlay.yaml.
	Overlay []byte
	// Operations is how many operations there will be in the package.
	Operations int
	// LeftOut are those that the generator cannot make.
	LeftOut []generator.LeftOut
	// Warnings are about the document, each with its file:line.
	Warnings []string
	// Lists are the lists whose pages are guessed, by their style.
	Lists []Count
	// Unpaged are the lists of whose pages nothing is known.
	Unpaged int
	// Guesses are what is to be reviewed, and Unknown what is to be filled in, by
	// the annotations' keys in the order of the file.
	Guesses, Unknown []Count
}

// Count is how many operations something is of; zero where it is of the whole API.
type Count struct {
	Name string
	N    int
}

// Make drafts the annotations of a document. Errors carry the file and line
// that they are about.
func Make(in Input) (*Draft, error) {
	input := generator.Input{Package: in.Package, Input: load.Input{SpecName: in.SpecName, Spec: in.Spec}}
	described, _, err := generator.Describe(input)
	if err != nil {
		return nil, err
	}
	if len(described.Operations) == 0 {
		return nil, fmt.Errorf("%s: the document has no operation that code can be made of: give one with paths", in.SpecName)
	}
	names := map[string]string{}
	for _, op := range described.Operations {
		names[annotation.Key(op.Method, op.Path)] = op.Name
	}
	// What a guess would break is drafted again without it. No document is known
	// for which that is so; it costs one look.
	without := map[string]bool{}
	for {
		d, err := attempt(in, names, without)
		if err != nil {
			return nil, err
		}
		input.OverlayName, input.Overlay = overlayName, d.Overlay
		files, err := generator.Generate(input)
		if err != nil {
			return nil, fmt.Errorf("what weir has drafted for this document does not hold, which is weir's mistake: %w", err)
		}
		d.Operations, d.LeftOut, d.Warnings = files.Report.Operations, files.Report.LeftOut, files.Report.Warnings
		again := false
		for _, l := range d.LeftOut {
			if !without[l.Operation] && names[l.Operation] != "" {
				without[l.Operation], again = true, true
			}
		}
		if !again {
			return d, nil
		}
	}
}

// overlayName is the overlay in messages, which show it as Make's own.
const overlayName = "limits.overlay.yaml"

// drafter is the state of drafting one document.
type drafter struct {
	in         Input
	doc        *load.Document
	set        *annotation.Set
	names      map[string]string // of operations by their keys
	operations []*operation
	page       *page
	draft      *Draft
	// scope is what limits are counted by, as far as is known.
	scope string
}

// attempt drafts annotations, with no guess of some operations.
func attempt(in Input, names map[string]string, without map[string]bool) (*Draft, error) {
	doc, err := load.Load(load.Input{SpecName: in.SpecName, Spec: in.Spec})
	if err != nil {
		return nil, err
	}
	set, err := annotation.Read(doc)
	if err != nil {
		return nil, err
	}
	d := &drafter{in: in, doc: doc, set: set, names: names, page: &page{}, draft: &Draft{}, scope: "credential"}
	d.operations = d.list(without)
	annotation.Infer(doc, set)
	d.head()
	d.root()
	d.draws()
	d.pages()
	d.unpaged()
	d.wrapped()
	d.idempotency()
	d.doubtfulNames()
	d.draft.Overlay = []byte(d.page.String())
	return d.draft, nil
}

// guess notes that a guess has been written.
func (d *drafter) guess(key string, operations int) { add(&d.draft.Guesses, key, operations) }

// unknown notes that a form has been written.
func (d *drafter) unknown(key string, operations int) { add(&d.draft.Unknown, key, operations) }

func add(to *[]Count, name string, n int) {
	if i := slices.IndexFunc(*to, func(c Count) bool { return c.Name == name }); i >= 0 {
		(*to)[i].N += n
		return
	}
	*to = append(*to, Count{name, n})
}
