// This file applies rules of imports to a graph.

package house

import (
	"fmt"
	"slices"
	"strings"
)

// ThirdParty is the pattern of every package that is neither the standard
// library's nor ours.
const ThirdParty = "<third party>"

// Row allows: it says what the packages of a pattern may import besides the
// standard library. Their tests may import more: see Ban for what tests may not.
type Row struct {
	Package string   // "./runtime/page", or "./sdk/..." for a tree; "." is the root alone
	May     []string // patterns alike
	Why     string
}

// Ban forbids, also through others: no chain of imports leads from a package of
// From to one of To. A package is not banned from itself.
type Ban struct {
	From  string
	Not   string // but not from these; "" for no exception
	To    string
	Tests bool // the tests of From's packages may not either
	Why   string
}

// Match reports whether a path is in a pattern.
func (g Graph) Match(pattern, path string) bool {
	if pattern == ThirdParty {
		return !Ours(path) && !g.Standard(path)
	}
	if tree, ok := strings.CutSuffix(pattern, "/..."); ok {
		return path == tree || strings.HasPrefix(path, tree+"/")
	}
	return path == pattern
}

// CheckRows returns what breaks the rows, sorted by package. The first row that
// matches a package counts; a package without a row breaks the rules, so that
// none is added without a decision.
func (g Graph) CheckRows(rows []Row) []string {
	var broken []string
	for _, path := range g.Sorted() {
		i := slices.IndexFunc(rows, func(r Row) bool { return g.Match(r.Package, path) })
		if i < 0 {
			broken = append(broken, fmt.Sprintf("%s: the table has no row for it: say what it may import, and why", path))
			continue
		}
		row := rows[i]
		for _, imported := range g[path].Imports {
			allowed := func(pattern string) bool { return g.Match(pattern, imported) }
			if !g.Standard(imported) && !slices.ContainsFunc(row.May, allowed) {
				broken = append(broken, fmt.Sprintf("%s imports %s, and may import only %s: %s",
					path, imported, strings.Join(append([]string{"std"}, row.May...), ", "), row.Why))
			}
		}
	}
	return broken
}

// CheckBans returns what breaks the bans, each with the chain of imports.
func (g Graph) CheckBans(bans []Ban) []string {
	var broken []string
	for _, ban := range bans {
		for _, path := range g.Sorted() {
			if !g.Match(ban.From, path) || ban.Not != "" && g.Match(ban.Not, path) {
				continue
			}
			if chain := g.chain(path, ban); chain != nil {
				broken = append(broken, fmt.Sprintf("%s: %s", strings.Join(chain, " imports "), ban.Why))
			}
		}
	}
	return broken
}

// chain returns a shortest chain of imports that breaks a ban, nil if none does.
func (g Graph) chain(from string, ban Ban) []string {
	chains := [][]string{{from}}
	seen := map[string]bool{from: true}
	for len(chains) > 0 {
		chain := chains[0]
		chains = chains[1:]
		last := g[chain[len(chain)-1]]
		imports := last.Imports
		if ban.Tests && last.Path == from {
			imports = slices.Concat(imports, last.TestImports)
		}
		for _, path := range imports {
			if seen[path] {
				continue
			}
			seen[path] = true
			next := append(slices.Clone(chain), path)
			if g.Match(ban.To, path) {
				return next
			}
			chains = append(chains, next)
		}
	}
	return nil
}

// CheckNames returns the packages whose name says nothing of what they provide.
func (g Graph) CheckNames(banned ...string) []string {
	var broken []string
	for _, path := range g.Sorted() {
		if slices.Contains(banned, g[path].Name) {
			broken = append(broken, fmt.Sprintf("%s: a package is named after what it provides, never %s", path, g[path].Name))
		}
	}
	return broken
}
