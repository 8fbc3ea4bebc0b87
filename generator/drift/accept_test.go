package drift_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/weirkit/weir/generator/drift"
)

var (
	fields = drift.Difference{Operation: "GET /tickets", Place: "response 200 tickets[].via", Kind: drift.Missing, There: "object", Schema: "Ticket", Field: "via"}
	value  = drift.Difference{Operation: "GET /tickets", Place: "response 200 tickets[].status", Kind: drift.EnumExtra, Here: "deleted", Schema: "Status"}
	sort   = drift.Difference{Operation: "GET /users", Place: "query parameter sort_by", Kind: drift.Missing, There: "string"}
	ids    = drift.Difference{Operation: "POST /users", Place: "query parameter ids", Kind: drift.Type, Here: "list of integers, joined by commas", There: "string"}
)

// TestApply gives one entry and tells which of the differences above it accepts.
func TestApply(t *testing.T) {
	for entry, want := range map[string][]drift.Difference{
		"{kind: missing, place: 'response 200 tickets[].via'}":                          {fields},
		"{kind: missing, place: '*'}":                                                   {fields, sort},
		"{kind: [missing, type], place: '*'}":                                           {fields, sort, ids},
		"{kind: missing, place: '*', operations: GET /*}":                               {fields, sort},
		"{kind: missing, place: '*', operations: [GET /u*]}":                            {sort},
		"{kind: [missing, type], place: query parameter *, operations: '*/users'}":      {sort, ids},
		"{kind: missing, schema: Ticket}":                                               {fields},
		"{kind: [missing, enum-extra], schema: '*'}":                                    {fields, value},
		"{kind: missing, schema: T*t, field: [via]}":                                    {fields},
		"{kind: enum-extra, schema: Status, field: $, here: deleted}":                   {value},
		"{kind: type, place: query parameter *, here: list of *, there: string}":        {ids},
		"{kind: type, place: query parameter *, here: '*, joined by commas'}":           {ids},
		"{kind: missing, place: [query parameter sort_by, 'response * tickets[].via']}": {fields, sort},
	} {
		accepted := readAccepted(t, "accepted:\n  - "+strings.TrimSuffix(entry, "}")+", why: it is so on purpose}\n")
		all := []drift.Difference{fields, value, sort, ids}
		unexplained, err := accepted.Apply(all)
		if err != nil {
			t.Errorf("%s: %v", entry, err)
		}
		var left []drift.Difference
		for _, d := range all {
			if !containsDifference(want, d) {
				left = append(left, d)
			}
		}
		if diff := cmp.Diff(left, unexplained); diff != "" {
			t.Errorf("%s: %s", entry, diff)
		}
	}
}

func containsDifference(all []drift.Difference, d drift.Difference) bool {
	for _, other := range all {
		if other == d {
			return true
		}
	}
	return false
}

func readAccepted(t *testing.T, text string) *drift.Accepted {
	t.Helper()
	accepted, err := drift.ReadAccepted("drift.yaml", []byte(text))
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return accepted
}

// TestStale tells entries, and parts of entries, that fit nothing.
func TestStale(t *testing.T) {
	accepted := readAccepted(t, `
against: [desk.yaml.gz]
accepted:
  - {kind: missing, place: 'query parameter sort_by', why: sorting by cursor ignores it}
  - {kind: extra, place: '*', why: nothing is extra at all}
  - kind: [missing, optional]
    place:
      - response *
      - request *
    why: only the answer has it
  - {kind: missing, schema: Ticket, field: viae, why: a field of another name}
`)
	unexplained, err := accepted.Apply([]drift.Difference{fields, sort, ids})
	if diff := cmp.Diff([]drift.Difference{ids}, unexplained); diff != "" {
		t.Error(diff)
	}
	want := `drift.yaml:5: this entry fits no difference: remove it, or correct it
drift.yaml:6: kind optional fits no difference: remove it, or correct it
drift.yaml:9: place request * fits no difference: remove it, or correct it
drift.yaml:11: this entry fits no difference: remove it, or correct it`
	if err == nil || err.Error() != want {
		t.Errorf("%v\nwant\n%s", err, want)
	}
}

func TestReadAcceptedErrors(t *testing.T) {
	for text, want := range map[string]string{
		"":                         "drift.yaml:1: the file is empty",
		"- a":                      "drift.yaml:1: drift.yaml is no mapping: write against: …",
		"a: [":                     "drift.yaml:1: did not find expected node content: correct the YAML",
		"agianst: [a.gz]":          "drift.yaml:1: drift.yaml has no key agianst: did you mean against?",
		"against: ../a.gz":         "drift.yaml:1: against names ../a.gz: write the file's name alone",
		"against: []":              "drift.yaml:1: against is an empty list",
		"against: {a: b}":          "drift.yaml:1: against is no text",
		"accepted: {a: b}":         "drift.yaml:1: accepted is no list",
		"accepted: [a]":            "drift.yaml:1: an entry is no mapping",
		"accepted: [*a]":           "correct the YAML",
		"against: [a, a]":          "against names a twice: keep one of the two",
		"against: a\n\nagainst: b": "drift.yaml:3: against is already on line 1: keep one of the two",
		"accepted: [{kind: missing, place: x, why: because it is, whi: x}]":                  "an entry has no key whi: did you mean why?",
		"accepted: [{kind: mising, place: x, why: because it is}]":                           "kind is mising, which is none: did you mean missing?",
		"accepted: [{kind: different, place: x, why: because it is}]":                        "kind is different, which is none: there are missing, extra, type",
		"accepted: [{place: x, why: because it is}]":                                         "an entry has no kind",
		"accepted: [{kind: missing, why: because it is}]":                                    "an entry has neither place nor schema",
		"accepted: [{kind: missing, operations: GET *, why: because it is}]":                 "an entry has neither place nor schema",
		"accepted: [{kind: missing, place: x, field: y, why: because it is}]":                "an entry has a field and no schema",
		"accepted: [{kind: missing, place: x}]":                                              "an entry has no why",
		"accepted: [{kind: missing, place: x, why: ''}]":                                     "why is no reason",
		"accepted: [{kind: missing, place: x, why: on purpose}]":                             "why is no reason",
		"accepted: [{kind: missing, place: [x, [y]], why: because it is}]":                   "place is no text",
		"accepted: [{kind: missing, place: '', why: because it is}]":                         "place is no text",
		"accepted:\n  - kind: missing\n    place: x\n    why: because it is\n    kind: type": "drift.yaml:5: kind is already on line 2",
	} {
		_, err := drift.ReadAccepted("drift.yaml", []byte(text))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
}

// FuzzAccepted reads any text, and holds patterns to what a regular expression
// makes of them.
func FuzzAccepted(f *testing.F) {
	f.Add("against: [a.gz]\naccepted:\n  - {kind: missing, place: 'response * x[].*', why: it is so}", "response 200 x[].y")
	f.Add("accepted: [{kind: [extra], schema: '**', field: $, here: a*a, why: it is so}]", "a")
	f.Add("accepted: [&a {kind: type, place: &b x*, why: *b}, *a]", "xyz")
	f.Fuzz(func(t *testing.T, text, place string) {
		accepted, err := drift.ReadAccepted("drift.yaml", []byte(text))
		if err != nil {
			if accepted != nil || !strings.HasPrefix(err.Error(), "drift.yaml") {
				t.Errorf("error without a place: %v", err)
			}
			return
		}
		d := drift.Difference{Operation: place, Place: place, Kind: drift.Missing, Here: place, There: place, Schema: place, Field: place}
		unexplained, _ := accepted.Apply([]drift.Difference{d})
		want := false
		for _, e := range accepted.Entries {
			want = want || fits(e.Kinds, string(d.Kind)) && fits(e.Operations, place) && fits(e.Places, place) &&
				(len(e.Schemas) == 0 || place != "" && fits(e.Schemas, place)) &&
				fits(e.Fields, place) && fits(e.Here, place) && fits(e.There, place)
		}
		if got := len(unexplained) == 0; got != want {
			t.Errorf("%q: accepted is %v, want %v", place, got, want)
		}
	})
}

func fits(patterns []*drift.Pattern, text string) bool {
	for _, p := range patterns {
		expression := "(?s)^" + strings.ReplaceAll(regexp.QuoteMeta(p.Text), `\*`, ".*") + "$"
		if regexp.MustCompile(expression).MatchString(text) {
			return true
		}
	}
	return len(patterns) == 0
}
