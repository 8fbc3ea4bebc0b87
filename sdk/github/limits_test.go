package github_test

// This file holds the annotations to the rules that they were written by.

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/sdk/github"
)

// Primary limits: each operation draws on one of them, but where it says so here.
var primary = []string{
	"core", "search", "code_search", "integration_manifest", "actions_runner_registration", "dependency_snapshots",
	"dependency_sbom", "code_scanning_autofix", "credential_revocations",
}

var free = map[string]string{
	"GET /rate_limit": "it tells the limits and takes nothing from them",
}

func TestEveryOperationDraws(t *testing.T) {
	for _, op := range github.API.Operations {
		key := op.Method + " " + op.Path
		draws := map[string]int{}
		var of []string
		for _, d := range op.Draws {
			draws[d.Limit] = max(d.Cost, 1)
			if slices.Contains(primary, d.Limit) {
				of = append(of, d.Limit)
			}
			if d.When != nil {
				t.Errorf("%s draws on %s under a condition", key, d.Limit)
			}
		}
		if free[key] == "" && len(of) != 1 || free[key] != "" && len(of) != 0 {
			t.Errorf("%s draws on the primary limits %v", key, of)
		}
		points := 1
		if !op.Safe() {
			points = 5
		}
		if draws["points"] != points || draws["concurrent"] != 1 {
			t.Errorf("%s draws %d points and %d places, want %d and 1", key, draws["points"], draws["concurrent"], points)
		}
		if draws["content"] != draws["content_hourly"] || draws["content"] > 0 && op.Safe() {
			t.Errorf("%s draws on content: %v", key, draws)
		}
	}
}

// What an operation draws on besides core, by its path.
func TestOwnLimits(t *testing.T) {
	for key, want := range map[string]string{
		"GET /search/issues":                                  "search points concurrent",
		"GET /search/code":                                    "code_search points concurrent",
		"GET /rate_limit":                                     "points concurrent",
		"GET /repos/{owner}/{repo}":                           "core points concurrent",
		"PATCH /repos/{owner}/{repo}":                         "core points concurrent",
		"POST /repos/{owner}/{repo}/issues":                   "core points content content_hourly concurrent",
		"PUT /repos/{owner}/{repo}/pulls/{pull_number}/merge": "core points content content_hourly concurrent",
		"POST /gists":                                         "core points content content_hourly concurrent",
		"POST /repos/{owner}/{repo}/git/blobs":                "core points concurrent",
		"POST /repos/{owner}/{repo}/code-scanning/sarifs":     "core code_scanning_upload points concurrent",
		"PUT /repos/{owner}/{repo}/collaborators/{username}":  "core points repository_invitations concurrent",
		"POST /orgs/{org}/invitations":                        "core points content content_hourly organization_invitations concurrent",
	} {
		op := operation(t, key)
		var names []string
		for _, d := range op.Draws {
			names = append(names, d.Limit)
		}
		if got := strings.Join(names, " "); got != want {
			t.Errorf("%s draws on %s, want %s", key, got, want)
		}
	}
}

// The numbers that GitHub documents for each kind of caller.
func TestPlans(t *testing.T) {
	for plan, want := range map[string]map[string]int{
		"":                      {"core": 60, "search": 10, "code_search": 10, "graphql": 1000, "points": 900, "graphql_points": 2000, "concurrent": 100, "content": 80, "content_hourly": 500},
		github.PlanAnonymous:    {"core": 60, "search": 10},
		github.PlanActions:      {"core": 1000, "search": 30, "graphql": 1000},
		github.PlanToken:        {"core": 5000, "search": 30, "graphql": 5000, "code_search": 10},
		github.PlanInstallation: {"core": 5000, "search": 30, "graphql": 5000},
		github.PlanEnterprise:   {"core": 15000, "search": 30, "graphql": 10000},
		github.PlanServer:       {"core": 0, "points": 0, "concurrent": 0},
	} {
		limits, err := github.API.LimitsOn(plan)
		if err != nil {
			t.Fatal(err)
		}
		for name, number := range want {
			if got, _ := api.Capacity(limits[name].Shape); got != number {
				t.Errorf("plan %q: %s is %d, want %d", plan, name, got, number)
			}
		}
	}
	for _, l := range github.API.Limits {
		if l.Source.URL == "" || l.Source.Date == "" {
			t.Errorf("limit %s has no source: %+v", l.Name, l.Source)
		}
	}
}

// Pages of other sizes than 100, and lists whose pages are of GitHub's own size (0).
var otherSizes = map[string]int{
	"GET /notifications":                                                  50,
	"GET /orgs/{org}/actions/variables":                                   30,
	"GET /orgs/{org}/agents/variables":                                    30,
	"GET /repos/{owner}/{repo}/actions/organization-variables":            30,
	"GET /repos/{owner}/{repo}/actions/variables":                         30,
	"GET /repos/{owner}/{repo}/agents/organization-variables":             30,
	"GET /repos/{owner}/{repo}/agents/variables":                          30,
	"GET /repos/{owner}/{repo}/environments/{environment_name}/variables": 30,
	"GET /repositories":                                                   0,
}

func TestPages(t *testing.T) {
	lists := 0
	for _, op := range github.API.Operations {
		if op.Pagination == nil {
			continue
		}
		lists++
		key := op.Method + " " + op.Path
		want, ok := otherSizes[key]
		if !ok {
			want = 100
		}
		if got := github.API.MaxPage(op, ""); got != want {
			t.Errorf("%s has pages of %d, want %d", key, got, want)
		}
		if op.Pagination.Style != api.LinkStyle && key != "GET /organizations/{org}/settings/billing/budgets" {
			t.Errorf("%s is paged by %s: GitHub's lists go on by the Link header", key, op.Pagination.Style)
		}
	}
	if lists < 250 {
		t.Errorf("%d lists: where are the others?", lists)
	}
}

// What takes per_page and is no list.
var notLists = map[string]string{
	"GET /repos/{owner}/{repo}/compare/{basehead}":      "a comparison, with its commits",
	"GET /repos/{owner}/{repo}/compare/{base}...{head}": "the same",
	"GET /repos/{owner}/{repo}/commits/{ref}":           "a commit, with its files",
	"GET /repos/{owner}/{repo}/commits/{ref}/status":    "a state, with what it is made of",
	"POST /orgs/{org}/attestations/bulk-list":           "a map, by the digests asked for",
	"POST /users/{username}/attestations/bulk-list":     "the same",
}

// Whatever takes per_page in the document has pages here, so that a newer
// document's lists are not forgotten.
func TestEveryListHasPages(t *testing.T) {
	document, err := os.ReadFile("../../specs/github/openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var path, key string
	found := map[string]bool{}
	for line := range strings.Lines(string(document)) {
		line = strings.TrimRight(line, "\n")
		switch {
		case strings.HasPrefix(line, "  /") && strings.HasSuffix(line, ":"):
			path, key = strings.TrimSuffix(line[2:], ":"), ""
		case line == "components:":
			path, key = "", ""
		case path != "" && len(line) > 5 && line[:4] == "    " && line[4] != ' ':
			key = strings.ToUpper(strings.TrimSuffix(line[4:], ":")) + " " + path
		case key != "" && (strings.Contains(line, "parameters/per-page'") || strings.Contains(line, "name: per_page,")):
			found[key] = true
		}
	}
	if len(found) < 250 {
		t.Fatalf("%d lists in the document: is it written in another way now?", len(found))
	}
	for key := range found {
		if paged := operation(t, key).Pagination != nil; paged == (notLists[key] != "") {
			t.Errorf("%s takes per_page, and has pages: %v", key, paged)
		}
	}
}

func operation(t *testing.T, key string) *api.Operation {
	t.Helper()
	for _, op := range github.API.Operations {
		if op.Method+" "+op.Path == key {
			return op
		}
	}
	t.Fatalf("GitHub has no operation %s", key)
	return nil
}
