// This file reads the packages of a module and what they import.

package house

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os/exec"
	"slices"
	"strings"
)

// Package is a node of the import graph. A package of this module is named as
// the go command's patterns name it, "./runtime/budget", the root is "."; so
// our runtime is not mistaken for the standard library's.
type Package struct {
	Path     string
	Name     string // as in the package clause
	Standard bool   // of the standard library
	Imports  []string
	// TestImports are those of the package's tests alone, sorted, without Imports.
	TestImports []string
}

// Graph holds packages by path, with all that they need.
type Graph map[string]Package

// Ours reports whether a path is a package of this module.
func Ours(path string) bool { return path == "." || strings.HasPrefix(path, "./") }

// Sorted returns the paths of this module's packages.
func (g Graph) Sorted() []string {
	var paths []string
	for path := range g {
		if Ours(path) {
			paths = append(paths, path)
		}
	}
	slices.Sort(paths)
	return paths
}

// Standard reports whether a path is in the standard library. A path that the
// graph does not hold ("C") is not.
func (g Graph) Standard(path string) bool { return g[path].Standard }

// Load reads the graph of the module in a folder, tests included.
func Load(folder string) (Graph, error) {
	module, err := goList(folder, "-m")
	if err != nil {
		return nil, err
	}
	out, err := goList(folder, "-deps", "-test",
		"-json=ImportPath,Name,Standard,ForTest,Imports,TestImports,XTestImports", "./...")
	if err != nil {
		return nil, err
	}
	return decode(strings.NewReader(out), strings.TrimSpace(module))
}

func goList(folder string, args ...string) (string, error) {
	cmd := exec.Command("go", append([]string{"list"}, args...)...)
	cmd.Dir = folder
	out, err := cmd.Output()
	if err != nil {
		if exit, ok := errors.AsType[*exec.ExitError](err); ok {
			err = fmt.Errorf("%w: %s", err, exit.Stderr)
		}
		return "", fmt.Errorf("go list %s: %w", strings.Join(args, " "), err)
	}
	return string(out), nil
}

// decode reads the output of go list -json for a module.
func decode(r io.Reader, module string) (Graph, error) {
	name := func(path string) string {
		if path == module {
			return "."
		}
		if rest, ok := strings.CutPrefix(path, module+"/"); ok {
			return "./" + rest
		}
		return path
	}
	graph := Graph{}
	for dec := json.NewDecoder(r); ; {
		var p struct {
			ImportPath, Name, ForTest          string
			Standard                           bool
			Imports, TestImports, XTestImports []string
		}
		if err := dec.Decode(&p); err == io.EOF {
			return graph, nil
		} else if err != nil {
			return nil, fmt.Errorf("read go list: %w", err)
		}
		// With -test the list also has test binaries and packages compiled
		// again for one: the plain package already says what its tests import.
		if p.ForTest != "" || strings.HasSuffix(p.ImportPath, ".test") {
			continue
		}
		pkg := Package{Path: name(p.ImportPath), Name: p.Name, Standard: p.Standard}
		for _, path := range p.Imports {
			pkg.Imports = append(pkg.Imports, name(path))
		}
		tests := map[string]bool{}
		for _, path := range slices.Concat(p.TestImports, p.XTestImports) {
			// An external test imports the package that it tests.
			if path := name(path); path != pkg.Path && !slices.Contains(pkg.Imports, path) {
				tests[path] = true
			}
		}
		pkg.TestImports = slices.Sorted(maps.Keys(tests))
		graph[pkg.Path] = pkg
	}
}
