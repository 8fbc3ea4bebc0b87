package draft

// This file looks for what refusals and errors say, and where.

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/weirkit/weir/generator/annotation"
	"github.com/weirkit/weir/runtime/api"
)

// wait is what members of refusals are called that tell how long to wait.
var wait = regexp.MustCompile(`(?i)^retry_?after(_?(s|sec|seconds|in))?$`)

// throttling writes where a refusal tells how long to wait, if not where it is
// looked for anyway.
func (d *drafter) throttling() bool {
	refusals, waits := 0, 0
	var found api.Path
	d.answers(func(_ *operation, status string, answer *openapi3.Response) {
		if status != "429" {
			return
		}
		refusals++
		for name := range answer.Headers {
			if strings.EqualFold(name, "Retry-After") {
				waits++
				break
			}
		}
		if all := search(annotation.Content(answer.Content), func(p api.Path, s *openapi3.Schema) bool {
			return wait.MatchString(p[len(p)-1]) && (s.Type.Is("integer") || s.Type.Is("number"))
		}); len(all) > 0 {
			found = all[0]
		}
	})
	p := d.page
	switch {
	case waits > 0:
		p.comment(6, "x-throttling is not needed: by the document refusals have the status 429 and Retry-After, as is taken for granted.")
		return false
	case len(found) > 0:
		d.guess("x-throttling", 0)
		p.comment(6, "guess: refusals have the status 429, and a number called %s in their body.", found[len(found)-1])
		p.line(6, "x-throttling:")
		p.line(8, "- {status: 429, retryAfter: %s}", path(found))
		return true
	}
	d.unknown("x-throttling", 0)
	said := "the document has no answer of status 429"
	if refusals > 0 {
		said = fmt.Sprintf("the document has %s of status 429, without a Retry-After", number(refusals, "answer", "answers"))
	}
	p.comment(6, "unknown: what a refusal looks like; %s. Until it is said, refusals are those of status 429, and Retry-After tells the wait if there is one.", said)
	p.form(6, "x-throttling:", "  - {status: 429, retryAfter: header}   # header, none, or a path as $.error.retry_after")
	return false
}

// search visits the members of a schema, three deep, through lists too, and
// returns the paths of those that fit, the shallow ones first.
func search(s *openapi3.Schema, fits func(api.Path, *openapi3.Schema) bool) (found []api.Path) {
	var visit func(at api.Path, s *openapi3.Schema)
	visit = func(at api.Path, s *openapi3.Schema) {
		if s == nil || len(at) > 2 {
			return
		}
		if s.Type.Is("array") && s.Items != nil {
			visit(at, s.Items.Value)
			return
		}
		members := annotation.Members(s)
		for _, name := range sorted(members) {
			p := append(slices.Clone(at), name)
			if unwritable(p) {
				continue
			}
			if fits(p, members[name]) {
				found = append(found, p)
			}
			visit(p, members[name])
		}
	}
	visit(nil, s)
	slices.SortStableFunc(found, func(a, b api.Path) int { return cmp.Compare(len(a), len(b)) })
	return found
}

// What the members of errors are called, the most telling first.
var (
	codeNames    = []string{"code", "error_code", "errorCode", "error", "status", "reason", "type"}
	messageNames = []string{"message", "error_description", "errorMessage", "error_message", "detail", "description", "msg", "title", "error"}
	envelopes    = []string{"error", "errors", "fault", "meta", "data"}
	requestIDs   = regexp.MustCompile(`(?i)^(x-)?([a-z0-9]+-)?(request|correlation|trace)-?id$`)
)

// errors writes where errors have their code and message: the paths that most
// of the described errors have.
func (d *drafter) errors() bool {
	answers, codes, messages := 0, map[string]int{}, map[string]int{}
	d.answers(func(_ *operation, status string, answer *openapi3.Response) {
		if !strings.HasPrefix(status, "4") && !strings.HasPrefix(status, "5") && status != "default" {
			return
		}
		schema := annotation.Content(answer.Content)
		if schema == nil || len(annotation.Members(schema)) == 0 {
			return
		}
		answers++
		for _, p := range candidates(schema, codeNames, "string", "integer") {
			codes[p]++
		}
		for _, p := range candidates(schema, messageNames, "string") {
			messages[p]++
		}
	})
	p := d.page
	id := ""
	for _, h := range d.declared() {
		if id == "" && requestIDs.MatchString(h.name) {
			id = h.name
		}
	}
	code := frequent(codes, codeNames, answers, nil)
	message := frequent(messages, messageNames, answers, code)
	if len(code)+len(message) == 0 && id == "" {
		d.unknown("x-errors", 0)
		p.comment(6, "unknown: where errors have their code and message, since the document does not tell.")
		p.form(6, "x-errors: {code: [$.PATH], message: [$.PATH], requestId: HEADER}")
		return false
	}
	d.guess("x-errors", 0)
	var why []string
	for _, path := range code {
		why = append(why, fmt.Sprintf("%s is in %d", path, codes[path]))
	}
	for _, path := range message {
		why = append(why, fmt.Sprintf("%s is in %d", path, messages[path]))
	}
	if len(why) > 0 {
		why = []string{"by what they are called", fmt.Sprintf("%s of the %d errors that the document describes", strings.Join(why, ", "), answers)}
	}
	if id != "" {
		why = append(why, "answers have the header "+id)
	}
	p.comment(6, "guess: %s.", strings.Join(why, "; "))
	p.line(6, "x-errors:")
	if len(code) > 0 {
		p.line(8, "code: [%s]", strings.Join(code, ", "))
	}
	if len(message) > 0 {
		p.line(8, "message: [%s]", strings.Join(message, ", "))
	}
	if id != "" {
		p.line(8, "requestId: %s", id)
	}
	p.comment(8, "unknown: what codes mean where the status does not tell.")
	p.form(8, "codes: {not-found: [CODE]}   # and unauthorized, forbidden, conflict, unavailable, …")
	d.unknown("x-errors", 0)
	return true
}

// candidates are the paths of a schema's members that have one of names and are
// of one of types: at the top, or in an envelope. A status is a code
// at Google's error alone, elsewhere it is that of HTTP.
func candidates(s *openapi3.Schema, names []string, types ...string) (paths []string) {
	for _, p := range search(s, func(p api.Path, s *openapi3.Schema) bool {
		name := p[len(p)-1]
		return slices.Contains(names, name) && slices.ContainsFunc(types, s.Type.Is) &&
			(len(p) == 1 && name != "status" || len(p) == 2 && slices.Contains(envelopes, p[0]) && (name != "status" || p[0] == "error"))
	}) {
		paths = append(paths, path(p))
	}
	return paths
}

// frequent are the paths that more than a tenth of the answers have, three at the most: the most
// frequent first, and of equally frequent ones that with the most telling name.
func frequent(counts map[string]int, names []string, answers int, not []string) (found []string) {
	rank := func(p string) int { return slices.Index(names, p[strings.LastIndex(p, ".")+1:]) }
	for _, p := range sorted(counts) {
		if counts[p]*10 > answers && !slices.Contains(not, p) {
			found = append(found, p)
		}
	}
	slices.SortStableFunc(found, func(a, b string) int {
		return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(rank(a), rank(b)), cmp.Compare(len(a), len(b)))
	})
	return found[:min(len(found), 3)]
}
