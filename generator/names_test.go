package generator

import (
	"go/token"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestExportedName(t *testing.T) {
	for name, want := range map[string]string{
		"ticket": "Ticket", "ticket_id": "TicketID", "ticketId": "TicketID", "TicketID": "TicketID",
		"user_ids": "UserIDs", "userIDs": "UserIDs", "html_url": "HTMLURL", "htmlURL": "HTMLURL", "URLs": "URLs", "ai_agent": "AIAgent", "spdx_id": "SPDXID",
		"SLAPolicyObject": "SLAPolicyObject", "sla_policies": "SLAPolicies", "EmailCCObject": "EmailCCObject",
		"OAuthClient": "OAuthClient", "oauth_token": "OAuthToken", "OauthToken": "OAuthToken", "apiKey": "APIKey",
		"Ticket Comments": "TicketComments", "page[size]": "PageSize", "X-GitHub-Api-Version": "XGitHubAPIVersion",
		"ACCESS_TOKEN": "AccessToken", "TCP": "TCP", "US": "US", "2fa": "X2fa", "v1.1": "V1_1", "+1": "Plus1", "-1": "Minus1",
		"projectsV2": "ProjectsV2", "utf8": "UTF8", "": "Empty", "*": "All", "!=": "NotEqual", "<": "LessThan",
		"user's name": "UsersName", "été": "Été", "名前": "X名前", "$ref": "Ref", "--": "X", "a.b/c": "ABC",
		"github_app": "GitHubApp", "ipv4_address": "IPv4Address", "statusCode": "StatusCode", "csvExport": "CSVExport",
		"thread_ts": "ThreadTS", "is_mpim": "IsMPIM", "ims": "IMs", "tz_offset": "TZOffset", "openid.connect": "OpenIDConnect",
	} {
		if got := exportedName(name); got != want {
			t.Errorf("exportedName(%q) = %s, want %s", name, got, want)
		}
	}
}

func TestUnexportedName(t *testing.T) {
	for name, want := range map[string]string{
		"ticket_id": "ticketID", "ID": "id", "URL": "url", "HTMLURL": "htmlurl", "html_url": "htmlURL", "SLAPolicies": "slaPolicies",
		"OAuthClients": "oauthClients", "2fa": "x2fa", "名前": "x名前", "": "empty", "Tickets": "tickets", "--": "x",
	} {
		if got := unexportedName(name); got != want {
			t.Errorf("unexportedName(%q) = %s, want %s", name, got, want)
		}
	}
}

func TestArgumentName(t *testing.T) {
	for name, want := range map[string]string{
		"ticket_id": "ticketID", "id": "id", "type": "typeValue", "url": "urlValue", "ctx": "ctxValue", "opts": "optsValue",
		"params": "paramsValue", "s": "sValue", "string": "stringValue", "time": "timeValue", "body": "bodyValue",
		"page": "pageValue", "range": "rangeValue", "len": "lenValue", "owner": "owner",
	} {
		if got := argumentName(name); got != want {
			t.Errorf("argumentName(%q) = %s, want %s", name, got, want)
		}
	}
}

func TestSingular(t *testing.T) {
	for word, want := range map[string]string{
		"tickets": "ticket", "Policies": "policy", "statuses": "status", "status": "status", "addresses": "address",
		"boxes": "box", "series": "sery", "analysis": "analysis", "news": "new", "s": "s", "IDs": "id", "branches": "branch",
	} {
		if got := singular(word); got != want {
			t.Errorf("singular(%q) = %s, want %s", word, got, want)
		}
	}
}

func TestMethodName(t *testing.T) {
	for _, c := range []struct{ id, method, path, service, want string }{
		{"ListTickets", "GET", "/api/v2/tickets", "Tickets", "List"},
		{"ShowTicket", "GET", "/api/v2/tickets/{ticket_id}", "Tickets", "Show"},
		{"CreateTicketFromTweet", "POST", "/api/v2/channels/twitter/tickets", "Tickets", "CreateFromTweet"},
		{"ListTicketComments", "GET", "/api/v2/tickets/{id}/comments", "TicketComments", "List"},
		{"DeleteComment", "DELETE", "/api/v2/comments/{id}", "TicketComments", "Delete"},
		{"RedactChatComment", "PUT", "/api/v2/chat_redactions/{id}", "TicketComments", "RedactChatComment"},
		{"ListPostCommentVotes", "GET", "/posts/{id}/comments/{id}/votes", "Votes", "ListPostCommentVotes"},
		{"ListActiveAutomations", "GET", "/automations/active", "Automations", "ListActive"},
		{"BulkDeleteAutomations", "DELETE", "/automations/destroy_many", "Automations", "BulkDelete"},
		{"issues/list-for-repo", "GET", "/repos/{owner}/{repo}/issues", "Issues", "ListForRepo"},
		{"issues/add-sub-issue", "POST", "/repos/{owner}/{repo}/issues/{number}/sub_issues", "Issues", "AddSubIssue"},
		{"drive.files.list", "GET", "/files", "Files", "List"},
		{"admin_conversations_archive", "POST", "/admin.conversations.archive", "AdminConversations", "Archive"},
		{"UploadBytes", "PUT", "/uploads", "Uploads", "UploadBytes"},
		{"TicketsList", "GET", "/tickets", "Tickets", "List"},
		{"GetUnrelated", "GET", "/x", "Tickets", "GetUnrelated"},
		{"Tickets", "GET", "/tickets", "Tickets", "Tickets"},
		{"TicketsForUser", "GET", "/users/{id}/tickets", "Tickets", "TicketsForUser"},
		{"", "GET", "/api/v2/charges/{id}", "Charges", "GetByID"},
		{"", "GET", "/users/{user_id}/posts", "Posts", "GetUsersPostsByUserID"},
	} {
		if got := methodName(c.id, c.method, c.path, c.service); got != c.want {
			t.Errorf("methodName(%q, %s, %s, %s) = %s, want %s", c.id, c.method, c.path, c.service, got, c.want)
		}
	}
}

func TestServiceName(t *testing.T) {
	for _, c := range []struct {
		tags           []string
		id, path, want string
	}{
		{[]string{"Ticket Comments", "Tickets"}, "x", "/x", "TicketComments"},
		{[]string{"admin.conversations"}, "x", "/x", "AdminConversations"},
		{nil, "account.settings.get", "/account/settings.json", "AccountSettings"},
		{nil, "meta/root", "/", "Meta"},
		{nil, "GetAccount", "/v1/account", "Account"},
		{nil, "", "/api/v2/users/{id}", "Users"},
		{nil, "", "/1.1/lists/list.json", "Lists"},
		{nil, "", "/{id}", "Root"},
		{[]string{" "}, "", "/a", "A"},
	} {
		if got := serviceName(c.tags, c.id, c.path); got != c.want {
			t.Errorf("serviceName(%v, %q, %s) = %s, want %s", c.tags, c.id, c.path, got, c.want)
		}
	}
}

func TestTypeWish(t *testing.T) {
	tags := []string{"Custom Objects", "Tickets"}
	for component, want := range map[string]string{
		"TicketObject": "Ticket", "CustomObject": "CustomObject", "custom_object": "CustomObject", "Object": "Object",
		"simple-user": "SimpleUser", "PetSchema": "Pet", "TicketObjects": "TicketObjects",
	} {
		if got := typeWish(component, tags); got != want {
			t.Errorf("typeWish(%q) = %s, want %s", component, got, want)
		}
	}
}

func TestFileName(t *testing.T) {
	for service, want := range map[string]string{
		"Tickets": "tickets", "TicketComments": "ticket_comments", "SLAPolicies": "sla_policies", "OAuthClients": "oauth_clients",
		"Client": "client_service", "Types": "types_service", "Operations": "operations_service", "API": "api_service",
		"AppsLinux": "apps_linux_service", "IOS": "ios", "AppsIOS": "apps_ios_service", "LoadTest": "load_test_service",
		"RunnersArm64": "runners_arm64_service", "Windows": "windows",
	} {
		if got := fileName(service); got != want {
			t.Errorf("fileName(%q) = %s, want %s", service, got, want)
		}
	}
}

func TestConstantSuffix(t *testing.T) {
	for value, want := range map[string]string{"open": "Open", "": "Empty", "2fa": "2fa", "+1": "Plus1", "on-hold": "OnHold", "1.1": "1_1"} {
		if got := constantSuffix(value); got != want {
			t.Errorf("constantSuffix(%q) = %s, want %s", value, got, want)
		}
	}
}

func TestScope(t *testing.T) {
	s := scope{}
	s.reserve("Client")
	for i, wishes := range [][]string{{"Ticket"}, {"Ticket"}, {"Ticket", "TicketObject"}, {"Client"}, {"V2"}, {"V2"}} {
		want := []string{"Ticket", "Ticket2", "TicketObject", "Client2", "V2", "V2_2"}[i]
		if got := s.take(wishes...); got != want {
			t.Errorf("take(%v) = %s, want %s", wishes, got, want)
		}
	}
}

func TestValidPackageName(t *testing.T) {
	for name, want := range map[string]bool{"zendesk": true, "acme2": true, "": false, "2acme": false, "Acme": false, "a-b": false, "func": false, "_": false, "main": false} {
		if got := validPackageName(name); got != want {
			t.Errorf("validPackageName(%q) = %v", name, got)
		}
	}
}

// FuzzNames holds the naming functions to what templates rely on: whatever a
// vendor writes, what comes out is a Go identifier of the right kind, or a file
// name that the go tool compiles everywhere.
func FuzzNames(f *testing.F) {
	for _, seed := range []string{"ticket_id", "URL", "", "+1", "名前", "été", "a'b", "\xff", "ǅ", "𝐀", "1.1", "x_test", "foo_linux", "٣", "ﬀ", "ß", "--", "ªª", "İd"} {
		f.Add(seed, "Tickets", "/api/{id}/tickets")
	}
	f.Fuzz(func(t *testing.T, name, tag, path string) {
		exported := func(what, got string) {
			if !token.IsIdentifier(got) || !token.IsExported(got) {
				t.Errorf("%s of %q is %q: not an exported identifier", what, name, got)
			}
		}
		unexported := func(what, got string) {
			if r, _ := utf8.DecodeRuneInString(got); got == "" || unicode.IsUpper(r) || !token.IsIdentifier(got) && !token.IsKeyword(got) {
				t.Errorf("%s of %q is %q: not an unexported identifier", what, name, got)
			}
		}
		exported("exportedName", exportedName(name))
		exported("typeWish", typeWish(name, []string{tag}))
		service := serviceName([]string{tag}, name, path)
		exported("serviceName", service)
		exported("methodName", methodName(name, "GET", path, service))
		unexported("unexportedName", unexportedName(name))
		if arg := argumentName(name); !token.IsIdentifier(arg) || slices.Contains(takenInMethods, arg) || token.IsExported(arg) {
			t.Errorf("argumentName(%q) = %q", name, arg)
		}
		if c := "T" + constantSuffix(name); !token.IsIdentifier(c) {
			t.Errorf("constantSuffix(%q) makes %q", name, c)
		}
		file := fileName(service)
		last := file[strings.LastIndex(file, "_")+1:]
		if strings.Contains(file, "_") && platforms[last] || strings.HasPrefix(file, "_") || file == "" || slices.Contains(fixedFiles, file) || strings.ContainsAny(file, "./\\ ") {
			t.Errorf("fileName(%q) = %q", service, file)
		}
		if again := strings.Clone(name); exportedName(again) != exportedName(name) || fileName(service) != file {
			t.Errorf("names of %q are not deterministic", name)
		}
	})
}
