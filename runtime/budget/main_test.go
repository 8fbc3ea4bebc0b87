package budget_test

import (
	"flag"
	"fmt"
	"os"
	"testing"

	"github.com/weirkit/weir/runtime/budget"
)

// TestMain has each property tried a few times only, unless -rapid.checks says
// otherwise: together they are hundreds of scenarios, and all runs of all
// developers draw others. make scenarios tries 10,000. When all are done it looks at what the
// counters of all of them have shared.
func TestMain(m *testing.M) {
	flag.Parse()
	given := false
	flag.Visit(func(f *flag.Flag) { given = given || f.Name == "rapid.checks" })
	if !given {
		if err := flag.Set("rapid.checks", "25"); err != nil {
			panic(err)
		}
	}
	code := m.Run()
	if !budget.SharedIntact() {
		fmt.Println("a test has changed what all counters share")
		code = 1
	}
	os.Exit(code)
}
