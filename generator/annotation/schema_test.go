package annotation

import (
	"bytes"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"gopkg.in/yaml.v3"
)

// corpus are values that the readers and the JSON Schema must judge alike. What
// only a reader can know (whether a limit exists) is not in it.
var corpus = []struct {
	key  string
	good []string
	bad  []string
}{
	{"x-rate-limits", []string{
		`{a: {window: {limit: 1, per: 1s}, scope: [account], source: SOURCE}}`,
		`{a: {window: {limit: 1, per: 1s, kind: sliding-approximate, resolution: 1ms}, scope: [app, "query:page[size]"], source: SOURCE}}`,
		`{a: {bucket: {burst: 1, rate: 1/s}, scope: [ip], source: {url: "http://a.b/c", date: "2026-01-31", confidence: observed}}}`,
		`{a: {bucket: {burst: 1, rate: 100/1m}, scope: [operation], source: {confidence: inferred}}}`,
		`{a: {concurrency: {max: 3}, scope: [user, credential], source: SOURCE}, b: {unlimited: true, scope: [account], source: SOURCE}, c: {adaptive: {ceiling: 100/s}, scope: [ip], source: SOURCE}}`,
		`{}`,
	}, []string{
		`[]`, `{a: 5}`, `{a: {scope: [account], source: SOURCE}}`,
		`{a: {window: {limit: 1, per: 1s}, source: SOURCE}}`,
		`{a: {window: {limit: 1, per: 1s}, scope: [], source: SOURCE}}`,
		`{a: {window: {limit: 1, per: 1s}, scope: account, source: SOURCE}}`,
		`{a: {window: {limit: 1, per: 1s}, scope: [account, account], source: SOURCE}}`,
		`{a: {window: {limit: 1, per: 1s}, scope: [team], source: SOURCE}}`,
		`{a: {window: {limit: 1, per: 1s}, scope: ["header:x"], source: SOURCE}}`,
		`{a: {window: {limit: 1, per: 1s}, scope: ["path:"], source: SOURCE}}`,
		`{a: {window: {limit: 0, per: 1s}, scope: [account], source: SOURCE}}`,
		`{a: {window: {limit: -5, per: 1s}, scope: [account], source: SOURCE}}`,
		`{a: {window: {limit: 1.5, per: 1s}, scope: [account], source: SOURCE}}`,
		`{a: {window: {limit: "5", per: 1s}, scope: [account], source: SOURCE}}`,
		`{a: {window: {limit: 2000000000, per: 1s}, scope: [account], source: SOURCE}}`,
		`{a: {window: {limit: 1}, scope: [account], source: SOURCE}}`,
		`{a: {window: {per: 1s}, scope: [account], source: SOURCE}}`,
		`{a: {window: {limit: 1, per: 60}, scope: [account], source: SOURCE}}`,
		`{a: {window: {limit: 1, per: -1s}, scope: [account], source: SOURCE}}`,
		`{a: {window: {limit: 1, per: 1s, kind: rolling}, scope: [account], source: SOURCE}}`,
		`{a: {window: {limit: 1, per: 1s, burst: 2}, scope: [account], source: SOURCE}}`,
		`{a: {window: {limit: 1, per: 1s}, bucket: {burst: 1, rate: 1/s}, scope: [account], source: SOURCE}}`,
		`{a: {bucket: {burst: 1, rate: 5}, scope: [account], source: SOURCE}}`,
		`{a: {bucket: {burst: 1}, scope: [account], source: SOURCE}}`,
		`{a: {bucket: {burst: 0, rate: 1/s}, scope: [account], source: SOURCE}}`,
		`{a: {concurrency: 5, scope: [account], source: SOURCE}}`,
		`{a: {unlimited: false, scope: [account], source: SOURCE}}`,
		`{a: {adaptive: true, scope: [account], source: SOURCE}}`,
		`{a: {adaptive: {ceiling: 0/s}, scope: [account], source: SOURCE}}`,
		`{a: {unlimited: "yes", scope: [account], source: SOURCE}}`,
		`{a: {windows: {limit: 1, per: 1s}, scope: [account], source: SOURCE}}`,
		`{a: {unlimited: true, scope: [account], source: {url: "https://a.b", date: 2026-01-01}}}`,
		`{a: {unlimited: true, scope: [account], source: {date: 2026-01-01, confidence: documented}}}`,
		`{a: {unlimited: true, scope: [account], source: {url: "https://a.b", confidence: documented}}}`,
		`{a: {unlimited: true, scope: [account], source: {url: "a.b", date: 2026-01-01, confidence: documented}}}`,
		`{a: {unlimited: true, scope: [account], source: {url: "https://a.b", date: 1.1.2026, confidence: documented}}}`,
		`{a: {unlimited: true, scope: [account], source: {url: "https://a.b", date: 2026-01-01, confidence: sure}}}`,
		`{a: {unlimited: true, scope: [account], source: "https://a.b"}}`,
	}},
	{"x-plans", []string{
		`{}`, `{p: {}}`, `{p: {limits: {known: {unlimited: true}}, maxPage: {list_tickets: 5}, source: SOURCE}}`,
		`{p: {limits: {known: {window: {limit: 1, per: 1s}, source: SOURCE}}}}`,
	}, []string{
		`[p]`, `{p: 5}`, `{p: {limit: {}}}`, `{p: {limits: []}}`, `{p: {limits: {known: {}}}}`,
		`{p: {limits: {known: {unlimited: true, scope: [account]}}}}`, `{p: {maxPage: 5}}`, `{p: {maxPage: {list_tickets: 0}}}`,
	}},
	{"x-quota-headers", []string{
		`[]`, `[{limit: X-A}]`, `[{reset: X-B, resetIs: epoch-millis, names: X-C, of: [known]}]`,
		`[{remaining: r, prefix: a-, limits: {theirs: known}}]`,
		`[{used: X-A, window: X-B, windowIs: delta-millis}, {usage: X-C}, {usedShare: X-D, cost: X-E}, {nearLimit: X-F}, {cost: X-G}]`,
		`[{ietf: RateLimit}, {ietf: Beta-RateLimit, resetIs: epoch-seconds, limits: {theirs: known}, of: [known]}]`,
	}, []string{
		`{limit: X-A}`, `[X-A]`, `[{}]`, `[{names: X-A}]`, `[{limit: "X A"}]`, `[{limit: X-A, reset: X-B}]`, `[{limit: X-A, resetIs: epoch-seconds}]`,
		`[{reset: X-B, resetIs: seconds}]`, `[{limit: X-A, limits: [known]}]`, `[{limit: X-A, of: known}]`, `[{limit: X-A, uses: X-B}]`, `[{limit: 5}]`,
		`[{window: X-A, windowIs: delta-millis}]`, `[{limit: X-A, window: X-B}]`, `[{limit: X-A, windowIs: duration}]`, `[{limit: X-A, window: X-B, windowIs: epoch-seconds}]`,
		`[{ietf: RateLimit, limit: X-A}]`, `[{ietf: RateLimit, reset: X-A, resetIs: delta-seconds}]`, `[{ietf: RateLimit, names: X-A}]`, `[{ietf: true}]`,
	}},
	{"x-quota-body", []string{
		`[]`, `[{remaining: $.a.b}]`, `[{limit: $.l, remaining: $.a.b, reset: $.r, resetIs: iso-8601, cost: $.c, of: [known]}]`, `[{cost: $.c}]`,
		`[{remaining: $.a.b, requested: $.q, restore: $.s}]`,
	}, []string{
		`{remaining: $.a}`, `[$.a]`, `[{}]`, `[{of: [known]}]`, `[{remaining: a}]`, `[{remaining: $}]`, `[{remaining: $.a, reset: $.b}]`, `[{remaining: $.a, resetIs: iso-8601}]`,
		`[{remaining: $.a, requested: $.b}]`, `[{remaining: $.a, restore: $.b}]`, `[{cost: $.a, requested: $.b, restore: $.c}]`, `[{left: $.a}]`, `[{cost: $.a, of: known}]`,
	}},
	{"x-throttling", []string{
		`[]`, `[{status: 429}]`, `[{status: 403, retryAfter: none}, {status: 503, retryAfter: $.error.wait}]`,
		`[{status: 200, when: {path: $.error, in: [a, 1, true]}, retryAfter: header}]`,
		`[{status: 403, when: {path: $.error, contains: [secondary]}}, {status: 403, when: {path: $.error, in: [a], contains: [b]}}]`,
		`[{status: 429, when: {header: X-Reason}, names: X-Reason, limits: {theirs: known}, wait: 1m}, {status: 403, when: {header: X-A, in: [a]}, names: $.error.reason, of: [known]}]`,
		`[{status: 429, retryAfter: {header: retry-after-ms, is: delta-millis}}, {status: 429, retryAfter: {path: $.a.b}}]`,
	}, []string{
		`{status: 429}`, `[429]`, `[{}]`, `[{status: 42}]`, `[{status: 302}]`, `[{status: "429"}]`, `[{status: 600}]`, `[{status: 200}]`,
		`[{status: 429, retryAfter: body}]`, `[{status: 429, retryAfter: $}]`, `[{status: 429, when: {path: $.a}}]`, `[{status: 429, when: {path: a, in: [b]}}]`,
		`[{status: 429, when: {path: $.a, in: []}}]`, `[{status: 429, when: {path: $.a, contains: []}}]`, `[{status: 429, when: {path: $.a, contains: [""]}}]`, `[{status: 429, when: {path: $.a, in: b}}]`, `[{status: 429, when: {path: $.a, in: [null]}}]`, `[{status: 429, after: 1}]`,
		`[{status: 429, when: {header: "X A"}}]`, `[{status: 429, when: {header: X-A, in: []}}]`, `[{status: 429, when: {header: X-A, path: $.a, in: [b]}}]`, `[{status: 429, wait: 5}]`,
		`[{status: 429, names: $}]`, `[{status: 429, names: "X A"}]`, `[{status: 429, limits: {theirs: known}}]`, `[{status: 429, of: known}]`,
		`[{status: 429, retryAfter: {}}]`, `[{status: 429, retryAfter: {header: X-A, path: $.a}}]`, `[{status: 429, retryAfter: {path: $}}]`, `[{status: 429, retryAfter: {header: X-A, is: seconds}}]`,
	}},
	{"x-errors", []string{
		`{}`, `{code: [$.a, $.b.c], message: [], requestId: X-Id, when: {path: $.ok, in: ["false"]}}`,
		`{codes: {not-found: [gone, "*_not_found", 17], unavailable: []}}`,
	}, []string{
		`{codes: {}}`, `{codes: {missing: [a]}}`, `{codes: {not-found: a}}`, `{codes: {not-found: ["a*b"]}}`, `{codes: {not-found: ["*"]}}`, `{codes: {not-found: [null]}}`, `{codes: [a]}`,
		`[]`, `{code: $.a}`, `{code: [a]}`, `{requestId: [X]}`, `{requestId: "X Id"}`, `{when: true}`, `{codes: []}`,
	}},
	{"x-warnings", []string{`[$.warning]`, `[$.meta.warnings, $.warning]`}, []string{`[]`, `$.warning`, `[warning]`, `{path: $.warning}`, `null`}},
	{"x-headers", []string{`{Desk-Version: "2026-11-21"}`, `{A: a/b, Accept: application/json}`}, []string{
		`{}`, `[A]`, `{A: 5}`, `{A: ""}`, `{"A B": c}`, `{Authorization: secret}`, `{content-type: text/plain}`, `{A: "a\nb"}`, `null`,
	}},
	{"x-account", []string{`subdomain`}, []string{`5`, `[subdomain]`, `""`, `null`}},
	{"x-rate-limit", []string{
		`[]`, `[known]`, `[{limit: known}]`, `[{limit: known, cost: 5}]`,
		`[{limit: known, cost: 2, when: {in: query, name: page, above: 5}}, {limit: known, when: {in: query, name: page, equals: [1, a, true]}}]`,
	}, []string{
		`known`, `{limit: known}`, `[5]`, `[{cost: 5}]`, `[{limit: known, cost: 0}]`, `[{limit: known, costs: 1}]`, `[[known]]`,
		`[{limit: known, when: {in: query, name: page}}]`, `[{limit: known, when: {in: cookie, name: page, above: 1}}]`,
		`[{limit: known, when: {name: page, above: 1}}]`, `[{limit: known, when: {in: query, above: 1}}]`,
		`[{limit: known, when: {in: query, name: page, above: a}}]`, `[{limit: known, when: {in: query, name: page, equals: []}}]`,
		`[{limit: known, when: {in: query, name: page, below: 1}}]`,
	}},
	{"x-pagination", []string{
		`none`, `{type: link, items: $.tickets}`, `{type: link, items: $.tickets, cursor: {in: query, name: page}}`,
		`{type: cursor, items: $.tickets, cursor: {in: query, name: page}, next: $.meta.after_cursor, more: $.meta.has_more, end: $.meta.has_more, total: $.count}`,
		`{type: page, items: $.tickets, size: {in: query, name: "page[size]", max: 5, source: SOURCE}, cursor: {in: query, name: page}, first: 0}`,
		`{type: offset, items: $.tickets, cursor: {in: query, name: page}, total: $.count}`,
		`{type: link, items: $.tickets, total: $.count, cap: 1000}`,
		`{type: url, items: $.tickets, next: $.next_page}`, `{type: keyset, items: $.tickets, cursor: {in: query, name: page}, id: $.id}`,
	}, []string{
		`false`, `all`, `[]`, `{}`, `{type: links, items: $.tickets}`, `{type: cursor, items: $.tickets}`,
		`{type: cursor, items: $.tickets, cursor: {in: query, name: page}}`, `{type: page, items: $.tickets}`, `{type: url, items: $.tickets}`,
		`{type: keyset, items: $.tickets, cursor: {in: query, name: page}}`, `{type: link, items: $.tickets, next: $.next_page}`,
		`{type: link, items: $.tickets, cap: 1000}`, `{type: link, items: $.tickets, total: $.count, cap: 0}`, `{type: link, items: $.tickets, more: $.meta.has_more}`, `{type: url, items: $.tickets, next: $.next_page, first: 1}`,
		`{type: offset, items: $.tickets, cursor: {in: query, name: page}, first: 1}`,
		`{type: page, items: $.tickets, cursor: {in: query, name: page}, next: $.next_page}`,
		`{type: page, items: $.tickets, cursor: page}`, `{type: page, items: $.tickets, cursor: {in: query, name: page, max: 1}}`,
		`{type: page, items: $.tickets, cursor: {in: query, name: page}, first: -1}`, `{type: link, items: "tickets[*]"}`,
		`{type: link, items: $.tickets, size: {in: query, name: page}}`, `{type: link, items: $.tickets, size: {in: query, name: page, max: 0}}`,
		`{type: link, items: $.tickets, size: 100}`, `{type: link, item: $.tickets}`,
	}},
	{"x-result", []string{`$.tickets`, `$.meta.has_more`}, []string{`tickets`, `[a]`, `$.tickets[0]`, `5`}},
	{"x-operation-name", []string{`Tickets.List`, `A.B2`}, []string{`List`, `tickets.list`, `Tickets.List.All`, `Tickets.`, `5`, `[Tickets.List]`, `Tickets.List_all`}},
	{"x-idempotency", []string{`true`, `{header: Idempotency-Key}`}, []string{`false`, `yes`, `{}`, `{header: "a b"}`, `{headers: a}`, `[true]`, `null`}},
	{"x-job", nil, []string{
		`{}`, `[]`, `true`, `{with: Tickets.Show}`, `{id: $.ticket.id}`, `{with: 5, id: $.ticket.id}`, `{with: shown, id: "ticket.id"}`, `{with: shown, id: $.id, status: $.status}`,
		`{with: shown, id: $.id, items: $.tickets}`, `{with: shown, id: $.id, max: 5}`, `{with: shown, id: $.id, items: $, max: 5}`, `{with: shown, id: $.id, items: {in: path, name: a}, max: 5}`,
		`{with: shown, id: $.id, items: $.tickets, max: 0}`, `{with: shown, id: $.id, limit: [known]}`, `{with: shown, id: $.id, source: "https://a.b"}`,
	}},
	{"x-job-status", nil, []string{
		`{}`, `[]`, `{state: $.status}`, `{states: {working: [a], completed: [b]}}`, `{state: status, states: {working: [a], completed: [b]}}`, `{state: $.status, states: [a, b]}`,
		`{state: $.status, states: {working: [a]}}`, `{state: $.status, states: {working: [a], completed: []}}`, `{state: $.status, states: {working: [a], completed: b}}`,
		`{state: $.status, states: {working: [a], completed: [b], ended: [c]}}`, `{state: $.status, states: {working: [a], completed: [b]}, result: {id: $.id}}`,
		`{state: $.status, states: {working: [a], completed: [b]}, results: $.r, result: {name: $.id}}`, `{state: $.status, states: {working: [null], completed: [b]}}`,
	}},
	{"x-scan", nil, []string{
		`users`, `[]`, `{}`, `{list: list_tickets, key: "query:page"}`, `{list: list_tickets, id: $.id}`, `{key: "query:page", id: $.id}`,
		`{list: list_tickets, key: "header:page", id: $.id}`, `{list: list_tickets, key: "query:page", id: id}`, `{list: list_tickets, key: "query:page", id: $.id, max: 5}`,
		`{list: "", key: "query:page", id: $.id}`,
	}},
	{"x-cache", []string{
		`none`, `{ttl: 5m, source: SOURCE}`, `{revalidate: true}`, `{ttl: 5m, ignoreHeaders: true, revalidate: false, source: {confidence: inferred}}`,
		`{ttl: 1h, revalidate: true, unchangedIsFree: [], source: SOURCE}`,
	}, []string{
		`never`, `[]`, `{}`, `true`, `{ttl: 5, source: SOURCE}`, `{ttl: 0s, source: SOURCE}`, `{revalidate: false}`, `{revalidate: 1}`, `{ttl: 5m, source: "https://a.b"}`,
		`{revalidate: true, ignoreHeaders: true}`, `{revalidate: true, source: SOURCE}`, `{ttl: 5m, source: SOURCE, unchangedIsFree: [known]}`,
		`{revalidate: true, unchangedIsFree: known}`, `{ttl: 5m, keep: true, source: SOURCE}`, `{ttl: 5m, invalidates: [list_tickets], source: SOURCE}`,
	}},
}

const sourceText = `{url: "https://a.b/c", date: 2026-11-21, confidence: documented}`

// TestSchemaAgrees compares the two judges. Read asks the schema only about what
// the readers let through, so an error in the schema's words means that they
// disagree.
func TestSchemaAgrees(t *testing.T) {
	spec := file(t, "testdata/spec.yaml")
	for _, c := range corpus {
		for _, v := range []struct {
			good   bool
			values []string
		}{{true, c.good}, {false, c.bad}} {
			for _, value := range v.values {
				value = strings.ReplaceAll(value, "SOURCE", sourceText)
				overlay := overlayOf(c.key, value)
				_, err := Read(document(t, spec, []byte(overlay)))
				if v.good != (err == nil) || err != nil && strings.Contains(err.Error(), "does not fit") {
					t.Errorf("reading %s: %s: %v", c.key, value, err)
				}
				if err := validate(t, overlay); v.good != (err == nil) {
					t.Errorf("the schema of %s: %s: %v", c.key, value, err)
				}
			}
		}
	}
}

// overlayOf is an overlay that has one annotation, and a limit to draw on.
func overlayOf(key, value string) string {
	target := "$.paths['/tickets'].get"
	if slices.Contains(rootKeys, key) && !slices.Contains(operationKeys, key) {
		target = "$"
	}
	return "overlay: 1.1.0\ninfo: {title: t, version: '1'}\nactions:\n" +
		"  - target: $\n    update: {x-rate-limits: {known: {window: {limit: 9, per: 1s}, scope: [account], source: " + sourceText + "}}}\n" +
		"  - target: " + target + "\n    update:\n      " + key + ": " + value + "\n"
}

// whole is the schema of overlay files.
var whole = sync.OnceValues(func() (*jsonschema.Schema, error) {
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(Schema))
	if err != nil {
		return nil, err
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("schema.json", document); err != nil {
		return nil, err
	}
	return compiler.Compile("schema.json")
})

// validate judges an overlay file as an editor does.
func validate(t *testing.T, overlay string) error {
	t.Helper()
	schema, err := whole()
	if err != nil {
		t.Fatal(err)
	}
	var n yaml.Node
	if err := yaml.Unmarshal([]byte(overlay), &n); err != nil {
		t.Fatal(err)
	}
	return schema.Validate(instance(n.Content[0]))
}

func TestSchemaTakesTheOverlay(t *testing.T) {
	// The JSON Schema of an editor sees aliases expanded.
	overlay := strings.ReplaceAll(string(file(t, "testdata/overlay.yaml")), "*page", sourceText)
	if err := validate(t, overlay); err != nil {
		t.Error(err)
	}
}

// TestSchemaIsTheNet has a value judged by the schema alone, as if its reader had
// taken it.
func TestSchemaIsTheNet(t *testing.T) {
	r := &reader{doc: document(t, file(t, "testdata/spec.yaml"), []byte(overlayOf("x-rate-limit", "[known]")))}
	r.checkSchema("x-job", r.doc.Node("paths", "/tickets", "get", "x-rate-limit"))
	const want = "overlay.yaml:8: job does not fit: got array, want object: see docs/annotations.md"
	if err := r.problems.Err(); err == nil || err.Error() != want {
		t.Errorf("error %v", err)
	}
}
