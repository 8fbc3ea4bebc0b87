package cli

// This file tells what weir new has made, and what comes next.

import (
	"fmt"
	"os"
	"path"
	"regexp"
	"strings"

	"github.com/weirkit/weir/generator/draft"
)

// ownModule is the module in which providers are generated all together.
const ownModule = "github.com/weirkit/weir"

func printDraft(env Environment, name, file string, d *draft.Draft) {
	for _, l := range d.LeftOut {
		fmt.Fprintf(env.Stderr, "%s: left out: %s: %s\n", name, l.Operation, l.Reason)
	}
	for _, w := range d.Warnings {
		fmt.Fprintf(env.Stderr, "%s: warning: %s\n", name, w)
	}
	spec, annotations := path.Join(specsFolder, name, file), path.Join(specsFolder, name, annotationFile)
	out := env.Stdout
	fmt.Fprintf(out, "%s: %d operations, %d left out\n\n", name, d.Operations, len(d.LeftOut))
	fmt.Fprintf(out, "  %-8s %s\n", "lists", listsText(d))
	fmt.Fprintf(out, "  %-8s %s\n", "guesses", countsText(d.Guesses))
	fmt.Fprintf(out, "  %-8s %s\n\n", "unknown", countsText(d.Unknown))
	fmt.Fprintf(out, "It has written %s as it came, and %s.\n", spec, annotations)
	steps := []string{fmt.Sprintf("review %s: search for \"guess:\" and \"unknown:\"", annotations)}
	switch module, tool := readModule(env); {
	case module == ownModule:
		steps = append(steps, "go generate ./...", "go run . limits "+name)
	case module == "":
		steps = append(steps, "go mod init MODULE", "go get -tool "+ownModule, generateSteps(name, spec, annotations), "go generate ./...")
	case !tool:
		steps = append(steps, "go get -tool "+ownModule, generateSteps(name, spec, annotations), "go generate ./...")
	default:
		steps = append(steps, generateSteps(name, spec, annotations), "go generate ./...")
	}
	fmt.Fprint(out, "Next:\n")
	for i, step := range steps {
		fmt.Fprintf(out, "  %d. %s\n", i+1, step)
	}
}

func generateSteps(name, spec, annotations string) string {
	return fmt.Sprintf("add this line to a Go file beside %s:\n     //go:generate go tool weir generate --spec %s --annotations %s --package %s --out %s",
		specsFolder, spec, annotations, name, name)
}

func listsText(d *draft.Draft) string {
	paged := 0
	var styles []string
	for _, c := range d.Lists {
		paged += c.N
		styles = append(styles, fmt.Sprintf("%s %d", c.Name, c.N))
	}
	text := fmt.Sprintf("%d with pages", paged)
	if paged > 0 {
		text += " (" + strings.Join(styles, ", ") + ")"
	}
	return fmt.Sprintf("%s, %d of whose pages nothing is known", text, d.Unpaged)
}

// countsText is how many operations each key is about, and nothing more where it is
// of the whole API.
func countsText(counts []draft.Count) string {
	if len(counts) == 0 {
		return "none"
	}
	var parts []string
	for _, c := range counts {
		if c.N == 0 {
			parts = append(parts, c.Name)
			continue
		}
		parts = append(parts, fmt.Sprintf("%s (%d)", c.Name, c.N))
	}
	return fmt.Sprintf("%d: %s", len(counts), strings.Join(parts, ", "))
}

var (
	moduleLine = regexp.MustCompile(`(?m)^module\s+"?([^\s"]+)"?`)
	toolLine   = regexp.MustCompile(`(?m)^\s*(tool\s+)?` + regexp.QuoteMeta(ownModule) + `\s*(//.*)?$`)
)

// readModule is the path of the module whose root this is, empty where it is
// none, and whether weir is a tool of it.
func readModule(env Environment) (module string, tool bool) {
	b, err := os.ReadFile(env.path("go.mod"))
	if err != nil {
		return "", false
	}
	m := moduleLine.FindSubmatch(b)
	if m == nil {
		return "", false
	}
	return string(m[1]), toolLine.Match(b)
}
