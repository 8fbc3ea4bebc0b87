package cli

// This file is weir import: it cuts a vendor's document down to bare facts.

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/weirkit/weir/generator/facts"
)

type importOptions struct {
	spec, out, title, source string
	tags, operations         repeated
}

// repeated is a flag that may be given several times.
type repeated []string

func (r *repeated) String() string { return strings.Join(*r, ", ") }

func (r *repeated) Set(value string) error {
	if strings.TrimSpace(value) == "" {
		return errors.New("it is empty")
	}
	*r = append(*r, value)
	return nil
}

func importFlags() (*flag.FlagSet, *importOptions) {
	o := &importOptions{}
	flags := flag.NewFlagSet("import", flag.ContinueOnError)
	flags.StringVar(&o.spec, "spec", "", "the vendor's document, a `FILE` of OpenAPI 2.0, 3.0 or 3.1 in YAML or JSON")
	flags.StringVar(&o.out, "out", "", "the `FILE` to write; one that weir import has not made is left alone")
	flags.Var(&o.tags, "tag", "keep the operations with this `TAG`; may be repeated, and without --tag and --operation all are kept")
	flags.Var(&o.operations, "operation", "keep this `OPERATION`, by its operationId or as \"GET /things\"; may be repeated")
	flags.StringVar(&o.title, "title", "", "the title, a `TEXT` in place of the document's own")
	flags.StringVar(&o.source, "source", "", "where the document comes from, a `TEXT` for the comment at the top")
	return flags, o
}

func runImport(env Environment, args []string) error {
	flags, o := importFlags()
	rest, err := parse(flags, env, args)
	if err != nil {
		return err
	}
	if len(rest) > 0 {
		return usagef("import: %q is one word too many: name the document by --spec and the result by --out", rest[0])
	}
	for _, f := range []struct{ name, value string }{{"spec", o.spec}, {"out", o.out}} {
		if f.value == "" {
			return usagef("import: --%s is missing: --spec and --out go together", f.name)
		}
	}
	spec, err := os.ReadFile(env.path(o.spec))
	if err != nil {
		return fmt.Errorf("read the document: %w", err)
	}
	result, err := facts.Import(facts.Input{
		SpecName: env.displayName(o.spec), Spec: spec, Tags: o.tags, Operations: o.operations, Title: o.title, Source: o.source,
	})
	if err != nil {
		return err
	}
	changes, err := planImport(env, o.out, result.YAML)
	if err != nil {
		return err
	}
	if err := changes.apply(); err != nil {
		return fmt.Errorf("write the result: %w", err)
	}
	fmt.Fprintf(env.Stdout, "%s: %d operations and %d components in %d lines; %d bytes of %d\n", filepath.ToSlash(o.out),
		result.Operations, result.Components, bytes.Count(result.YAML, []byte("\n")), len(result.YAML), len(spec))
	return nil
}

// planImport compares the result with what stands in its place. A document that
// people have written by hand is not overwritten.
func planImport(env Environment, out string, content []byte) (changeSet, error) {
	c := change{kind: differs, path: env.path(out), display: out, new: content}
	old, err := os.ReadFile(c.path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		c.kind = missing
	case err != nil:
		return nil, fmt.Errorf("look at what is to be written: %w", err)
	case !bytes.HasPrefix(old, []byte(facts.Marker)):
		return nil, fmt.Errorf("%s was not made by weir import: move it away, or name another file by --out", out)
	case bytes.Equal(old, content):
		return nil, nil
	}
	c.old = old
	return changeSet{c}, nil
}
