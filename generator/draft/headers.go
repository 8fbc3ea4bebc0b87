package draft

// This file looks for the headers of answers that tell what is left of a limit,
// how long to wait, and by which id support finds a call.

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/weirkit/weir/runtime/api"
)

var headerName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_-]*$`)

// answers calls visit with each answer that is described.
func (d *drafter) answers(visit func(op *operation, status string, answer *openapi3.Response)) {
	for _, op := range d.operations {
		all := op.spec.Responses.Map()
		for _, status := range sorted(all) {
			if all[status] != nil && all[status].Value != nil {
				visit(op, status, all[status].Value)
			}
		}
	}
}

// header is a header that answers have.
type header struct {
	name, text string // text is what the document says of it, in lower case
	schema     *openapi3.Schema
	refused    bool // an answer of status 429 has it
}

// declared are the headers of all answers, by their names.
func (d *drafter) declared() []header {
	var all []header
	d.answers(func(_ *operation, status string, answer *openapi3.Response) {
		for _, name := range sorted(answer.Headers) {
			if !headerName.MatchString(name) {
				continue
			}
			i := slices.IndexFunc(all, func(h header) bool { return strings.EqualFold(h.name, name) })
			if i < 0 {
				i, all = len(all), append(all, header{name: name})
			}
			h := &all[i]
			h.refused = h.refused || status == "429"
			ref := answer.Headers[name]
			if ref == nil || ref.Value == nil {
				continue
			}
			h.text += " " + strings.ToLower(ref.Value.Description)
			if ref.Value.Schema != nil && ref.Value.Schema.Value != nil {
				h.schema = ref.Value.Schema.Value
				h.text += " " + strings.ToLower(h.schema.Description)
			}
		}
	})
	slices.SortFunc(all, func(a, b header) int { return strings.Compare(strings.ToLower(a.name), strings.ToLower(b.name)) })
	return all
}

// family is a group of headers that tell of one limit.
type family struct {
	key                           string
	limit, remaining, reset, used *header
	names                         *header
}

var (
	about = regexp.MustCompile(`(?i)(rate-?limits?|quota)`)
	ietf  = regexp.MustCompile(`(?i)^(.+-)?ratelimit(-policy|-limit|-remaining|-reset)?$`)
)

// families sorts headers by what they are about. Of the rest of a name without
// the word that tells its role a family is known.
func families(all []header) []*family {
	var found []*family
	for i := range all {
		h := &all[i]
		if !about.MatchString(h.name) {
			continue
		}
		words := strings.FieldsFunc(strings.ToLower(h.name), func(r rune) bool { return r == '-' || r == '_' })
		role := ""
		for j := len(words) - 1; j >= 0 && role == ""; j-- {
			if slices.Contains([]string{"remaining", "reset", "used", "resource", "limit"}, words[j]) && !(words[j] == "limit" && j > 0 && words[j-1] == "rate") {
				role = words[j]
				words = slices.Delete(words, j, j+1)
			}
		}
		key := strings.Join(words, "-")
		if role == "" {
			continue
		}
		at := slices.IndexFunc(found, func(f *family) bool { return f.key == key })
		if at < 0 {
			at, found = len(found), append(found, &family{key: key})
		}
		f := found[at]
		switch role {
		case "limit":
			f.limit = h
		case "remaining":
			f.remaining = h
		case "reset":
			f.reset = h
		case "used":
			f.used = h
		case "resource":
			f.names = h
		}
	}
	return slices.DeleteFunc(found, func(f *family) bool { return f.remaining == nil && f.used == nil })
}

// resetIs is how a reset is written, empty where the document does not tell.
func (h *header) resetIs() api.ResetEncoding {
	says := func(words ...string) bool {
		return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(h.text, w) })
	}
	milliseconds := says("millisecond")
	epoch := says("epoch", "unix")
	delta := says("seconds until", "seconds before", "seconds remaining", "seconds left", "seconds to wait", "number of seconds", "remaining seconds", "remaining time", "time remaining", "time left")
	switch {
	case h.schema != nil && h.schema.Format == "date-time":
		return api.ISO8601
	case epoch && milliseconds:
		return api.EpochMillis
	case epoch:
		return api.EpochSeconds
	case delta && milliseconds:
		return api.DeltaMillis
	case delta:
		return api.DeltaSeconds
	}
	return ""
}

// quotaHeaders writes the headers that tell of limits. They stand active only if
// there is one family and all of it is told: a family that is half right would keep the
// runtime from recognising the headers by itself.
func (d *drafter) quotaHeaders() bool {
	all := d.declared()
	found := families(all)
	p := d.page
	draft := slices.ContainsFunc(all, func(h header) bool {
		lower := strings.ToLower(h.name)
		return lower == "ratelimit" || lower == "ratelimit-policy"
	})
	switch {
	case draft || len(found) == 1 && found[0].key == "ratelimit":
		var names []string
		for _, h := range all {
			if m := ietf.FindStringSubmatch(h.name); m != nil && m[1] == "" {
				names = append(names, h.name)
			}
		}
		return d.quotaFamily(true, "{ietf: RateLimit, of: ["+d.limit()+"]}", "answers have "+listed(names)+", as the IETF's draft has them")
	case len(found) == 1:
		line, sure := found[0].line(d.limit())
		return d.quotaFamily(sure, line, "answers have "+found[0].told())
	case len(found) > 1:
		d.unknown("x-quota-headers", 0)
		p.comment(6, "unknown: which limit each of these families of headers is of. Until it is said, they are recognised by their names, and what is doubtful is left alone.")
		p.form(6, "x-quota-headers:")
		for _, f := range found {
			line, _ := f.line("LIMIT")
			p.form(6, "  - "+line)
		}
		return false
	}
	d.unknown("x-quota-headers", 0)
	p.comment(6, "unknown: whether headers tell what is left, since the document declares none. Until it is said, they are recognised by their names; [] says that there are none.")
	p.form(6, "x-quota-headers:", "  - {limit: HEADER, remaining: HEADER, reset: HEADER, resetIs: FORM, of: ["+d.limit()+"]}")
	return false
}

func (d *drafter) quotaFamily(sure bool, line, why string) bool {
	sure = sure && d.draw()
	if !sure {
		d.unknown("x-quota-headers", 0)
		d.page.comment(6, "unknown: how the reset is written, or of which limit the numbers are; %s. Until it is said, they are recognised by their names.", why)
		d.page.form(6, "x-quota-headers:", "  - "+line)
		return false
	}
	d.guess("x-quota-headers", 0)
	d.page.comment(6, "guess: %s.", why)
	d.page.line(6, "x-quota-headers:")
	d.page.line(8, "- %s", line)
	return true
}

// line is a family as an annotation, and whether nothing in it is open.
func (f *family) line(of string) (text string, sure bool) {
	var parts []string
	add := func(key string, h *header) {
		if h != nil {
			parts = append(parts, key+": "+h.name)
		}
	}
	add("limit", f.limit)
	add("remaining", f.remaining)
	add("used", f.used)
	sure = true
	if f.reset != nil {
		add("reset", f.reset)
		is := string(f.reset.resetIs())
		if is == "" {
			is, sure = "FORM", false
		}
		parts = append(parts, "resetIs: "+is)
	}
	if f.names != nil {
		sure = false
		add("names", f.names)
		parts = append(parts, "limits: {THEIRS: "+of+"}")
	}
	return fmt.Sprintf("{%s, of: [%s]}", strings.Join(parts, ", "), of), sure
}

func (f *family) told() string {
	var names []string
	for _, h := range []*header{f.limit, f.remaining, f.used, f.reset, f.names} {
		if h != nil {
			names = append(names, h.name)
		}
	}
	text := listed(names)
	if f.reset != nil && f.reset.resetIs() != "" {
		text += "; the reset is " + string(f.reset.resetIs()) + " by what is said of it"
	}
	return text
}
