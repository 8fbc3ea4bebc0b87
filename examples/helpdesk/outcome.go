package main

// This file tells how a sync went: a table for people, a line for programs.

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"text/tabwriter"
	"time"
)

// outcome is what a sync did. Seconds are of the provider's time.
type outcome struct {
	Requests       int      `json:"requests"`
	Refused        int      `json:"refused"`
	Articles       int      `json:"articles"`
	Lost           int      `json:"lost"`
	Twice          int      `json:"twice"`
	Resumed        int      `json:"resumed"` // articles that an earlier run had left
	Seconds        float64  `json:"seconds"`
	MinimumSeconds *float64 `json:"minimum_seconds"` // null where the limit is not known
	Ratio          *float64 `json:"ratio"`           // seconds to minimum_seconds; null where that is zero or unknown
}

// minimumTime is the least time in which requests pass a fixed window of
// limit, when the first of them falls at phase (0 to 1) of its window: as many
// turns of the window as the requests need, less what had passed of the first.
func minimumTime(requests, limit int, window time.Duration, phase float64) time.Duration {
	turns := (requests - 1) / limit
	if requests == 0 || turns == 0 {
		return 0
	}
	return time.Duration((float64(turns) - phase) * float64(window))
}

// against fills in how the time taken compares to the least possible.
func (o *outcome) against(minimum time.Duration) {
	seconds := minimum.Seconds()
	o.MinimumSeconds = &seconds
	if minimum > 0 {
		ratio := math.Round(o.Seconds/seconds*1e4) / 1e4
		o.Ratio = &ratio
	}
}

func (o *outcome) writeJSON(w io.Writer) error {
	return json.NewEncoder(w).Encode(o)
}

func (o *outcome) writeTable(w io.Writer) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	row := func(name string, value any) { fmt.Fprintf(table, "%s\t%v\t\n", name, value) }
	row("requests", o.Requests)
	row("refused", o.Refused)
	row("articles", o.Articles)
	row("lost", o.Lost)
	if o.Resumed > 0 {
		row("there before", o.Resumed)
	}
	row("time", span(o.Seconds))
	if o.MinimumSeconds != nil {
		row("least possible", span(*o.MinimumSeconds))
	}
	if o.Ratio != nil {
		row("ratio", fmt.Sprintf("%.3f", *o.Ratio))
	}
	return table.Flush()
}

func span(seconds float64) time.Duration {
	return time.Duration(seconds * float64(time.Second)).Round(100 * time.Millisecond)
}
