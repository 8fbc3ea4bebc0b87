package docs

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	anOperation = regexp.MustCompile(`(?m)^var \w+ = api\.Operation\{`)
	aList       = regexp.MustCompile(`(?m)^func .*\biter\.Seq2\[\*page\.Page\[`) // the twin of each list
	aPlan       = regexp.MustCompile(`(?m)^\tPlan\w+ += "(\w+)"$`)
)

// TestReadmeCountsOperations holds the README's table of SDKs to their generated code.
func TestReadmeCountsOperations(t *testing.T) {
	readme, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	folders, err := filepath.Glob("../sdk/*/operations.gen.go")
	if err != nil || len(folders) == 0 {
		t.Fatalf("found no SDK: %v", err)
	}
	for _, folder := range folders {
		dir := filepath.Dir(folder)
		files, err := filepath.Glob(filepath.Join(dir, "*.gen.go"))
		if err != nil {
			t.Fatal(err)
		}
		var code strings.Builder
		for _, name := range files {
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			code.Write(text)
		}
		var plans []string
		for _, match := range aPlan.FindAllStringSubmatch(code.String(), -1) {
			plans = append(plans, match[1])
		}
		sdk := "sdk/" + filepath.Base(dir)
		row := regexp.MustCompile(fmt.Sprintf(`(?m)^\| \[.%s.\]\(%[1]s/doc\.go\) \| %s \| %s \| .* \| %s \|$`, regexp.QuoteMeta(sdk),
			thousands(len(anOperation.FindAllString(code.String(), -1))), thousands(len(aList.FindAllString(code.String(), -1))),
			strings.Join(plans, ", ")))
		if !row.Match(readme) {
			t.Errorf("README.md's row of %s has other numbers or plans than %s", sdk, row)
		}
	}
}

// thousands writes a number below a million with a comma.
func thousands(n int) string {
	if n < 1000 {
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%d,%03d", n/1000, n%1000)
}
