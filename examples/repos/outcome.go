package main

// This file tells how it went: a table for people, a line for programs.

import (
	"encoding/json"
	"fmt"
	"io"
	"text/tabwriter"
	"time"
)

// outcome is what a run did, by the stand-in's own counting. Seconds are of its time,
// points of the hour's, of which GraphQL and REST have 5,000 each.
type outcome struct {
	Calls    int      `json:"calls"`
	Requests int      `json:"requests"`
	Refused  int      `json:"refused"`
	Lost     int      `json:"lost"`
	Missing  int      `json:"missing"` // repositories that are gone, and were told to be
	Seconds  float64  `json:"seconds"`
	Points   int      `json:"points"`
	REST     *outcome `json:"rest,omitempty"` // the other way, beside it
}

func (o *outcome) writeJSON(w io.Writer) error { return json.NewEncoder(w).Encode(o) }

func (o *outcome) writeTable(w io.Writer) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	row := func(name string, value func(*outcome) any) {
		fmt.Fprintf(table, "%s\t%v\t", name, value(o))
		if o.REST != nil {
			fmt.Fprintf(table, "%v\t", value(o.REST))
		}
		fmt.Fprintln(table)
	}
	if o.REST != nil {
		fmt.Fprintln(table, "\tby aliases\tby REST\t")
	}
	row("calls", func(o *outcome) any { return o.Calls })
	row("requests", func(o *outcome) any { return o.Requests })
	row("points", func(o *outcome) any { return o.Points })
	row("refused", func(o *outcome) any { return o.Refused })
	row("lost", func(o *outcome) any { return o.Lost })
	if o.Missing > 0 {
		row("missing", func(o *outcome) any { return o.Missing })
	}
	row("time", func(o *outcome) any {
		return time.Duration(o.Seconds * float64(time.Second)).Round(10 * time.Millisecond)
	})
	return table.Flush()
}
