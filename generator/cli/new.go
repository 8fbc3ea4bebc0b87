package cli

// This file is weir new: it makes the folder of a provider, of its document and
// of annotations drafted from it.

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"go/doc/comment"
	"go/token"
	"go/types"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/weirkit/weir/generator/draft"
)

type newOptions struct{ spec string }

func newFlags() (*flag.FlagSet, *newOptions) {
	o := &newOptions{}
	flags := flag.NewFlagSet("new", flag.ContinueOnError)
	flags.StringVar(&o.spec, "spec", "", "the provider's document, a `FILE` of OpenAPI 2.0, 3.0 or 3.1 in YAML or JSON; it is copied as it is")
	return flags, o
}

func runNew(env Environment, args []string) error {
	flags, o := newFlags()
	names, err := parse(flags, env, args)
	if err != nil {
		return err
	}
	switch {
	case len(names) == 0:
		return usagef("new: the name is missing: write weir new NAME --spec FILE")
	case len(names) > 1:
		return usagef("new: %q is one word too many: write weir new NAME --spec FILE", names[1])
	case o.spec == "":
		return usagef("new: --spec is missing: name the provider's document")
	}
	name := names[0]
	if err := checkName(name); err != nil {
		return usagef("new: %v", err)
	}
	folder := filepath.Join(specsFolder, name)
	if _, err := os.Lstat(env.path(folder)); err == nil {
		return fmt.Errorf("%s is there already, and weir new overwrites nothing: choose another name, or move it away", filepath.ToSlash(folder))
	} else if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	spec, err := os.ReadFile(env.path(o.spec))
	if err != nil {
		return fmt.Errorf("read the document: %w", err)
	}
	file := specFile(spec)
	d, err := draft.Make(draft.Input{Package: name, SpecName: env.displayName(o.spec), SpecFile: file, Spec: spec})
	if err != nil {
		return err
	}
	var changes changeSet
	for _, f := range []struct {
		name    string
		content []byte
	}{{file, spec}, {annotationFile, d.Overlay}} {
		display := filepath.Join(folder, f.name)
		changes = append(changes, change{kind: missing, path: env.path(display), display: display, new: f.content})
	}
	if err := changes.apply(); err != nil {
		return fmt.Errorf("write %s: %w", filepath.ToSlash(folder), err)
	}
	printDraft(env, name, file, d)
	return nil
}

// specFile is what a document is called in its folder.
func specFile(spec []byte) string {
	text := bytes.TrimSpace(bytes.TrimPrefix(spec, []byte("\xef\xbb\xbf")))
	if bytes.HasPrefix(text, []byte("{")) {
		return "openapi.json"
	}
	return specFiles[0]
}

var newName = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)

// notNames are names that the go command treats in a way of its own, or that
// stand for something else in every program that uses an SDK.
var notNames = map[string]string{
	"main": "the go command takes it for a program", "internal": "the go command lets nobody else import it",
	"vendor": "the go command takes it for copies of others' code", "testdata": "the go command looks past it",
	"api": "it is a package of weir's", "runtime": "it is a package of weir's", "budget": "it is a package of weir's",
	"page": "it is a package of weir's", "retry": "it is a package of weir's",
}

// checkName says why a name cannot be that of a package, or would trouble all
// who import it.
func checkName(name string) error {
	if !newName.MatchString(name) {
		return fmt.Errorf("the name %q: it becomes a Go package, so write lower-case letters and digits, as acme", name)
	}
	why := notNames[name]
	_, standard := comment.DefaultLookupPackage(name)
	switch {
	case why != "":
	case token.IsKeyword(name) || types.Universe.Lookup(name) != nil:
		why = "it is a word of Go's"
	case standard || slices.Contains([]string{"http", "json", "url", "slog", "rand", "filepath"}, name):
		why = "it is a package of the standard library"
	case strings.HasSuffix(name, "_test"):
		why = "the go command takes it for a test"
	}
	if why != "" {
		return fmt.Errorf("the name %q: %s, so choose another, as %sapi", name, why, strings.TrimSuffix(name, "_test"))
	}
	return nil
}
