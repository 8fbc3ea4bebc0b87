package generator

// This file prints the model: templates first, then the imports that the
// printed code uses, then gofmt.

import (
	"bytes"
	"fmt"
	"go/format"
	"go/scanner"
	"go/token"
	"maps"
	"slices"
	"strings"
	"sync"
	"text/template"

	"github.com/weirkit/weir/generator/model"
	"github.com/weirkit/weir/templates"
)

var parsedTemplates = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("weir").ParseFS(templates.FS, "*.go.tmpl"))
})

// standardImports are the packages that generated code may use.
var standardImports = map[string]string{
	"context": "context", "http": "net/http", "json": "encoding/json", "io": "io", "iter": "iter", "time": "time", "url": "net/url",
	"runtime": modulePath + "/runtime", "api": modulePath + "/runtime/api", "page": modulePath + "/runtime/page",
}

const modulePath = "github.com/weirkit/weir"

// render prints all files of a package, each in a goroutine of its own.
func render(a *model.API) (map[string][]byte, error) {
	type job struct {
		file, template string
		data           any
	}
	jobs := []job{{"types.gen.go", "types.go.tmpl", a}, {"operations.gen.go", "operations.go.tmpl", a},
		{"api.gen.go", "api.go.tmpl", a}, {"client.gen.go", "client.go.tmpl", a}}
	for _, s := range a.Services {
		jobs = append(jobs, job{s.File, "service.go.tmpl", s})
	}
	sources, errs := make([][]byte, len(jobs)), make([]error, len(jobs))
	var group sync.WaitGroup
	for i, j := range jobs {
		group.Go(func() { sources[i], errs[i] = renderFile(a, j.template, j.data) })
	}
	group.Wait()
	files := map[string][]byte{}
	for i, j := range jobs {
		if errs[i] != nil {
			return nil, fmt.Errorf("%s: %w", j.file, errs[i])
		}
		files[j.file] = sources[i]
	}
	return files, nil
}

// header is what every file begins with.
type header struct {
	Source, Package string
	Import          string     // where there is only one
	Imports         [][]string // in groups
}

// renderFile prints one file. Its imports are those that the code below them
// turns out to use: no list beside the templates can then be wrong.
func renderFile(a *model.API, name string, data any) ([]byte, error) {
	var body bytes.Buffer
	if err := parsedTemplates().ExecuteTemplate(&body, name, data); err != nil {
		return nil, err
	}
	var file bytes.Buffer
	head := header{Source: a.Source, Package: a.Package, Imports: importGroups(usedPackages(body.Bytes()), a.Imports)}
	if len(head.Imports) == 1 && len(head.Imports[0]) == 1 {
		head.Import = head.Imports[0][0]
	}
	if err := parsedTemplates().ExecuteTemplate(&file, "header.go.tmpl", head); err != nil {
		return nil, err
	}
	file.Write(body.Bytes())
	formatted, err := format.Source(file.Bytes())
	if err != nil {
		return nil, fmt.Errorf("the printed code does not parse, which is a fault of weir: %w", err)
	}
	return formatted, nil
}

// usedPackages are the names before the dots of qualified identifiers.
func usedPackages(code []byte) map[string]bool {
	used := map[string]bool{}
	var s scanner.Scanner
	files := token.NewFileSet()
	s.Init(files.AddFile("", files.Base(), len(code)), code, nil, 0)
	before, name := token.ILLEGAL, ""
	for {
		_, tok, text := s.Scan()
		switch {
		case tok == token.EOF:
			return used
		case tok == token.PERIOD && name != "":
			used[name] = true
		}
		name = ""
		if tok == token.IDENT && before != token.PERIOD {
			name = text
		}
		before = tok
	}
}

// importGroups are the import lines of a file: the standard library's, then ours
// and others'.
func importGroups(used map[string]bool, more map[string]string) [][]string {
	paths := maps.Clone(standardImports)
	maps.Copy(paths, more)
	var std, others []string
	for _, name := range sortedKeys(used) {
		path, ok := paths[name]
		if !ok {
			continue
		}
		line := quote(path)
		if path != name && !strings.HasSuffix(path, "/"+name) {
			line = name + " " + line
		}
		if first, _, _ := strings.Cut(path, "/"); strings.Contains(first, ".") {
			others = append(others, line)
		} else {
			std = append(std, line)
		}
	}
	slices.Sort(std)
	slices.Sort(others)
	var groups [][]string
	for _, g := range [][]string{std, others} {
		if len(g) > 0 {
			groups = append(groups, g)
		}
	}
	return groups
}
