package slack_test

import (
	"encoding/csv"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/sdk/slack"
)

// This file holds what the SDK states of Slack's methods against tables that
// were written from Slack's pages, not from the overlay.

// perMinute is what each tier allows of one method.
var perMinute = map[string]int{"1": 1, "2": 20, "3": 50, "4": 100}

// tiers is the tier of each method, or "special".
func tiers(t *testing.T) map[string]string {
	t.Helper()
	f, err := os.Open("testdata/tiers.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	table := csv.NewReader(f)
	table.Comment = '#'
	rows, err := table.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	tier := map[string]string{}
	for _, row := range rows[1:] {
		tier[row[0]] = row[1]
	}
	return tier
}

// method is what Slack calls an operation.
func method(op *api.Operation) string { return strings.TrimPrefix(op.Path, "/") }

func TestEachMethodDrawsOnItsTier(t *testing.T) {
	tier := tiers(t)
	if len(slack.API.Operations) < 220 || len(slack.API.Operations) != len(tier) {
		t.Errorf("%d methods, and the table has %d", len(slack.API.Operations), len(tier))
	}
	// Where the app is one that Slack knows, each method has the number of its tier.
	limits, err := slack.API.LimitsOn(slack.PlanInternal)
	if err != nil {
		t.Fatal(err)
	}
	for _, op := range slack.API.Operations {
		name := tier[method(op)]
		if name == "special" {
			continue
		}
		want := api.Limit{
			Shape: api.Window{Limit: perMinute[name], Per: time.Minute},
			Scope: []api.Scope{api.ScopeApp, api.ScopeAccount, api.ScopeOperation},
		}
		if len(op.Draws) == 0 {
			t.Errorf("%s draws on nothing", method(op))
			continue
		}
		draw := op.Draws[0]
		got := limits[draw.Limit]
		if diff := cmp.Diff(want, api.Limit{Shape: got.Shape, Scope: got.Scope}); diff != "" || draw.Cost != 0 || draw.When != nil {
			t.Errorf("%s is in tier %q, and draws %+v on (-want +got):\n%s", method(op), name, draw, diff)
		}
		if others := len(op.Draws) - 1; others > 0 && method(op) != "users.profile.set" {
			t.Errorf("%s draws on %d limits beside its tier's", method(op), others)
		}
	}
}

func TestMethodsWithLimitsOfTheirOwn(t *testing.T) {
	minutely := func(n int) api.Shape { return api.Window{Limit: n, Per: time.Minute} }
	byMethod := []api.Scope{api.ScopeApp, api.ScopeAccount, api.ScopeOperation}
	aSecond := api.Bucket{Burst: 1, Refill: 1, Per: time.Second}
	want := map[string][]api.Limit{
		"auth.test":         {{Shape: minutely(600), Scope: byMethod}},
		"chat.getPermalink": {{Shape: minutely(600), Scope: byMethod}},
		"chat.postMessage": {
			{Shape: aSecond, Scope: []api.Scope{api.ScopeApp, api.ScopeAccount, "body:channel"}},
			{Shape: api.Unlimited{}, Scope: []api.Scope{api.ScopeApp, api.ScopeAccount}}, // "several hundred": no number is told
		},
		"assistant.threads.setStatus": {{Shape: aSecond, Scope: []api.Scope{api.ScopeApp, api.ScopeAccount, "body:channel_id"}}},
		"users.profile.set": {
			{Shape: minutely(50), Scope: byMethod},
			{Shape: minutely(10), Scope: []api.Scope{api.ScopeCredential, "body:user"}},
			{Shape: minutely(30), Scope: []api.Scope{api.ScopeCredential}},
		},
	}
	got := map[string][]api.Limit{}
	tier := tiers(t)
	for _, op := range slack.API.Operations {
		if name := method(op); tier[name] == "special" || name == "users.profile.set" {
			for _, draw := range op.Draws {
				l, _ := slack.API.Limit(draw.Limit)
				got[name] = append(got[name], api.Limit{Shape: l.Shape, Scope: l.Scope})
			}
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("limits of their own (-want +got):\n%s", diff)
	}
}

func TestMessagesOfUnlistedApps(t *testing.T) {
	tests := map[string]struct{ calls, page int }{
		"":                    {1, 15}, // nobody said what the app is
		slack.PlanUnlisted:    {1, 15},
		slack.PlanMarketplace: {50, 999},
		slack.PlanInternal:    {50, 999},
	}
	for plan, want := range tests {
		limits, err := slack.API.LimitsOn(plan)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"Conversations.History", "Conversations.Replies"} {
			op := slack.API.Operation(name)
			calls, _ := api.Capacity(limits[op.Draws[0].Limit].Shape)
			if page := slack.API.MaxPage(op, plan); calls != want.calls || page != want.page {
				t.Errorf("plan %q: %s has %d a minute of %d messages, want %d of %d", plan, name, calls, page, want.calls, want.page)
			}
		}
		if page := slack.API.MaxPage(slack.API.Operation("Conversations.Members"), plan); page != 999 {
			t.Errorf("plan %q: a page has %d members, want 999", plan, page)
		}
	}
}

func TestPages(t *testing.T) {
	// What methods' own pages say; all others follow the guide, below 1,000.
	largest := map[string]int{
		"admin.conversations.search": 20, "admin.teams.list": 100, "admin.roles.listAssignments": 200,
		"admin.emoji.list": 0, // an object by name, no list
		"auth.teams.list":  1000, "admin.barriers.list": 1000, "admin.users.session.list": 1000,
		"conversations.list": 999, "conversations.members": 999, "users.list": 999, "users.conversations": 999,
		"search.messages": 100, "search.files": 100, "files.list": 100, "team.integrationLogs": 100,
		// No page tells theirs: Slack decides.
		"conversations.listConnectInvites": 0, "apps.event.authorizations.list": 0,
	}
	cursors := 0
	for _, op := range slack.API.Operations {
		name := method(op)
		if want, known := largest[name]; known && slack.API.MaxPage(op, slack.PlanInternal) != want {
			t.Errorf("%s asks for pages of %d, want %d", name, slack.API.MaxPage(op, slack.PlanInternal), want)
		}
		p := op.Pagination
		if p == nil {
			continue
		}
		if len(p.Items) == 0 || p.Cursor.Name == "" {
			t.Errorf("%s: pages without a place of items or cursor: %+v", name, p)
		}
		if p.Style != api.CursorStyle {
			if p.Style != api.PageNumberStyle || p.First != 1 || p.Last != 100 || len(p.Total) == 0 {
				t.Errorf("%s: numbered pages without an end: %+v", name, p)
			}
			continue
		}
		cursors++
		next := api.Path{"response_metadata", "next_cursor"}
		if name == "admin.conversations.search" {
			next = api.Path{"next_cursor"}
		}
		if !slices.Equal(p.Next, next) || p.Cursor.Name != "cursor" {
			t.Errorf("%s: the next cursor is at %v for %s", name, p.Next, p.Cursor.Name)
		}
		if n, known := largest[name]; known && n == 0 {
			continue
		}
		if p.Size == nil || p.Size.Max < 15 || p.Size.Max > 1000 || p.Size.Source.URL == "" || p.Size.Source.Date == "" {
			t.Errorf("%s: pages without a size or its source: %+v", name, p.Size)
		}
	}
	if cursors < 38 {
		t.Errorf("%d methods page by cursor: some have lost it", cursors)
	}
}

// What only reads may be repeated after a failure, however it is sent; a message may not.
func TestRepeatable(t *testing.T) {
	posted := []string{
		"slackLists.items.list", "conversations.listConnectInvites", "apps.event.authorizations.list", "admin.auth.policy.getEntities",
		"admin.functions.permissions.lookup", "views.publish", "users.profile.set", "files.getUploadURLExternal",
	}
	once := []string{"chat.postMessage", "conversations.create", "files.completeUploadExternal", "oauth.v2.access", "reactions.add"}
	for _, op := range slack.API.Operations {
		name := method(op)
		want := op.Method == "GET" || op.Pagination != nil || slices.Contains(posted, name)
		if must := want || slices.Contains(once, name); must && op.Repeatable() != want {
			t.Errorf("%s %s may be repeated: %t, want %t", op.Method, name, op.Repeatable(), want)
		}
	}
}
