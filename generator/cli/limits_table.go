package cli

// This file prints what weir limits tells as a table for people.

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/weirkit/weir/runtime/api"
)

// writeFactTable has a line for each limit of each operation, and one for an
// operation that draws on none. Sources have numbers, told below the table:
// many limits share one.
func writeFactTable(w io.Writer, provider, plan string, facts []operationFacts) error {
	on := "on no known plan, so by the lowest numbers of all"
	if plan != "" {
		on = "on " + plan
	}
	fmt.Fprintf(w, "%s %s.\n\n", provider, on)
	var sources []sourceFacts
	table := [][]string{{"operation", "call", "draws on", "that is", "counted by", "if", "page", "batch", "cache", "job"}}
	for _, f := range facts {
		row := []string{f.Operation, f.Method + " " + f.Path, "-", "", "", "", pageText(f.Page, &sources), batchText(f, &sources), cacheText(f.cache, &sources), jobText(f.Job, &sources)}
		for i, d := range f.Limits {
			if i > 0 {
				row = make([]string, len(row))
			}
			row[2], row[3] = d.Limit, shapeText(d.shape)+mark(d.Source, &sources)
			if d.Cost > 1 {
				row[2] = fmt.Sprintf("%s × %d", d.Limit, d.Cost)
			}
			row[4], row[5] = scopeText(d.Scope), whenText(d.When)
			if i+1 < len(f.Limits) {
				table = append(table, row)
			}
		}
		table = append(table, row)
	}
	writeColumns(w, table)
	if len(sources) > 0 {
		fmt.Fprintln(w)
	}
	for i, s := range sources {
		fmt.Fprintf(w, "[%d] %s\n", i+1, strings.Join(slices.DeleteFunc([]string{s.Confidence, s.Date, s.URL},
			func(part string) bool { return part == "" }), ", "))
	}
	return nil
}

// mark is the number of a source, in brackets.
func mark(s *sourceFacts, sources *[]sourceFacts) string {
	if s == nil {
		return ""
	}
	i := slices.Index(*sources, *s)
	if i < 0 {
		i = len(*sources)
		*sources = append(*sources, *s)
	}
	return fmt.Sprintf(" [%d]", i+1)
}

func shapeText(s api.Shape) string {
	switch s := s.(type) {
	case api.Window:
		kind := map[api.WindowKind]string{api.Sliding: ", sliding", api.SlidingApproximate: ", sliding roughly"}[s.Kind]
		return fmt.Sprintf("%s per %s%s", grouped(s.Limit), brief(s.Per), kind)
	case api.Bucket:
		return fmt.Sprintf("%s per %s, %s at once", grouped(s.Refill), brief(s.Per), grouped(s.Burst))
	case api.Concurrency:
		return grouped(s.Max) + " in flight"
	case api.Adaptive:
		return fmt.Sprintf("unknown, tried to %s per %s", grouped(s.Ceiling), brief(s.Per))
	}
	return "unlimited"
}

// brief writes 1m0s as 1m.
func brief(d time.Duration) string {
	s := d.String()
	for _, zero := range []string{"m0s", "h0m"} {
		if strings.HasSuffix(s, zero) {
			s = s[:len(s)-len(zero)+1]
		}
	}
	return s
}

func scopeText(scope []api.Scope) string {
	parts := make([]string, len(scope))
	for i, s := range scope {
		parts[i] = string(s)
	}
	return strings.Join(parts, ", ")
}

func whenText(when *whenFacts) string {
	switch {
	case when == nil:
		return ""
	case len(when.Equals) > 0:
		return when.In + " " + when.Name + " is " + strings.Join(when.Equals, " or ")
	case when.Above != nil:
		return fmt.Sprintf("%s %s > %d", when.In, when.Name, *when.Above)
	}
	return when.In + " " + when.Name
}

func pageText(page *pageFacts, sources *[]sourceFacts) string {
	if page == nil {
		return ""
	}
	text := page.Style
	if page.Size != nil {
		text += ", " + grouped(page.Size.Max) + mark(page.Size.Source, sources)
	}
	if page.Last != nil {
		text += ", to page " + grouped(*page.Last)
	}
	return text
}

func batchText(f operationFacts, sources *[]sourceFacts) string {
	switch {
	case f.Batch == nil:
		return ""
	case f.Batch.Scan:
		return "all by " + f.Batch.With
	case f.Batch.With == f.Operation:
		return fmt.Sprintf("%d at once%s", f.Batch.Max, mark(f.Batch.Source, sources))
	}
	return fmt.Sprintf("%d by %s%s, saves %s", f.Batch.Max, f.Batch.With, mark(f.Batch.Source, sources), f.Batch.Saves)
}

func jobText(j *jobFacts, sources *[]sourceFacts) string {
	switch {
	case j == nil:
		return ""
	case j.Max == 0:
		return "shown by " + j.With
	}
	return fmt.Sprintf("of %s%s, shown by %s", grouped(j.Max), mark(j.Source, sources), j.With)
}

func cacheText(c *api.Cache, sources *[]sourceFacts) string {
	if c == nil {
		return ""
	}
	var parts []string
	if c.TTL > 0 {
		parts = append(parts, brief(c.TTL)+mark(sourceOf(c.Source), sources))
	}
	switch {
	case c.Revalidate && len(c.UnchangedIsFree) > 0:
		parts = append(parts, "asks whether changed, free of "+strings.Join(c.UnchangedIsFree, ", ")+" if not")
	case c.Revalidate:
		parts = append(parts, "asks whether changed")
	}
	if len(c.Invalidates) > 0 {
		parts = append(parts, "ends "+strings.Join(c.Invalidates, ", "))
	}
	return strings.Join(parts, ", ")
}

// writeColumns aligns all columns to the left and leaves out those that have
// nothing under their heading.
func writeColumns(w io.Writer, table [][]string) {
	widths := make([]int, len(table[0]))
	for i, row := range table {
		for j, cell := range row {
			if i > 0 && cell != "" {
				widths[j] = max(widths[j], len([]rune(cell)), len(table[0][j]))
			}
		}
	}
	for _, row := range table {
		var line strings.Builder
		for j, cell := range row {
			if widths[j] > 0 {
				fmt.Fprintf(&line, "%-*s  ", widths[j], cell)
			}
		}
		fmt.Fprintln(w, strings.TrimRight(line.String(), " "))
	}
}
