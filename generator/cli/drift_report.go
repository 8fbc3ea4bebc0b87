package cli

// This file prints what weir drift has found: lines for people, or objects for
// programs.

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/weirkit/weir/generator/drift"
	"github.com/weirkit/weir/generator/load"
)

// driftFound is the outcome of one run.
type driftFound struct {
	name, against string
	report        *drift.Report
	unexplained   []drift.Difference
	problems      load.Problems // of drift.yaml, and of operations without a source
}

// failures is how many findings there are that must not be.
func (f *driftFound) failures() int { return len(f.unexplained) + len(f.problems.Texts()) }

// writeText writes a line for each difference; those of one component of ours
// are one, however many operations show it.
func (f *driftFound) writeText(w io.Writer, all bool) error {
	r := f.report
	fmt.Fprintf(w, "%s: %s compared with %s\n", f.name, operationsText(r.Compared), f.against)
	type family struct{ schema, field, text string }
	count := map[family]int{}
	of := func(d drift.Difference) family { return family{d.Schema, d.Field, d.Text()} }
	for _, d := range f.unexplained {
		count[of(d)]++
	}
	for _, d := range f.unexplained {
		n := count[of(d)]
		switch {
		case d.Schema == "" || n == 1:
			fmt.Fprintln(w, d)
		case n > 1:
			place := d.Schema
			if d.Field != "" {
				place += "." + d.Field
			}
			fmt.Fprintf(w, "%s: %s (in %d places, as %s: %s)\n", place, d.Text(), n, d.Operation, d.Place)
			count[of(d)] = 0
		}
	}
	for _, text := range f.problems.Texts() {
		fmt.Fprintln(w, text)
	}
	for _, u := range r.Unreferenced {
		fmt.Fprintf(w, "%s: unreferenced: %s\n", u.Operation, dash(u.Source))
	}
	if all {
		for _, op := range r.Absent {
			fmt.Fprintf(w, "%s: not here\n", op)
		}
	}
	_, err := fmt.Fprintf(w, "%s: %d differences unexplained, %d accepted; unreferenced: %s; only the vendor's: %s\n",
		f.name, len(f.unexplained), len(r.Differences)-len(f.unexplained), operationsText(len(r.Unreferenced)), operationsText(len(r.Absent)))
	return err
}

func operationsText(n int) string {
	if n == 1 {
		return "1 operation"
	}
	return grouped(n) + " operations"
}

// driftLine is one object. Which members it has depends on what it is:
// difference, problem, unreferenced, absent, or summary, which comes last.
type driftLine struct {
	Is        string     `json:"is"`
	Provider  string     `json:"provider"`
	Key       string     `json:"key,omitempty"`
	Operation string     `json:"operation,omitempty"`
	Place     string     `json:"place,omitempty"`
	Kind      drift.Kind `json:"kind,omitempty"`
	Here      string     `json:"here,omitempty"`
	There     string     `json:"there,omitempty"`
	Schema    string     `json:"schema,omitempty"`
	Field     string     `json:"field,omitempty"`
	Source    string     `json:"source,omitempty"`
	Message   string     `json:"message,omitempty"`
	*driftSummary
}

type driftSummary struct {
	Compared     int `json:"compared"`
	Unexplained  int `json:"unexplained"`
	Accepted     int `json:"accepted"`
	Problems     int `json:"problems"`
	Unreferenced int `json:"unreferenced"`
	Absent       int `json:"absent"`
}

func (f *driftFound) writeJSON(w io.Writer, all bool) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	r := f.report
	var lines []driftLine
	for _, d := range f.unexplained {
		lines = append(lines, driftLine{Is: "difference", Key: d.Key(), Operation: d.Operation, Place: d.Place, Kind: d.Kind,
			Here: d.Here, There: d.There, Schema: d.Schema, Field: d.Field})
	}
	problems := f.problems.Texts()
	for _, text := range problems {
		lines = append(lines, driftLine{Is: "problem", Message: text})
	}
	for _, u := range r.Unreferenced {
		lines = append(lines, driftLine{Is: "unreferenced", Operation: u.Operation, Source: u.Source})
	}
	if all {
		for _, op := range r.Absent {
			lines = append(lines, driftLine{Is: "absent", Operation: op})
		}
	}
	lines = append(lines, driftLine{Is: "summary", driftSummary: &driftSummary{
		Compared: r.Compared, Unexplained: len(f.unexplained), Accepted: len(r.Differences) - len(f.unexplained),
		Problems: len(problems), Unreferenced: len(r.Unreferenced), Absent: len(r.Absent)}})
	for _, line := range lines {
		line.Provider = f.name
		if err := encoder.Encode(line); err != nil {
			return err
		}
	}
	return nil
}
