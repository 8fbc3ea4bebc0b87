// Package facts cuts an OpenAPI document down to its bare facts: the operations
// that are chosen, what they refer to, and of all that no prose. What is left
// may be kept in a repository, and is short enough for a person to review.
//
// To find one's way: shape.go says what is kept, choose.go which operations,
// keep.go copies, refer.go follows references, print.go writes.
package facts

import (
	"bytes"
	"fmt"
	"path"
	"strings"

	"github.com/weirkit/weir/generator/load"
)

// Input is what is imported.
type Input struct {
	// SpecName is the document's name in errors; its last part is in the head comment.
	SpecName string
	// Spec is the document: OpenAPI 2.0, 3.0 or 3.1, YAML or JSON.
	Spec []byte
	// Tags and Operations are what is chosen, by tag, and by operationId or as
	// "GET /path". Without any all operations are.
	Tags, Operations []string
	// Title replaces the document's own, unless it is empty.
	Title string
	// Source tells in the head comment where the document comes from.
	Source string
}

// Result is an imported document.
type Result struct {
	// YAML is the document, in the version of OpenAPI that it had.
	YAML []byte
	// Operations and Components are how many it has.
	Operations, Components int
}

// Import cuts a document down to its facts. The same input gives the same bytes,
// and importing the result again gives the result. Paths, names and members of
// lists keep the document's order, in which its vendor's pages read as well, so
// that the two can be laid side by side; the keywords of an object have one
// order of our own.
//
// Its errors carry file and line where something is wrong in the document.
func Import(in Input) (Result, error) {
	doc, err := load.Read(load.Input{SpecName: in.SpecName, Spec: in.Spec})
	if err != nil {
		return Result{}, err
	}
	chosen, err := choose(doc, in.Tags, in.Operations)
	if err != nil {
		return Result{}, err
	}
	k := keeper{doc: doc, chosen: chosen}
	root, err := k.document(in.Title)
	if err != nil {
		return Result{}, err
	}
	var out bytes.Buffer
	out.WriteString(head(in))
	writeDocument(&out, root)
	return Result{YAML: out.Bytes(), Operations: chosen.count, Components: len(k.wanted)}, nil
}

// Marker is how every file begins that Import makes.
const Marker = "# Bare facts of an OpenAPI document, without its prose: see weir help import.\n"

// head is the comment at the top. That of a document that Import made already
// stays as long as nothing more is asked, since it names the first source.
func head(in Input) string {
	if bytes.HasPrefix(in.Spec, []byte(Marker)) && in.Source == "" && in.Title == "" && len(in.Tags)+len(in.Operations) == 0 {
		var old strings.Builder
		for line := range bytes.Lines(in.Spec) {
			if line[0] != '#' {
				break
			}
			old.Write(line)
		}
		return old.String()
	}
	name := path.Base(in.SpecName)
	command := "weir import --spec " + word(name)
	for _, flag := range []struct {
		name   string
		values []string
	}{{"title", nonEmpty(in.Title)}, {"tag", in.Tags}, {"operation", in.Operations}} {
		for _, value := range flag.values {
			command += fmt.Sprintf(" --%s %s", flag.name, word(value))
		}
	}
	out := Marker
	if in.Source != "" {
		out += "# Source: " + oneLine(in.Source) + "\n"
	}
	return out + "# Made by: " + oneLine(command) + " --out FILE\n"
}

func nonEmpty(s string) []string {
	if s == "" {
		return nil
	}
	return []string{s}
}

// word quotes a word of a command line where a shell would take it apart.
func word(s string) string {
	if s != "" && !strings.ContainsAny(s, " \t\r\n'\"\\$&|;<>()*?[]#~{}`!") {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
