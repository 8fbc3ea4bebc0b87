package zendesk_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/sdk/zendesk"
)

// This file holds what the SDK states of Zendesk's operations against lists that
// were written from Zendesk's pages, not from the overlay.

// unpaged are the operations that look like lists and have no pages, by the
// reason why.
var unpaged = map[string][]string{
	"the caller names what it wants, at most a hundred or so of them": {
		"DynamicContent.ShowMany", "EmailNotifications.ShowMany", "JobStatuses.ShowMany", "Organizations.ShowMany",
		"TicketFields.ShowMany", "TicketForms.ShowMany", "TicketFormStatuses.ShowMany", "Tickets.ShowMany",
		"UserFields.ShowMany", "Users.ShowMany", "Views.CountMany", "Views.ShowMany",
		"SkillBasedRouting.ListFulfilledTickets", "XChannel.ListStatuses",
	},
	"all of them come at once, since an account has few": {
		"Countries.List", "CustomObjects.List", "CustomObjects.ListAccessRules", "CustomObjects.ListPermissionPolicies",
		"CustomRoles.List", "CustomStatuses.List", "DeletionSchedules.List", "ITAMAssets.ListStatuses",
		"ITAMAssets.ListTypeFields", "ITAMAssets.ListTypes", "Locales.List", "Locales.ListAgent", "Locales.ListPublic",
		"Macros.ListActions", "Macros.ListCategories", "Queues.List", "SatisfactionRatings.ListReasons", "Schedules.List",
		"TicketFormStatuses.List", "TicketFormStatuses.ListByForm", "XChannel.ListHandles",
		"Badges.List", "Badges.ListAssignments", "Badges.ListCategories",
	},
	"all of them come at once, since one thing has few": {
		"ArticleAttachments.ListBlock", "ArticleAttachments.ListInline", "CustomObjectRecords.ListAttachments",
		"Macros.ListAttachments", "Schedules.ListHolidays", "SkillBasedRouting.ListAgentValues",
		"SkillBasedRouting.ListTicketValues", "SkillBasedRouting.ListValues", "Tags.ListByOrganization", "Tags.ListByTicket",
		"Tags.ListByUser", "TicketContentPins.List", "Tickets.ListCollaborators", "Tickets.ListEmailCCs",
		"Tickets.ListFollowers", "Translations.MissingByArticle", "Translations.MissingByCategory",
		"Translations.MissingBySection",
	},
	"the first few are all that there is": {
		"HelpCenterSearch.ListFeatured", "HelpCenterSearch.ListSuggestions", "Tags.Autocomplete", "Tickets.ListRecent",
		"Views.ListCompact",
	},
	"the answer does not tell the next page in a way that can be annotated": {
		"HelpCenterSearch.ListEmbeddable", "LookupRelationships.ListSources", "SkillBasedRouting.ExportAttributes",
		"SkillBasedRouting.ExportInstanceValues", "SkillBasedRouting.ExportValues",
	},
	"it starts an export, which comes by mail": {"AuditLogs.Export", "SuspendedTickets.Export", "Views.Export"},
}

func TestEachListHasPages(t *testing.T) {
	var without []string
	for _, names := range unpaged {
		without = append(without, names...)
	}
	for _, op := range zendesk.API.Operations {
		_, method, _ := strings.Cut(op.Name, ".")
		looksLikeList := slices.ContainsFunc([]string{"List", "Search", "Autocomplete", "Missing", "Export", "ShowMany", "CountMany"},
			func(verb string) bool { return strings.HasPrefix(method, verb) })
		switch listed := slices.Contains(without, op.Name); {
		case looksLikeList && op.Pagination == nil && !listed:
			t.Errorf("%s has no pages, and no reason for it", op.Name)
		case listed && op.Pagination != nil:
			t.Errorf("%s has pages, and is said to have none", op.Name)
		}
	}
	for _, name := range without {
		if zendesk.API.Operation(name) == nil {
			t.Errorf("there is no %s", name)
		}
	}
}

// Support and the Help Center have a budget each, and a call counts for one of them.
func TestEachOperationDrawsOnOneBudget(t *testing.T) {
	for _, op := range zendesk.API.Operations {
		served := "support"
		for _, part := range []string{"/help_center/", "/hc/", "/guide/", "/community/", "/gather/"} {
			if strings.Contains(op.Path, part) {
				served = "help_center"
			}
		}
		budgets := slices.DeleteFunc(drawn(op), func(name string) bool {
			return !slices.Contains([]string{"support", "help_center", "spike"}, name)
		})
		if want := []string{served, "spike"}; !slices.Equal(budgets, want) {
			t.Errorf("%s %s draws on %v, want %v", op.Method, op.Path, budgets, want)
		}
	}
}

// endpointLimits is Zendesk's own table of them: how many calls in how long, counted
// by what beside the account, of which operations.
var endpointLimits = map[string]struct {
	calls int
	per   time.Duration
	scope []api.Scope
	of    []string
}{
	"tickets_index": {100, time.Minute, nil, []string{
		"Tickets.List", "Tickets.ListAssigned", "Tickets.ListByOrganization", "Tickets.ListCCd", "Tickets.ListFollowed",
		"Tickets.ListRequested",
	}},
	"tickets_deep_pages":         {50, time.Minute, nil, []string{"Tickets.List"}},
	"users_deep_pages":           {100, time.Minute, nil, []string{"Users.List", "Users.ListByGroup", "Users.ListByOrganization"}},
	"tags_deep_pages":            {50, time.Minute, nil, []string{"Tags.List"}},
	"ticket_updates":             {100, time.Minute, nil, []string{"Tickets.Update"}},
	"ticket_updates_by_user":     {30, 10 * time.Minute, []api.Scope{api.ScopeUser, "path:ticket_id"}, []string{"Tickets.Update"}},
	"ticket_deletes":             {400, time.Minute, nil, []string{"Tickets.Delete"}},
	"user_writes":                {1, time.Second, nil, []string{"Users.CreateOrUpdate", "Users.Update"}},
	"user_updates":               {5, time.Minute, []api.Scope{"path:user_id"}, []string{"Users.Update"}},
	"user_purges":                {700, 10 * time.Minute, nil, []string{"Users.DeletePermanently"}},
	"organization_updates":       {5, time.Minute, []api.Scope{"path:organization_id"}, []string{"Organizations.Update"}},
	"ticket_field_options":       {100, time.Minute, nil, []string{"TicketFields.CreateOption"}},
	"incremental_sample":         {10, 20 * time.Minute, nil, []string{"IncrementalExports.Sample"}},
	"search":                     {2500, time.Minute, nil, []string{"Search.List"}},
	"search_export":              {100, time.Minute, nil, []string{"Search.Export"}},
	"deleted_tickets":            {10, time.Minute, nil, []string{"Tickets.ListDeleted"}},
	"deleted_tickets_deep_pages": {5, time.Minute, nil, []string{"Tickets.ListDeleted"}},
	"view_executions":            {5, time.Minute, []api.Scope{api.ScopeUser, "path:view_id"}, []string{"Views.Execute"}},
	"view_counts":                {5, time.Minute, []api.Scope{api.ScopeUser, "path:view_id"}, []string{"Views.Count"}},
	"view_previews":              {5, time.Minute, []api.Scope{api.ScopeUser}, []string{"Views.Preview"}},
	"view_counts_many":           {6, time.Minute, nil, []string{"Views.CountMany"}},
	"view_exports":               {100000, time.Hour, nil, []string{"Views.Export"}},
	"audit_log_exports":          {1, time.Minute, nil, []string{"AuditLogs.Export"}},
	"suspended_ticket_exports":   {1, time.Minute, nil, []string{"SuspendedTickets.Export"}},
	"side_conversation_events":   {600, 10 * time.Minute, nil, []string{"SideConversations.ExportEvents"}},
	"agent_availabilities":       {300, time.Minute, nil, []string{"AgentAvailabilities.List"}},
}

func TestEndpointLimits(t *testing.T) {
	for name, want := range endpointLimits {
		limit := api.Limit{
			Shape: api.Window{Limit: want.calls, Per: want.per},
			Scope: append([]api.Scope{api.ScopeAccount}, want.scope...),
		}
		i := slices.IndexFunc(zendesk.API.Limits, func(l api.Limit) bool { return l.Name == name })
		if i < 0 {
			t.Errorf("there is no limit %s", name)
			continue
		}
		got := zendesk.API.Limits[i]
		if diff := cmp.Diff(limit, api.Limit{Shape: got.Shape, Scope: got.Scope}); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		if diff := cmp.Diff(want.of, drawing(name)); diff != "" {
			t.Errorf("%s is drawn on by (-want +got):\n%s", name, diff)
		}
	}
}

// Deep pages are those that a caller asks for by number; lists walk by cursor.
func TestDeepPagesDrawFromTheirNumberOn(t *testing.T) {
	for limit, above := range map[string]int{
		"tickets_deep_pages": 500, "users_deep_pages": 10000, "tags_deep_pages": 500, "deleted_tickets_deep_pages": 100,
	} {
		for _, name := range drawing(limit) {
			draws := zendesk.API.Operation(name).Draws
			i := slices.IndexFunc(draws, func(d api.Draw) bool { return d.Limit == limit })
			want := &api.When{Param: api.Param{In: api.InQuery, Name: "page"}, Above: above}
			if diff := cmp.Diff(want, draws[i].When); diff != "" {
				t.Errorf("%s draws on %s when (-want +got):\n%s", name, limit, diff)
			}
		}
	}
}

// One bucket, of ten a minute, is for all that Support exports.
func TestExportsDrawOnTheirBucket(t *testing.T) {
	for _, op := range zendesk.API.Operations {
		exports := strings.HasPrefix(op.Path, "/api/v2/incremental/") && op.Name != "IncrementalExports.Sample"
		if got := slices.Contains(drawn(op), "incremental"); got != exports {
			t.Errorf("%s draws on incremental: %t, want %t", op.Path, got, exports)
		}
	}
}

// What answers with a job has started one, but for the jobs' own status.
func TestJobsDrawOnTheirLimit(t *testing.T) {
	jobs := 0
	for _, op := range zendesk.API.Operations {
		starts := slices.Equal(op.Result, api.Path{"job_status"}) && op.Method != "GET"
		if got := slices.Contains(drawn(op), "jobs"); got != starts {
			t.Errorf("%s %s draws on jobs: %t, want %t", op.Method, op.Path, got, starts)
		}
		if starts {
			jobs++
		}
	}
	if jobs < 20 {
		t.Errorf("%d operations start jobs: want all bulk writes of tickets, users, organizations, memberships and records", jobs)
	}
}

func drawn(op *api.Operation) []string {
	var names []string
	for _, d := range op.Draws {
		names = append(names, d.Limit)
	}
	return names
}

// drawing are the operations that draw on a limit, in order.
func drawing(limit string) []string {
	var names []string
	for _, op := range zendesk.API.Operations {
		if slices.Contains(drawn(op), limit) {
			names = append(names, op.Name)
		}
	}
	slices.Sort(names)
	return names
}
