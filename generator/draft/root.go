package draft

// This file writes what concerns the API as a whole: the head of the overlay,
// who the customer is, and limits.

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/weirkit/weir/generator/load"
)

func (d *drafter) head() {
	title := d.in.Package
	if info := d.doc.OpenAPI.Info; info != nil && strings.TrimSpace(info.Title) != "" {
		title = strings.Join(strings.Fields(printable(info.Title)), " ")
	}
	p := d.page
	p.line(0, "# yaml-language-server: $schema=https://github.com/weirkit/weir/raw/main/generator/annotation/schema.json")
	p.line(0, "#")
	p.comment(0, "Limits, pages and names of %s, laid over %s: drafted by weir new, for you to review.", title, d.in.SpecFile)
	p.comment(0, "Below each “guess:” stands what the document suggests: keep it, correct it, or drop it. Below each “unknown:” stands a form "+
		"to uncomment and fill in from the provider's documentation, with the page and the day on which you read it.")
	p.comment(0, "All keys: https://github.com/weirkit/weir/blob/main/docs/annotations.md")
	p.line(0, "overlay: 1.1.0")
	p.line(0, "info: {title: %s, version: \"1\"}", scalar("Limits of "+title))
	p.line(0, "extends: %s", scalar(d.in.SpecFile))
	p.line(0, "")
	p.line(0, "actions:")
}

// root writes the action on the root of the document. What the document itself has is left as it is.
func (d *drafter) root() {
	outer := d.page
	d.page = &page{}
	active := false
	for _, part := range []struct {
		key   string
		write func() (active bool)
	}{
		{"x-account", d.account}, {"x-headers", d.headers}, {"x-rate-limits", d.limits}, {"x-plans", d.plans},
		{"x-quota-headers", d.quotaHeaders}, {"x-throttling", d.throttling}, {"x-errors", d.errors},
	} {
		if d.doc.Node(part.key) != nil {
			d.page.comment(6, "%s: the document has its own.", part.key)
		} else {
			active = part.write() || active
		}
		if text := d.page.String(); text != "" && !strings.HasSuffix(text, "\n\n") {
			d.page.line(0, "")
		}
	}
	text := strings.TrimSuffix(d.page.String(), "\n")
	d.page = outer
	d.page.line(2, "# ---------------------------------------------------------------- the whole API")
	d.page.line(2, "- target: $")
	if active {
		d.page.line(4, "update:")
	} else {
		d.page.line(4, "update: {}   # drop the braces once something below is filled in")
	}
	d.page.WriteString(text)
}

// customer is what server variables are called that name a customer.
var customer = regexp.MustCompile(`(?i)(sub_?domain|account|tenant|workspace|organi[sz]ation|^org$|^org_|company|shop|store|instance|^site|team|customer)`)

func (d *drafter) account() bool {
	var found, all []string
	address := ""
	for _, server := range d.doc.OpenAPI.Servers {
		if server == nil {
			continue
		}
		for _, name := range sorted(server.Variables) {
			if slices.Contains(all, name) {
				continue
			}
			all = append(all, name)
			if v := server.Variables[name]; v != nil && len(v.Enum) == 0 && customer.MatchString(name) && strings.Contains(server.URL, "{"+name+"}") {
				found, address = append(found, name), server.URL
			}
		}
	}
	p := d.page
	switch {
	case len(found) == 1:
		d.scope = "account"
		d.guess("x-account", 0)
		p.comment(6, "guess: in the address %s the variable %s names the customer, as it is called. It becomes an argument of New.", address, found[0])
		p.line(6, "x-account: %s", scalar(found[0]))
		return true
	case len(all) > 0:
		d.unknown("x-account", 0)
		p.comment(6, "unknown: whether a variable of the server's address names the customer (%s).", listed(all))
		p.form(6, "x-account: "+scalar(all[0]))
	}
	return false
}

// headers guesses what every request has to have: versions that can only be one.
func (d *drafter) headers() bool {
	values, counts := map[string][]any{}, map[string]int{}
	for _, op := range d.operations {
		for _, p := range op.spec.Parameters {
			if p.Value == nil || p.Value.In != "header" || !p.Value.Required || !strings.Contains(strings.ToLower(p.Value.Name), "version") {
				continue
			}
			counts[p.Value.Name]++
			if p.Value.Schema != nil && p.Value.Schema.Value != nil {
				values[p.Value.Name] = p.Value.Schema.Value.Enum
			}
		}
	}
	names := sorted(counts)
	if len(names) != 1 || !headerName.MatchString(names[0]) {
		return false
	}
	name := names[0]
	if one := values[name]; len(one) == 1 {
		if text, ok := one[0].(string); ok {
			d.guess("x-headers", 0)
			d.page.comment(6, "guess: %s of %d ask for the header %s, which has one value.", number(counts[name], "operation", "operations"), len(d.operations), name)
			d.page.line(6, "x-headers: {%s: %s}", name, scalar(text))
			return true
		}
	}
	d.unknown("x-headers", 0)
	d.page.comment(6, "unknown: the version for the header %s, which %s of %d ask for.", name, number(counts[name], "operation", "operations"), len(d.operations))
	d.page.form(6, "x-headers: {"+name+": VERSION}")
	return false
}

// limits writes a limit without a number: what is told and refused has a
// counter then, which holds until a person fills in what the provider says.
func (d *drafter) limits() bool {
	p := d.page
	d.unknown("x-rate-limits", 0)
	if !d.draw() {
		p.comment(6, "unknown: the limits on which operations draw by the document's own x-rate-limit.")
		p.form(6, limitForm(d.scope)...)
		return false
	}
	p.comment(6, "unknown: how many calls are allowed. While no number stands here, calls go unpaced until an answer tells what is left, or refuses one: "+
		"then all wait as long as it says, and go at half of the rate that was refused, which grows again.")
	p.line(6, "x-rate-limits:")
	p.line(8, "%s: {unlimited: true, scope: [%s], source: {confidence: inferred}}", limitName, d.scope)
	p.comment(8, "With a number it is one of these. Its scope is what the provider counts by: account, user, credential, app, ip, operation.")
	for _, line := range limitForm(d.scope)[1:] {
		p.form(8, strings.TrimSpace(line))
	}
	return true
}

const limitName = "requests"

// limit is the name of a limit for forms: ours, or one that the document has.
func (d *drafter) limit() string {
	switch {
	case d.draw():
		return limitName
	case len(d.set.Limits) > 0:
		return d.set.Limits[0].Name
	}
	return "LIMIT"
}

func limitForm(scope string) []string {
	source := "source: {url: https://PAGE, date: YYYY-MM-DD, confidence: documented}"
	return []string{
		"x-rate-limits:",
		fmt.Sprintf("  %s: {window: {limit: NUMBER, per: TIME}, scope: [%s], %s}", limitName, scope, source),
		fmt.Sprintf("  %s: {bucket: {burst: NUMBER, rate: NUMBER/s}, scope: [%s], %s}", limitName, scope, source),
		fmt.Sprintf("  concurrent: {concurrency: {max: NUMBER}, scope: [%s], %s}", scope, source),
	}
}

// draw reports whether all operations are to draw on the limit: not where the document has draws of its own.
func (d *drafter) draw() bool {
	return d.doc.Node("x-rate-limits") == nil && len(d.methods()) > 0 &&
		!slices.ContainsFunc(d.operations, func(op *operation) bool { return op.own("x-rate-limit") })
}

// methods are those that operations have, for a target of all of them.
func (d *drafter) methods() (names []string) {
	for _, method := range load.Methods {
		if slices.ContainsFunc(d.operations, func(op *operation) bool { return op.method == method }) {
			names = append(names, quoted(strings.ToLower(method)))
		}
	}
	return names
}

func (d *drafter) plans() bool {
	d.unknown("x-plans", 0)
	d.page.comment(6, "unknown: what a customer's plan changes. With no plan chosen the lowest numbers hold.")
	d.page.form(6,
		"x-plans:",
		"  NAME:",
		"    source: {url: https://PAGE, date: YYYY-MM-DD, confidence: documented}",
		"    limits: {"+d.limit()+": {window: {limit: NUMBER, per: TIME}}}",
	)
	return false
}

func (d *drafter) draws() {
	if !d.draw() {
		return
	}
	d.guess("x-rate-limit", len(d.operations))
	d.page.heading("what calls draw on")
	d.page.comment(2, "guess: every call counts once, in one limit over all of them; the document tells of none. Of two actions on one operation the later holds.")
	d.page.line(2, "- target: $.paths.*[%s]", strings.Join(d.methods(), ", "))
	d.page.line(2, "  update: {x-rate-limit: [%s]}", limitName)
}
