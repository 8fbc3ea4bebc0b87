// This file applies rules to the repository's files.

package house

import (
	"fmt"
	"path"
	"regexp"
	"strings"
)

// FileRule is a row of the table of what a file must hold to.
type FileRule struct {
	Files func(File) bool
	// Never matches what a line may not have. Nil where Holds decides.
	Never *regexp.Regexp
	// Holds reports whether the whole file is as it should be. Nil where Never decides.
	Holds func(File) bool
	Why   string // what is wrong, and what to do instead
}

// CheckFiles returns what breaks the rules, each as "file:line: …".
func CheckFiles(files []File, rules []FileRule) []string {
	var broken []string
	for _, file := range files {
		for _, rule := range rules {
			if !rule.Files(file) {
				continue
			}
			if rule.Holds != nil && !rule.Holds(file) {
				broken = append(broken, fmt.Sprintf("%s:%d: %s", file.Path, file.Lines(), rule.Why))
			}
			if rule.Never == nil || !rule.Never.MatchString(file.Text) {
				continue
			}
			line := 0
			for text := range strings.Lines(file.Text) {
				line++
				if found := rule.Never.FindString(text); found != "" {
					broken = append(broken, fmt.Sprintf("%s:%d: %q: %s", file.Path, line, strings.TrimSpace(found), rule.Why))
				}
			}
		}
	}
	return broken
}

var (
	synctest = regexp.MustCompile(`(?m)^(import|\t)\s*"testing/synctest"`)
	sleep    = regexp.MustCompile(`\btime\.Sleep\(`)
)

// CheckSleeps returns the tests that sleep for real. In a synctest bubble a
// sleep takes no time and is exact; helpers sleep in a bubble that another file
// opens, so a folder counts as one.
func CheckSleeps(files []File) []string {
	bubbles := map[string]bool{}
	var tests []File
	for _, file := range files {
		if file.Test() {
			tests = append(tests, file)
			bubbles[path.Dir(file.Path)] = bubbles[path.Dir(file.Path)] || synctest.MatchString(file.Text)
		}
	}
	return CheckFiles(tests, []FileRule{{
		Files: func(f File) bool { return !bubbles[path.Dir(f.Path)] },
		Never: sleep,
		Why:   "a test that sleeps is slow and, one day, wrong: use testing/synctest",
	}})
}
