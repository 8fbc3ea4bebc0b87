package cli

// This file is weir drift: it compares our documents with the vendors' own and
// fails where they differ without a reason given in drift.yaml.

import (
	"compress/gzip"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/weirkit/weir/generator/drift"
	"github.com/weirkit/weir/generator/load"
)

// driftFile is where a provider's accepted differences stand.
const driftFile = "drift.yaml"

// largestDocument bounds what a compressed file may become: the largest document
// known, GitHub's with all examples, has 13 MB.
const largestDocument = 256 << 20

type driftOptions struct {
	spec, annotations, accept, reference string
	against                              []string
	json, all                            bool
}

func driftFlags() (*flag.FlagSet, *driftOptions) {
	o := &driftOptions{}
	flags := flag.NewFlagSet("drift", flag.ContinueOnError)
	flags.StringVar(&o.spec, "spec", "", "our document, a `FILE`")
	flags.StringVar(&o.annotations, "annotations", "", "the overlay of our document, a `FILE`")
	flags.Func("against", "the vendor's document, a `FILE`, also as .gz; may be repeated", func(file string) error {
		o.against = append(o.against, file)
		return nil
	})
	flags.StringVar(&o.accept, "accept", "", "the differences that are accepted, a `FILE`")
	flags.StringVar(&o.reference, "reference", "", "the `DIR` with the vendors' documents that each specs/<api>/drift.yaml names, in it or in its folder openapi")
	flags.BoolVar(&o.json, "json", false, "print one JSON object a line")
	flags.BoolVar(&o.all, "all", false, "list the operations that only the vendor has")
	return flags, o
}

// driftRun is one document of ours and what it is held against.
type driftRun struct {
	name     string
	ours     load.Input
	theirs   []string
	accepted *drift.Accepted
}

func runDrift(env Environment, args []string) error {
	flags, o := driftFlags()
	providers, err := parse(flags, env, args)
	if err != nil {
		return err
	}
	var runs []driftRun
	if o.spec != "" || len(o.against) > 0 || o.accept != "" || o.annotations != "" {
		runs, err = documentRun(env, o, providers)
	} else {
		runs, err = providerRuns(env, o, providers)
	}
	if err != nil {
		return err
	}
	failed := 0
	for _, r := range runs {
		found, err := r.compare(env)
		if err != nil {
			return fmt.Errorf("%s: %w", r.name, err)
		}
		if o.json {
			err = found.writeJSON(env.Stdout, o.all)
		} else {
			err = found.writeText(env.Stdout, o.all)
		}
		if err != nil {
			return err
		}
		failed += found.failures()
	}
	if failed == 0 {
		return nil
	}
	findings := "findings"
	if failed == 1 {
		findings = "finding"
	}
	return fmt.Errorf("%d %s: correct our document, or accept a difference with its reason in %s", failed, findings, driftFile)
}

func documentRun(env Environment, o *driftOptions, providers []string) ([]driftRun, error) {
	switch {
	case len(providers) > 0:
		return nil, usagef("drift: %s: a provider of specs/ and --spec exclude each other", providers[0])
	case o.reference != "":
		return nil, usagef("drift: --reference and --spec exclude each other: --against names the vendor's document")
	case o.spec == "" || len(o.against) == 0:
		return nil, usagef("drift: --spec and --against go together")
	}
	r := driftRun{name: env.displayName(o.spec), accepted: &drift.Accepted{}}
	for _, file := range o.against {
		r.theirs = append(r.theirs, env.path(file))
	}
	var err error
	if r.ours, err = readInput(env, o.spec, o.annotations); err != nil {
		return nil, err
	}
	if o.accept != "" {
		if r.accepted, err = readAccepted(env, o.accept); err != nil {
			return nil, err
		}
	}
	return []driftRun{r}, nil
}

// providerRuns are those of the providers that have a drift.yaml, or of some.
func providerRuns(env Environment, o *driftOptions, providers []string) ([]driftRun, error) {
	if o.reference == "" {
		return nil, usagef("drift: name the folder with the vendors' documents by --reference, or two documents by --spec and --against")
	}
	folder := env.path(o.reference)
	if inner := filepath.Join(folder, "openapi"); isFolder(inner) {
		folder = inner
	} else if !isFolder(folder) {
		return nil, fmt.Errorf("--reference: %s is no folder", o.reference)
	}
	named := len(providers) > 0
	if !named {
		var err error
		if providers, err = listProviders(env); err != nil {
			return nil, err
		}
	}
	var runs []driftRun
	for _, p := range providers {
		targets, err := providerTargets(env, []string{p})
		if err != nil {
			return nil, err
		}
		accepted, err := readAccepted(env, filepath.Join(specsFolder, p, driftFile))
		if errors.Is(err, fs.ErrNotExist) && !named {
			continue
		}
		if err != nil {
			return nil, err
		}
		if len(accepted.Against) == 0 {
			return nil, fmt.Errorf("%s/%s/%s names no document of the vendor: write against: [acme.json.gz]", specsFolder, p, driftFile)
		}
		r := driftRun{name: p, accepted: accepted, ours: targets[0].input.Input}
		for _, file := range accepted.Against {
			r.theirs = append(r.theirs, filepath.Join(folder, file))
		}
		runs = append(runs, r)
	}
	if len(runs) == 0 {
		return nil, fmt.Errorf("no provider of %s has a %s that names the vendor's documents", specsFolder, driftFile)
	}
	return runs, nil
}

func isFolder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

func readAccepted(env Environment, file string) (*drift.Accepted, error) {
	text, err := os.ReadFile(env.path(file))
	if err != nil {
		return nil, fmt.Errorf("read the accepted differences: %w", err)
	}
	return drift.ReadAccepted(env.displayName(file), text)
}

func (r driftRun) compare(env Environment) (*driftFound, error) {
	ours, err := load.Load(r.ours)
	if err != nil {
		return nil, err
	}
	var theirs []*load.Document
	var names []string
	for _, file := range r.theirs {
		text, err := readDocument(file)
		if err != nil {
			return nil, fmt.Errorf("read the vendor's document: %w", err)
		}
		name := env.displayName(file)
		document, err := load.Load(load.Input{SpecName: name, Spec: text})
		if err != nil {
			return nil, err
		}
		theirs, names = append(theirs, document), append(names, filepath.Base(name))
	}
	report, err := drift.Compare(ours, theirs...)
	if err != nil {
		return nil, err
	}
	unexplained, stale := r.accepted.Apply(report.Differences)
	found := &driftFound{name: r.name, against: strings.Join(names, ", "), report: report, unexplained: unexplained}
	found.problems.Add(load.Position{}, stale)
	for _, u := range report.Unreferenced {
		if u.Source == "" {
			found.problems.Addf(u.Pos, "%s is in no document of the vendor, and names no source: add externalDocs with the url of its page", u.Operation)
		}
	}
	return found, nil
}

// readDocument reads a file, and unpacks it where it is compressed by gzip.
func readDocument(file string) ([]byte, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var from io.Reader = f
	if strings.HasSuffix(file, ".gz") {
		if from, err = gzip.NewReader(f); err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
	}
	text, err := io.ReadAll(io.LimitReader(from, largestDocument+1))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	if len(text) > largestDocument {
		return nil, fmt.Errorf("%s is larger than %d MB unpacked", file, largestDocument>>20)
	}
	return slices.Clip(text), nil
}
