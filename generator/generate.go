// Package generator turns an OpenAPI document and its annotations into the
// source files of an SDK. [Generate] is pure: it reads and writes no files,
// knows no clock, and gives the same bytes for the same input.
//
// To find one's way: Generate has three steps. Package load resolves and
// normalises the document, package annotation reads the x- family; resolve.go
// and its neighbours make the model of package model, with names from names.go;
// render.go prints it with the templates.
package generator

import (
	"fmt"

	"github.com/weirkit/weir/generator/annotation"
	"github.com/weirkit/weir/generator/load"
	"github.com/weirkit/weir/runtime/api"
)

// Input is what one package is generated from.
type Input struct {
	// Provider is the API's name, which prefixes its counters; Package if empty.
	Provider string
	// Package is the Go package's name.
	Package string
	// Input is the document and its annotations. SpecName stands in the files'
	// headers too: it is a relative path with slashes, the same on every machine.
	load.Input
}

// Files are the generated files and what there is to say of them.
type Files struct {
	// Sources are the files by name, without a folder.
	Sources map[string][]byte
	Report  Report
}

// Report is what a person should know of a generated package.
type Report struct {
	// Operations is how many operations the package has.
	Operations int
	// LeftOut are the operations that it has not, sorted by path.
	LeftOut []LeftOut
	// Notes are schemas and parameters that lost something on the way.
	Notes []string
	// Warnings are about the document, each with its file:line.
	Warnings []string
}

// LeftOut is an operation that could not be generated.
type LeftOut struct {
	Operation string // GET /path
	Reason    string
}

// Generate makes the files of one package. Errors carry the file and line that
// they are about.
func Generate(in Input) (Files, error) {
	if !validPackageName(in.Package) {
		return Files{}, fmt.Errorf("package name %q: a package's name is a Go identifier in lower case", in.Package)
	}
	var out Files

	// Step 1: load the document and its annotations.
	document, set, err := read(in)
	if err != nil {
		return Files{}, err
	}
	out.Report.Warnings = document.Warnings

	// Step 2: resolve everything that is to be named or decided.
	model, _, err := resolve(in, document, set, &out.Report)
	if err != nil {
		return Files{}, err
	}

	// Step 3: print.
	out.Sources, err = render(model)
	if err != nil {
		return Files{}, err
	}
	return out, nil
}

// Describe returns the plain data that the package of Generate would hold as
// API: the operations with their names, limits and pages; and the document, with
// its annotations, that it was read from.
func Describe(in Input) (*api.API, *load.Document, error) {
	document, set, err := read(in)
	if err != nil {
		return nil, nil, err
	}
	_, described, err := resolve(in, document, set, &Report{})
	return described, document, err
}

func read(in Input) (*load.Document, *annotation.Set, error) {
	document, err := load.Load(in.Input)
	if err != nil {
		return nil, nil, err
	}
	set, err := annotation.Read(document)
	return document, set, err
}
