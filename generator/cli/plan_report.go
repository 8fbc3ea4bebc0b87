package cli

// This file prints what weir plan has found: tables for people, an object for
// programs.

import (
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/weirkit/weir/runtime/budget"
)

// planReport is the object that weir plan --json prints.
type planReport struct {
	Provider string  `json:"provider"`
	Plan     *string `json:"plan"` // null: the lowest numbers of all plans
	// LatencySeconds is how long an answer is taken to need.
	LatencySeconds float64       `json:"latencySeconds"`
	Using          *usedByOthers `json:"using"`
	Work           []planWork    `json:"work"`
	Requests       int           `json:"requests"`
	EndsSeconds    *float64      `json:"endsSeconds"` // null: never
	Limit          string        `json:"limit"`       // that holds up the work; empty where none does
	Plans          []otherPlan   `json:"plans"`
	// Apart are limits left out: counted by object, or for some parameters only.
	Apart []string `json:"apart"`

	ends    time.Duration
	latency time.Duration
	using   string // as it was given
}

type usedByOthers struct {
	Limit     string  `json:"limit"`
	PerSecond float64 `json:"perSecond"`
}

type planWork struct {
	Operation   string   `json:"operation"`
	Items       *int     `json:"items"` // null where requests were asked for
	PageSize    int      `json:"pageSize,omitempty"`
	Requests    int      `json:"requests"`
	Immediate   int      `json:"immediate"` // go without waiting
	EndsSeconds *float64 `json:"endsSeconds"`
	Limit       string   `json:"limit"`

	ends time.Duration
}

type otherPlan struct {
	Plan        string   `json:"plan"`
	Requests    int      `json:"requests"`
	EndsSeconds *float64 `json:"endsSeconds"`
	Limit       string   `json:"limit"`

	ends time.Duration
}

func (f *forecaster) report(plan string) (*planReport, error) {
	o, apart, err := f.forecast(plan)
	if err != nil {
		return nil, err
	}
	r := &planReport{
		Provider: f.desc.Name, LatencySeconds: f.latency.Seconds(), latency: f.latency, using: f.using,
		EndsSeconds: seconds(o.Ends), ends: o.Ends, Limit: o.Binding.Limit, Apart: append([]string{}, apart...),
		Work: []planWork{}, Plans: []otherPlan{},
	}
	if plan != "" {
		r.Plan = &plan
	}
	if f.limit != "" {
		r.Using = &usedByOthers{f.limit, f.rate}
	}
	for i, w := range o.Works {
		line := planWork{Operation: w.Name, Requests: w.Requests, Immediate: w.Immediate,
			EndsSeconds: seconds(w.Ends), ends: w.Ends, Limit: w.Binding.Limit}
		if size, ok := f.amounts[i].items(f.desc, plan); ok {
			line.Items, line.PageSize = &f.amounts[i].count, size
		}
		r.Work = append(r.Work, line)
		r.Requests += w.Requests
	}
	for _, p := range f.desc.Plans {
		if p.Name == plan {
			continue
		}
		other, _, err := f.forecast(p.Name)
		if err != nil {
			return nil, err
		}
		line := otherPlan{Plan: p.Name, EndsSeconds: seconds(other.Ends), ends: other.Ends, Limit: other.Binding.Limit}
		for _, w := range other.Works {
			line.Requests += w.Requests
		}
		r.Plans = append(r.Plans, line)
	}
	return r, nil
}

func seconds(d time.Duration) *float64 {
	if d == budget.Never {
		return nil
	}
	s := d.Round(time.Millisecond).Seconds()
	return &s
}

func (r *planReport) writeJSON(w io.Writer) error { return json.NewEncoder(w).Encode(r) }

func (r *planReport) writeTables(w io.Writer) error {
	on := "on no known plan, so by the lowest numbers of all"
	if r.Plan != nil {
		on = "on " + *r.Plan
	}
	fmt.Fprintf(w, "%s %s; an answer takes %v", r.Provider, on, r.latency)
	if r.Using != nil {
		fmt.Fprintf(w, "; others use %s of %s", r.using, r.Using.Limit)
	}
	fmt.Fprint(w, ".\n\n")

	table := [][]string{{"operation", "items", "page", "requests", "at once", "ends after", "waits for"}}
	for _, l := range r.Work {
		items, page := "", ""
		if l.Items != nil {
			items, page = grouped(*l.Items), grouped(l.PageSize)
		}
		table = append(table, []string{l.Operation, items, page, grouped(l.Requests), grouped(l.Immediate), span(l.ends), dash(l.Limit)})
	}
	if len(r.Work) > 1 {
		table = append(table, []string{"all", "", "", grouped(r.Requests), "", span(r.ends), dash(r.Limit)})
	}
	writeTable(w, table)
	if len(r.Plans) > 0 {
		table = [][]string{{"other plan", "requests", "ends after", "that is", "waits for"}}
		for _, p := range r.Plans {
			table = append(table, []string{p.Plan, grouped(p.Requests), span(p.ends), compared(p.ends, r.ends), dash(p.Limit)})
		}
		fmt.Fprintln(w)
		writeTable(w, table)
	}
	return r.writeNotes(w)
}

// writeTable aligns the first and the last column to the left, and what is
// between, numbers and times, to the right.
func writeTable(w io.Writer, table [][]string) {
	widths := make([]int, len(table[0]))
	for _, row := range table {
		for i, cell := range row {
			widths[i] = max(widths[i], len(cell))
		}
	}
	for _, row := range table {
		last := len(row) - 1
		fmt.Fprintf(w, "%-*s", widths[0], row[0])
		for i := 1; i < last; i++ {
			fmt.Fprintf(w, "  %*s", widths[i], row[i])
		}
		fmt.Fprintf(w, "  %s\n", row[last])
	}
}

// writeNotes says what the numbers mean, as far as that is in question.
func (r *planReport) writeNotes(w io.Writer) error {
	var notes []string
	for _, l := range r.Work {
		if l.Items != nil {
			notes = append(notes, "A list's number counts items, which come in pages of the largest size, one page after another.")
			break
		}
	}
	if len(r.Apart) > 0 {
		notes = append(notes, "Left out are limits that hold for one object or for some parameters only: "+strings.Join(r.Apart, ", ")+".")
	}
	if len(notes) == 0 {
		return nil
	}
	_, err := fmt.Fprintf(w, "\n%s\n", strings.Join(notes, "\n"))
	return err
}

// compared says how an end differs from the one asked for.
func compared(other, ours time.Duration) string {
	switch {
	case span(other) == span(ours):
		return "the same"
	case other == budget.Never:
		return "too little"
	case ours == budget.Never:
		return "enough"
	case other < ours:
		return span(ours-other) + " sooner"
	default:
		return span(other-ours) + " later"
	}
}

// span is a time as people say it, to about a hundredth.
func span(d time.Duration) string {
	const day = 24 * time.Hour
	switch {
	case d == budget.Never:
		return "never"
	case d >= 2*day:
		d = d.Round(time.Hour)
		return fmt.Sprintf("%dd%dh", d/day, d%day/time.Hour)
	case d >= 2*time.Hour:
		return strings.TrimSuffix(d.Round(time.Minute).String(), "0s")
	case d >= time.Minute:
		return d.Round(time.Second).String()
	case d >= time.Second:
		return d.Round(100 * time.Millisecond).String()
	default:
		return d.Round(time.Millisecond).String()
	}
}

// grouped writes 10000 as 10,000.
func grouped(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

func dash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}
