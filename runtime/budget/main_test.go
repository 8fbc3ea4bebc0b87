package budget_test

import (
	"flag"
	"os"
	"testing"
)

// TestMain has each property tried a few times only, unless -rapid.checks says
// otherwise: together they are hundreds of scenarios, and all runs of all
// developers draw others. make scenarios tries 10,000.
func TestMain(m *testing.M) {
	flag.Parse()
	given := false
	flag.Visit(func(f *flag.Flag) { given = given || f.Name == "rapid.checks" })
	if !given {
		if err := flag.Set("rapid.checks", "25"); err != nil {
			panic(err)
		}
	}
	os.Exit(m.Run())
}
