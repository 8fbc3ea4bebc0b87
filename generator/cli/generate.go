package cli

// This file is weir generate: it finds the inputs, has the files made, and
// writes all of them or none.

import (
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/weirkit/weir/generator"
	"github.com/weirkit/weir/generator/load"
)

// Folders and files of a module that keeps its providers the way weir does.
const (
	specsFolder    = "specs"
	sdkFolder      = "sdk"
	annotationFile = "limits.overlay.yaml"
)

// specFiles are the names that a provider's document may have.
var specFiles = []string{"openapi.yaml", "openapi.yml", "openapi.json"}

type generateOptions struct {
	check                       bool
	spec, annotations, pkg, out string
}

func generateFlags() (*flag.FlagSet, *generateOptions) {
	o := &generateOptions{}
	flags := flag.NewFlagSet("generate", flag.ContinueOnError)
	flags.BoolVar(&o.check, "check", false, "write nothing; fail if a file is not as it would be written")
	flags.StringVar(&o.spec, "spec", "", "the OpenAPI document, a `FILE` of OpenAPI 2.0, 3.0 or 3.1")
	flags.StringVar(&o.annotations, "annotations", "", "the overlay with limits and pages, a `FILE`")
	flags.StringVar(&o.pkg, "package", "", "the `NAME` of the package to write")
	flags.StringVar(&o.out, "out", "", "the `DIR` to write to")
	return flags, o
}

// target is one package to write.
type target struct {
	name  string // for messages
	input generator.Input
	dir   string // as given, for messages
}

func runGenerate(env Environment, args []string) error {
	flags, o := generateFlags()
	providers, err := parse(flags, env, args)
	if err != nil {
		return err
	}
	var targets []target
	if o.spec != "" || o.annotations != "" || o.pkg != "" || o.out != "" {
		targets, err = documentTarget(env, o, providers)
	} else {
		targets, err = providerTargets(env, providers)
	}
	if err != nil {
		return err
	}
	var changes changeSet
	var reports []func() // told once all is written, since it says what has changed
	for _, t := range targets {
		files, err := generator.Generate(t.input)
		if err != nil {
			return fmt.Errorf("%s: %w", t.name, err)
		}
		planned, err := planChanges(env, t.dir, files.Sources)
		if err != nil {
			return fmt.Errorf("%s: %w", t.name, err)
		}
		changes = append(changes, planned...)
		reports = append(reports, func() { printReport(env, t, files, len(planned)) })
	}
	if !o.check {
		if err := changes.apply(); err != nil {
			return err
		}
	}
	for _, report := range reports {
		report()
	}
	if o.check {
		return checkChanges(env, changes)
	}
	return nil
}

// documentTarget is the package that --spec and its companions describe.
func documentTarget(env Environment, o *generateOptions, providers []string) ([]target, error) {
	if len(providers) > 0 {
		return nil, usagef("generate: %s: a provider of specs/ and --spec exclude each other", providers[0])
	}
	for _, f := range []struct{ name, value string }{{"spec", o.spec}, {"package", o.pkg}, {"out", o.out}} {
		if f.value == "" {
			return nil, usagef("generate: --%s is missing: --spec, --package and --out go together", f.name)
		}
	}
	input, err := readInput(env, o.spec, o.annotations)
	if err != nil {
		return nil, err
	}
	return []target{{name: o.pkg, dir: o.out, input: generator.Input{Package: o.pkg, Input: input}}}, nil
}

// readInput reads a document and, if they are named, its annotations.
func readInput(env Environment, spec, annotations string) (in load.Input, err error) {
	in.SpecName = env.displayName(spec)
	if in.Spec, err = os.ReadFile(env.path(spec)); err != nil {
		return in, fmt.Errorf("read the document: %w", err)
	}
	if annotations == "" {
		return in, nil
	}
	in.OverlayName = env.displayName(annotations)
	if in.Overlay, err = os.ReadFile(env.path(annotations)); err != nil {
		return in, fmt.Errorf("read the annotations: %w", err)
	}
	return in, nil
}

// providerTargets are the packages of providers of specs/, or of all of them.
func providerTargets(env Environment, providers []string) ([]target, error) {
	all, err := listProviders(env)
	if err != nil {
		return nil, err
	}
	if len(providers) == 0 {
		providers = all
	}
	providers = slices.Compact(slices.Sorted(slices.Values(providers)))
	var targets []target
	for _, p := range providers {
		if !slices.Contains(all, p) {
			return nil, fmt.Errorf("there is no provider %q in %s%s", p, specsFolder,
				load.DidYouMean(p, all, "there are "+strings.Join(all, ", ")))
		}
		t := target{name: p, dir: filepath.Join(sdkFolder, p), input: generator.Input{Provider: p, Package: p}}
		folder := filepath.Join(specsFolder, p)
		if t.input.SpecName, t.input.Spec, err = readFirst(env, folder, specFiles); err != nil {
			return nil, err
		}
		t.input.OverlayName, t.input.Overlay, err = readFirst(env, folder, []string{annotationFile})
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		targets = append(targets, t)
	}
	return targets, nil
}

// listProviders are the folders of specs/, sorted.
func listProviders(env Environment) ([]string, error) {
	entries, err := os.ReadDir(env.path(specsFolder))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("there is no folder %s here: run weir at the root of its module, or name a document by --spec", specsFolder)
	}
	if err != nil {
		return nil, err
	}
	var names []string
	for _, e := range entries {
		if e.IsDir() && !strings.HasPrefix(e.Name(), ".") {
			names = append(names, e.Name())
		}
	}
	if len(names) == 0 {
		return nil, fmt.Errorf("the folder %s has no providers: make one with a document %s", specsFolder, specFiles[0])
	}
	return names, nil
}

// readFirst reads the first of the files that exists.
func readFirst(env Environment, folder string, names []string) (string, []byte, error) {
	for _, name := range names {
		file := filepath.Join(folder, name)
		b, err := os.ReadFile(env.path(file))
		if err == nil {
			return filepath.ToSlash(file), b, nil
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return "", nil, err
		}
	}
	return "", nil, fmt.Errorf("%s has no %s: %w", folder, strings.Join(names, " or "), fs.ErrNotExist)
}

// path is where a path of the command line leads.
func (env Environment) path(p string) string {
	if filepath.IsAbs(p) {
		return p
	}
	return filepath.Join(env.Dir, p)
}

// displayName is a file's name in generated headers and in errors. What leads
// out of the folder is cut to the file's own name, since headers must be the
// same on every machine.
func (env Environment) displayName(p string) string {
	if filepath.IsAbs(p) {
		dir, err := filepath.Abs(env.Dir)
		if err != nil {
			return filepath.Base(p)
		}
		if p, err = filepath.Rel(dir, p); err != nil {
			return filepath.Base(p)
		}
		if strings.HasPrefix(p, "..") {
			return filepath.Base(p)
		}
	}
	return filepath.ToSlash(filepath.Clean(p))
}

// printReport prints a line about a package, and what there is to know of it.
func printReport(env Environment, t target, files generator.Files, changed int) {
	r := files.Report
	fmt.Fprintf(env.Stdout, "%s: %d operations in %d files of %s, %d changed, %d left out\n",
		t.name, r.Operations, len(files.Sources), filepath.ToSlash(t.dir), changed, len(r.LeftOut))
	for _, l := range r.LeftOut {
		fmt.Fprintf(env.Stderr, "%s: left out: %s: %s\n", t.name, l.Operation, l.Reason)
	}
	for _, n := range r.Notes {
		fmt.Fprintf(env.Stderr, "%s: note: %s\n", t.name, n)
	}
	for _, w := range r.Warnings {
		fmt.Fprintf(env.Stderr, "%s: warning: %s\n", t.name, w)
	}
}

// checkChanges fails if there is anything to change.
func checkChanges(env Environment, changes changeSet) error {
	for _, c := range changes {
		fmt.Fprintf(env.Stdout, "%s: %s\n", filepath.ToSlash(c.display), c.kind)
	}
	if len(changes) > 0 {
		return fmt.Errorf("%d generated files are not up to date: run weir generate", len(changes))
	}
	return nil
}
