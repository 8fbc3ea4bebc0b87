package batch_test

import (
	"flag"
	"testing"

	"go.uber.org/goleak"
)

// TestMain has each property tried a few times only, unless -rapid.checks says
// otherwise, and looks for goroutines that the tests have left behind.
func TestMain(m *testing.M) {
	flag.Parse()
	given := false
	flag.Visit(func(f *flag.Flag) { given = given || f.Name == "rapid.checks" })
	if !given {
		if err := flag.Set("rapid.checks", "50"); err != nil {
			panic(err)
		}
	}
	goleak.VerifyTestMain(m)
}
