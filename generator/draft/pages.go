package draft

// This file writes down how lists go on: what is guessed, and why; and the
// forms of those of which nothing is.

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/weirkit/weir/generator/annotation"
	"github.com/weirkit/weir/runtime/api"
)

func (d *drafter) pages() {
	var found groups
	n := 0
	for _, op := range d.operations {
		if !op.notes.Inferred || op.own("x-pagination") {
			continue
		}
		p := op.notes.Pagination
		if !slices.ContainsFunc([]api.Path{p.Items, p.Next, p.More, p.ID, p.Total}, unwritable) {
			found.add(op, false, "guess: "+op.why(p), op.pagination(p))
			add(&d.draft.Lists, string(p.Style), 1)
			n++
		}
	}
	if n == 0 {
		return
	}
	d.guess("x-pagination", n)
	d.page.heading("pages")
	found.print(d.page)
}

// pagination is an x-pagination, line by line.
func (op *operation) pagination(p *api.Pagination) []string {
	lines := []string{"x-pagination:", "  type: " + string(p.Style)}
	add := func(key, value string) { lines = append(lines, "  "+key+": "+value) }
	if len(p.Items) > 0 {
		add("items", path(p.Items))
	}
	if p.Size != nil {
		add("size", parameter(p.Size.Param, fmt.Sprintf(", max: %d, source: {confidence: inferred}", p.Size.Max)))
	} else if sizes := op.parameters(sizeWords); len(sizes) > 0 {
		lines = append(lines, fmt.Sprintf("  # size: {in: query, name: %s, max: NUMBER}   # unknown: the largest page", scalar(sizes[0])))
	}
	if p.Cursor.Name != "" {
		add("cursor", parameter(p.Cursor, ""))
	}
	if p.Style == api.PageNumberStyle && p.First != 1 {
		add("first", fmt.Sprint(p.First))
	}
	for _, m := range []struct {
		key  string
		path api.Path
	}{{"next", p.Next}, {"more", p.More}, {"id", p.ID}, {"total", p.Total}} {
		if len(m.path) > 0 {
			add(m.key, path(m.path))
		}
	}
	return lines
}

// why is what in the document speaks for a guess.
func (op *operation) why(p *api.Pagination) string {
	parts := []string{"the answer is a list"}
	if len(p.Items) > 0 {
		parts[0] = path(p.Items) + " is the answer's one list of objects"
	}
	cursor := p.Cursor.Name
	switch p.Style {
	case api.CursorStyle:
		parts = append(parts, fmt.Sprintf("%s is a text, which the query parameter %s takes up", path(p.Next), cursor))
	case api.KeysetStyle:
		parts = append(parts, fmt.Sprintf("the query parameter %s takes the %s of the last item", cursor, path(p.ID)))
	case api.URLStyle:
		if cursor == "" {
			parts = append(parts, path(p.Next)+" is a text that is called an address, by its format or beside one of the page before")
			break
		}
		parts = append(parts, fmt.Sprintf("%s is a text, and the query parameter %s a number: so it is the address of the next page", path(p.Next), cursor))
	case api.LinkStyle:
		parts = append(parts, "the document declares a Link header")
	case api.PageNumberStyle:
		from := "1, as is usual"
		if s := annotation.Query(op.spec, cursor); s != nil && s.Default != nil {
			from = fmt.Sprintf("%d, its default", p.First)
		} else if s != nil && s.Min != nil {
			from = fmt.Sprintf("%d, the first beyond its minimum of %v", p.First, *s.Min)
			if *s.Min == float64(p.First) {
				from = fmt.Sprintf("%d, its minimum", p.First)
			}
		}
		parts = append(parts, fmt.Sprintf("the query parameter %s counts pages, from %s", cursor, from), "a page that is not full is taken for the last")
	case api.OffsetStyle:
		parts = append(parts, fmt.Sprintf("the query parameter %s counts the items before", cursor), "a page that is not full is taken for the last")
	}
	if len(p.More) > 0 {
		parts = append(parts, path(p.More)+" is a boolean")
	}
	if p.Size != nil {
		name, by := p.Size.Param.Name, "description"
		if s := annotation.Query(op.spec, name); s != nil && s.Max != nil {
			by = "schema"
		}
		parts = append(parts, fmt.Sprintf("%d is the largest %s by its %s", p.Size.Max, name, by))
	}
	return strings.Join(parts, "; ") + "."
}

// Words that query parameters for pages have in their names.
var (
	sizeWords = regexp.MustCompile(`(?i)^(page\[(size|limit)\]|per[_-]?page|(page)?[_-]?(size|limit)|limit|count|max[_-]?(results|items|count)|top|\$top|page[_-]?length|results[_-]?per[_-]?page|take)$`)
	pageWords = regexp.MustCompile(`(?i)^(page(\[(number|after|before|cursor|offset)\])?|page[_-]?(number|no|num|index|token)|cursor|next|next[_-]?(token|cursor|page)|after|before|start[_-]?(cursor|after|at|index)?|starting[_-]after|ending[_-]before|offset|skip|\$skip|(since|max|min)[_-]id|continuation[_-]?token|marker|scroll[_-]?id)$`)
)

// parameters are the names of the query parameters that have one of the words.
func (op *operation) parameters(words *regexp.Regexp) []string {
	var names []string
	for _, p := range op.spec.Parameters {
		if p.Value != nil && p.Value.In == openapi3.ParameterInQuery && words.MatchString(p.Value.Name) {
			names = append(names, p.Value.Name)
		}
	}
	return names
}

// unpaged has the forms of lists whose pages nobody can guess.
func (d *drafter) unpaged() {
	var maybe, perhaps groups
	n := 0
	for _, op := range d.operations {
		if op.method != "GET" || op.notes.Pagination != nil || op.notes.NoPages || op.own("x-pagination") {
			continue
		}
		cursors, sizes := op.parameters(pageWords), op.parameters(sizeWords)
		lists, ok := op.lists(len(cursors)+len(sizes) > 0)
		if !ok {
			continue
		}
		n++
		signs := op.signs()
		if len(cursors)+len(sizes)+len(signs) == 0 {
			perhaps.add(op, true, "unknown: whether these lists come whole. Nothing in the document speaks of pages; if they have none, say so.",
				[]string{"x-pagination: none"})
			continue
		}
		update := []string{"x-pagination:", "  type: TYPE   # cursor, page, offset, link, url or keyset"}
		if len(lists) > 0 {
			update = append(update, "  items: $."+strings.Join(lists, "   # or $."))
		}
		why := "They take no parameter that speaks of pages"
		if len(cursors)+len(sizes) > 0 {
			why = "They take " + listed(append(slices.Clone(cursors), sizes...))
		}
		if len(signs) > 0 {
			why += "; their answers have " + listed(signs)
		}
		size, cursor := "PARAMETER", "PARAMETER"
		if len(sizes) > 0 {
			size = scalar(sizes[0])
		}
		if len(cursors) > 0 {
			cursor = scalar(cursors[0])
		}
		update = append(update, "  size: {in: query, name: "+size+", max: NUMBER}", "  cursor: {in: query, name: "+cursor+"}   # and next, more or id, as the type needs")
		maybe.add(op, true, "unknown: how these lists go on. "+why+".", update)
	}
	if n == 0 {
		return
	}
	d.draft.Unpaged = n
	d.unknown("x-pagination", n)
	d.page.heading("lists whose pages are unknown")
	d.page.comment(2, "Until something is said of them, these come as the answer that they are, one page of it.")
	d.page.line(0, "")
	maybe.all = append(maybe.all, perhaps.all...)
	maybe.print(d.page)
}

// answerWords are what members of answers are called that tell of other pages.
var answerWords = regexp.MustCompile(`(?i)^(_?links|meta|page|paging|pagination|page_?info|response_metadata|next|next_?(page|link|url|cursor|token)(_?(url|token))?|after_?cursor|has_?(more|next)|total|total_?(count|pages|items)|count)$`)

// signs are the members of the answer that tell of other pages.
func (op *operation) signs() (names []string) {
	for _, name := range sorted(annotation.Members(annotation.Answer(op.spec))) {
		if answerWords.MatchString(name) {
			names = append(names, name)
		}
	}
	return names
}

// lists are the members of the answer that are lists; none with ok where the
// answer is one itself. Without parameters for pages, a thing that has a list among
// much else is no list.
func (op *operation) lists(parameters bool) (names []string, ok bool) {
	answer := annotation.Answer(op.spec)
	if answer == nil {
		return nil, false
	}
	if answer.Type.Is("array") {
		return nil, true
	}
	members := annotation.Members(answer)
	for name, member := range members {
		if member.Type.Is("array") && !unwritable(api.Path{name}) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	if !parameters {
		const beside = 4 // members of an envelope, such as links and counts
		return names, len(names) == 1 && len(members) <= 1+beside && !strings.HasSuffix(op.path, "}")
	}
	return names, len(names) > 0
}

// unwritable reports whether a path has a member of other characters than paths
// are written in.
func unwritable(p api.Path) bool {
	return slices.ContainsFunc(p, func(name string) bool { return !writable.MatchString(name) })
}

var writable = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)
