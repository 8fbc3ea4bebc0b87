package drift

// This file finds the operations that both documents have and lays them side by
// side. oasdiff matches paths whose parameters have other names too, by looking
// through all of them; here addresses are compared whole, with the path of the
// server, since one vendor writes https://host/api and /things, the other /api/things.

import (
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/weirkit/weir/generator/load"
)

// comparison is one run.
type comparison struct {
	pairs       []pair
	differences []Difference
	// components are the names of our shapes.
	components map[*openapi3.Schema]string
}

func newComparison() *comparison {
	return &comparison{components: map[*openapi3.Schema]string{}}
}

// pair is one operation as the two documents have it.
type pair struct {
	method, path string
	here, there  *openapi3.Operation
}

func (p pair) operation() string { return p.method + " " + p.path }

// found is an operation of a document, with what reads its schemas.
type found struct {
	method, path string
	spec         *openapi3.Operation
	shapers      shapers
}

// shapers read the schemas of one document.
type shapers struct{ request, answer *shaper }

// match sets the pairs and reports what has no other half.
func (c *comparison) match(ours *load.Document, theirs []*load.Document) *Report {
	there := map[string]found{}
	for _, document := range theirs {
		for key, op := range operations(document.OpenAPI, map[*openapi3.Schema]string{}) {
			if _, ok := there[key]; !ok {
				there[key] = op
			}
		}
	}
	report := &Report{}
	here := operations(ours.OpenAPI, c.components)
	matched := pairKeys(here, there)
	for key, op := range here {
		other, ok := matched[key]
		if !ok {
			u := Unreferenced{Operation: op.method + " " + op.path, Pos: ours.At("paths", op.path, strings.ToLower(op.method))}
			if op.spec.ExternalDocs != nil {
				u.Source = op.spec.ExternalDocs.URL
			}
			report.Unreferenced = append(report.Unreferenced, u)
			continue
		}
		c.lay(op, there[other])
		delete(there, other)
	}
	for _, op := range there {
		report.Absent = append(report.Absent, op.method+" "+op.path)
	}
	report.Compared = len(c.pairs)
	slices.SortFunc(report.Unreferenced, func(a, b Unreferenced) int {
		return strings.Compare(pathFirst(a.Operation), pathFirst(b.Operation))
	})
	slices.SortFunc(report.Absent, func(a, b string) int { return strings.Compare(pathFirst(a), pathFirst(b)) })
	return report
}

// pairKeys leads from keys of our operations to those of the vendor's. Where one
// of ours and one of theirs are left of an address, they are the same under
// another method: some vendors take several.
func pairKeys(here, there map[string]found) map[string]string {
	pairs := map[string]string{}
	left := map[string][2][]string{} // by address: our keys, and theirs
	for i, all := range []map[string]found{here, there} {
		for key := range all {
			_, ours := here[key]
			if _, theirs := there[key]; ours && theirs {
				pairs[key] = key
				continue
			}
			_, address, _ := strings.Cut(key, " ")
			keys := left[address]
			keys[i] = append(keys[i], key)
			left[address] = keys
		}
	}
	for _, keys := range left {
		if len(keys[0]) == 1 && len(keys[1]) == 1 {
			pairs[keys[0][0]] = keys[1][0]
		}
	}
	return pairs
}

var placeholder = regexp.MustCompile(`\{[^{}]*\}`)

// operations are those of a document by method and address without names of
// parameters. The components of shapes go into components.
func operations(doc *openapi3.T, components map[*openapi3.Schema]string) map[string]found {
	all := map[string]found{}
	s := shapers{newShaper(doc, false, components), newShaper(doc, true, components)}
	for path, item := range doc.Paths.Map() {
		for method, op := range item.Operations() {
			servers := doc.Servers
			if len(item.Servers) > 0 {
				servers = item.Servers
			}
			if op.Servers != nil && len(*op.Servers) > 0 {
				servers = *op.Servers
			}
			address := strings.TrimSuffix(basePath(servers)+path, "/")
			all[method+" "+placeholder.ReplaceAllString(address, "{}")] = found{method, path, op, s}
		}
	}
	return all
}

// basePath is the path of the first server.
func basePath(servers openapi3.Servers) string {
	if len(servers) == 0 || servers[0] == nil {
		return ""
	}
	u, err := url.Parse(placeholder.ReplaceAllString(servers[0].URL, "x"))
	if err != nil {
		return ""
	}
	return strings.TrimSuffix(u.Path, "/")
}
