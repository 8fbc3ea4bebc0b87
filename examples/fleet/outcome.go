package main

// This file tells how a run went: a table for people, a line for programs.

import (
	"fmt"
	"io"
	"math"
	"text/tabwriter"
)

// outcome is by the stand-in's counting. Utilisation is what it counted of what its
// limit allows in the windows for which there is work; calls to Redis are the
// processes', heartbeats included.
type outcome struct {
	Processes   int     `json:"processes"`
	Requests    int     `json:"requests"`
	Refused     int     `json:"refused"`
	Lost        int     `json:"lost"` // articles that were not read, or more than once
	Utilisation float64 `json:"utilisation"`
	RedisCalls  float64 `json:"redis_calls_per_request"`
}

func (o outcome) table(w io.Writer) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	for _, row := range []struct {
		name  string
		value any
	}{
		{"processes", o.Processes}, {"requests", o.Requests}, {"refused", o.Refused}, {"lost", o.Lost},
		{"limit used", fmt.Sprintf("%.1f%%", 100*o.Utilisation)}, {"calls to Redis a request", fmt.Sprintf("%.3f", o.RedisCalls)},
	} {
		fmt.Fprintf(table, "%s\t%v\t\n", row.name, row.value)
	}
	return table.Flush()
}

// verdict is an error where something was refused or lost.
func (o outcome) verdict() error {
	if o.Refused > 0 || o.Lost > 0 {
		return fmt.Errorf("%d requests were refused and %d articles lost; 0 and 0 are promised to processes that this machine lets run", o.Refused, o.Lost)
	}
	return nil
}

// places rounds to four decimals.
func places(f float64) float64 { return math.Round(f*1e4) / 1e4 }
