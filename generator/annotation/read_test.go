package annotation

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/weirkit/weir/generator/load"
	"github.com/weirkit/weir/runtime/api"
)

var update = flag.Bool("update", false, "write the want.err files anew")

func file(t testing.TB, path string) []byte {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func document(t testing.TB, spec, overlay []byte) *load.Document {
	t.Helper()
	in := load.Input{SpecName: "spec.yaml", Spec: spec}
	if overlay != nil {
		in.OverlayName, in.Overlay = "overlay.yaml", overlay
	}
	doc, err := load.Load(in)
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func TestRead(t *testing.T) {
	doc := document(t, file(t, "testdata/spec.yaml"), file(t, "testdata/overlay.yaml"))
	got, err := Read(doc)
	if err != nil {
		t.Fatal(err)
	}
	page := api.Source{URL: "https://desk.example/limits", Date: "2026-11-20", Confidence: api.Documented}
	plans := api.Source{URL: "https://desk.example/plans", Date: "2026-11-19", Confidence: api.Observed}
	guess := api.Source{Confidence: api.Inferred}
	ids := api.Keys{Param: api.Param{In: api.InQuery, Name: "ids"}, Join: ",", ID: api.Path{"id"}, Max: 100, Source: page}
	at := func(line int) load.Position { return load.Position{File: "spec.yaml", Line: line} }
	in := func(line int) load.Position { return load.Position{File: "overlay.yaml", Line: line} }
	want := &Set{
		Account: "subdomain",
		Limits: []api.Limit{
			{Name: "jobs", Shape: api.Concurrency{Max: 30}, Scope: []api.Scope{api.ScopeAccount}, Source: guess},
			{Name: "posting", Shape: api.Bucket{Burst: 5, Refill: 1, Per: 17 * time.Second}, Scope: []api.Scope{api.ScopeAccount, "body:ticket"}, Source: page},
			{Name: "support", Shape: api.Window{Limit: 700, Per: time.Minute}, Scope: []api.Scope{api.ScopeAccount}, Source: page},
			{Name: "ticket-update", Shape: api.Window{Limit: 30, Per: 10 * time.Minute, Kind: api.Sliding, Resolution: time.Second},
				Scope: []api.Scope{api.ScopeUser, "path:ticket_id"}, Source: page},
		},
		Plans: []api.Plan{
			{Name: "team", Limits: []api.PlanLimit{{Limit: "support", Shape: api.Window{Limit: 200, Per: time.Minute}, Source: plans}},
				MaxPage: map[string]int{"list_tickets": 50, "Users.List": 25}},
			{Name: "enterprise", Limits: []api.PlanLimit{
				{Limit: "support", Shape: api.Window{Limit: 2500, Per: time.Minute}, Source: page},
				{Limit: "jobs", Shape: api.Unlimited{}, Source: guess},
			}},
		},
		MaxPages: []MaxPage{
			{Plan: "team", Operation: "list_tickets", Key: "GET /tickets", Max: 50, Pos: in(23)},
			{Plan: "team", Operation: "Users.List", Max: 25, Pos: in(23)},
		},
		QuotaHeaders: []api.QuotaHeaders{
			{Limit: "X-Rate-Limit", Remaining: "X-Rate-Limit-Remaining", Of: []string{"support"}},
			{Limit: "total", Remaining: "remaining", Reset: "resets", ResetIs: api.DeltaSeconds, Prefix: "desk-ratelimit-",
				Limits: map[string]string{"tickets-update": "ticket-update"}},
			{Used: "X-Used", UsedShare: "X-Share", NearLimit: "X-Near", Usage: "X-Usage", Window: "X-Window", WindowIs: api.DeltaMillis, Cost: "X-Cost"},
			{IETF: "Beta-RateLimit", Limits: map[string]string{"burst": "support"}},
		},
		QuotaBodies: []api.QuotaBody{{
			Limit: api.Path{"cost", "limit"}, Remaining: api.Path{"cost", "left"}, Reset: api.Path{"cost", "at"}, ResetIs: api.ISO8601,
			Cost: api.Path{"cost", "actual"}, Requested: api.Path{"cost", "asked"}, Restore: api.Path{"cost", "rate"}, Of: []string{"support"},
		}},
		Throttling: []api.Throttling{
			{Status: 429, RetryAfter: api.RetryAfterHeader},
			{Status: 200, RetryAfter: api.RetryAfterNone, When: &api.BodyRule{Path: api.Path{"error"}, In: []string{"ratelimited", "88", "true"}, Contains: []string{"too fast"}}},
			{Status: 403, RetryAfter: api.RetryAfterBody, Path: api.Path{"error", "retry_after"}},
			{Status: 403, RetryAfter: api.RetryAfterHeader, WhenHeader: &api.HeaderRule{Header: "Retry-After"}, Of: []string{"support"}, Wait: time.Minute},
			{Status: 429, RetryAfter: api.RetryAfterHeader, WhenHeader: &api.HeaderRule{Header: "X-Reason", In: []string{"rate"}},
				Header: "retry-after-ms", RetryAfterIs: api.DeltaMillis, Names: "X-Reason", Limits: map[string]string{"rate": "support"}},
			{Status: 400, RetryAfter: api.RetryAfterBody, When: &api.BodyRule{Path: api.Path{"code"}, In: []string{"limited"}},
				Path: api.Path{"wait"}, RetryAfterIs: api.GoDuration, NamesPath: api.Path{"policy"}},
		},
		Errors: api.Errors{
			Code: []api.Path{{"error", "code"}, {"error"}}, Message: []api.Path{{"description"}}, RequestID: "X-Request-Id",
			When:  &api.BodyRule{Path: api.Path{"ok"}, In: []string{"false"}},
			Codes: []api.ErrorCodes{{Means: api.NotFound, In: []string{"17", "*_not_found"}}},
		},
		Warnings: []api.Path{{"warning"}},
		Cache:    &api.Cache{Revalidate: true, UnchangedIsFree: []string{"support"}},
		Operations: map[string]*Operation{
			"GET /tickets": {
				Pos: at(9), Name: "Tickets.List",
				Draws: []api.Draw{
					{Limit: "support"},
					{Limit: "support", Cost: 5, When: &api.When{Param: api.Param{In: api.InQuery, Name: "page"}, Above: 500}},
				},
				Pagination: &api.Pagination{
					Style: api.CursorStyle, Items: api.Path{"tickets"},
					Size:   &api.PageSize{Param: api.Param{In: api.InQuery, Name: "page[size]"}, Max: 100, Source: page},
					Cursor: api.Param{In: api.InQuery, Name: "page[after]"},
					Next:   api.Path{"meta", "after_cursor"}, More: api.Path{"meta", "has_more"}, Total: api.Path{"count"},
				},
			},
			"POST /tickets": {
				Pos: at(26), Draws: []api.Draw{{Limit: "posting"}}, Body: api.Path{"ticket"}, Result: api.Path{"ticket"},
				IdempotencyHeader: "Idempotency-Key", Cache: &api.Cache{Invalidates: []string{"list_tickets", "Tickets.Count"}},
			},
			"GET /tickets/{ticket_id}": {Pos: at(47), Draws: []api.Draw{{Limit: "support"}}, Result: api.Path{"ticket"}, Batch: &api.Batch{
				With: "GET /tickets/show_many", Key: api.Param{In: api.InPath, Name: "ticket_id"}, Keys: ids, Items: api.Path{"tickets"},
			}, Cache: &api.Cache{TTL: 5 * time.Minute, Revalidate: true, UnchangedIsFree: []string{"support"}, Source: guess}},
			"PUT /tickets/{ticket_id}": {Pos: at(58), Draws: []api.Draw{{Limit: "support"}, {Limit: "ticket-update"}}, Idempotent: true},
			"GET /users": {Pos: at(69), Pagination: &api.Pagination{
				Style: api.KeysetStyle, Cursor: api.Param{In: api.InQuery, Name: "after_id"}, ID: api.Path{"id"},
			}},
			"GET /search":            {Pos: at(82), NoPages: true, Cache: &api.Cache{Never: true}},
			"GET /tickets/show_many": {Pos: at(89), NoPages: true, Result: api.Path{"tickets"}, Keys: []api.Keys{ids}},
		},
	}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(load.Position{}, "Column"), cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("set (-want +got):\n%s", diff)
	}
	if len(doc.Warnings) != 0 {
		t.Errorf("warnings %q", doc.Warnings)
	}
}

// TestErrors reads each folder of testdata/errors and compares the error's
// text. A folder without a spec.yaml of its own has testdata/spec.yaml.
func TestErrors(t *testing.T) {
	cases, err := filepath.Glob("testdata/errors/*")
	if err != nil || len(cases) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, dir := range cases {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			spec := filepath.Join(dir, "spec.yaml")
			if _, err := os.Stat(spec); err != nil {
				spec = "testdata/spec.yaml"
			}
			doc := document(t, file(t, spec), file(t, filepath.Join(dir, "overlay.yaml")))
			_, err := Read(doc)
			if err == nil {
				t.Fatal("read without an error")
			}
			golden := filepath.Join(dir, "want.err")
			if *update {
				if err := os.WriteFile(golden, []byte(err.Error()+"\n"), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if diff := cmp.Diff(string(file(t, golden)), err.Error()+"\n"); diff != "" {
				t.Errorf("error (-want +got):\n%s", diff)
			}
		})
	}
}

// TestVendorsKeysWarn has the same mistakes in the vendor's own document.
func TestVendorsKeysWarn(t *testing.T) {
	spec := strings.Replace(string(file(t, "testdata/spec.yaml")), "      operationId: list_tickets\n",
		"      operationId: list_tickets\n      x-rate-limit: {requests: 5}\n      x-pagination: true\n      x-rate-limts: 1\n", 1)
	spec += "x-rate-limits: [1]\nx-errors: {kode: [$.a]}\n"
	doc := document(t, []byte(spec), nil)
	set, err := Read(doc)
	if err != nil {
		t.Fatal(err)
	}
	op := set.Operations["GET /tickets"]
	if op.Draws != nil || op.Pagination != nil || op.NoPages || len(set.Limits) != 0 || set.Errors.Code != nil {
		t.Error("a malformed key was not left out")
	}
	want := []string{
		"spec.yaml:11: x-rate-limit is not a list: put it in brackets",
		"spec.yaml:12: x-pagination is true: write none for an operation without pages, or an object with a type",
		"spec.yaml:126: x-rate-limits is not an object: write the limits by their names",
		"spec.yaml:127: x-errors has no key kode: did you mean code?",
	}
	if diff := cmp.Diff(want, doc.Warnings); diff != "" {
		t.Errorf("warnings (-want +got):\n%s", diff)
	}
	if _, err := Read(doc); err != nil || len(doc.Warnings) != len(want) {
		t.Error("reading twice warns twice")
	}
}

// TestVendorsKeysCount has good keys in the vendor's own document; no source is
// asked of a vendor.
func TestVendorsKeysCount(t *testing.T) {
	spec := strings.Replace(string(file(t, "testdata/spec.yaml")), "      operationId: list_tickets\n",
		"      operationId: list_tickets\n      x-rate-limit: [all]\n", 1)
	spec += "x-rate-limits: {all: {window: {limit: 1, per: 1s}, scope: [account]}}\n"
	set, err := Read(document(t, []byte(spec), nil))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]api.Draw{{Limit: "all"}}, set.Operations["GET /tickets"].Draws); diff != "" {
		t.Errorf("draws (-want +got):\n%s", diff)
	}
}

// TestNoQuotaHeaders tells a provider without any from one of which nobody said.
func TestNoQuotaHeaders(t *testing.T) {
	for overlay, want := range map[string]bool{overlayOf("x-quota-headers", "[]"): true, overlayOf("x-throttling", "[]"): false} {
		set, err := Read(document(t, file(t, "testdata/spec.yaml"), []byte(overlay)))
		if err != nil {
			t.Fatal(err)
		}
		if got := set.QuotaHeaders != nil; got != want || len(set.QuotaHeaders) > 0 {
			t.Errorf("%s\ngives %#v", overlay, set.QuotaHeaders)
		}
	}
}
