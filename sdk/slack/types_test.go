package slack_test

// This file decodes an answer of every family of methods by the generated types,
// and looks for what gets lost. The answers in testdata are made up, in the
// shapes that Slack's have.

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"maps"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/weirkit/weir/runtime"
	"github.com/weirkit/weir/runtime/page"
	"github.com/weirkit/weir/sdk/slack"
)

// files answers each method with the file of its name.
type files struct{}

func (files) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		if err := r.Body.Close(); err != nil {
			return nil, err
		}
	}
	body, err := os.ReadFile(filepath.Join("testdata", path.Base(r.URL.Path)+".json"))
	if err != nil {
		return nil, err
	}
	return &http.Response{StatusCode: http.StatusOK, Status: "200 OK", Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Request: r,
		Header: http.Header{"Content-Type": {"application/json; charset=utf-8"}}, Body: io.NopCloser(bytes.NewReader(body))}, nil
}

func newClient(t *testing.T) *slack.Client {
	t.Helper()
	client, err := slack.New(runtime.WithBearer("xoxb-not-a-token"), runtime.WithTransport(files{}),
		runtime.WithIdentity(runtime.Identity{App: "A0OVEN001", Account: "T0RIVER01", User: "U0OVEN001"}))
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// one takes a result, or ends the test.
func one[T any](t *testing.T, result func(*slack.Client, ...runtime.Option) (T, error)) T {
	t.Helper()
	v, err := result(newClient(t))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// all takes the items of a list and their bytes, or ends the test.
func all[T any](t *testing.T, pages iter.Seq2[*page.Page[T], error]) (items []T, raw []json.RawMessage) {
	t.Helper()
	for p, err := range pages {
		if err != nil {
			t.Fatal(err)
		}
		items, raw = append(items, p.Items...), append(raw, p.Raw...)
	}
	if len(items) == 0 {
		t.Fatal("the list is empty")
	}
	return items, raw
}

// lost are the members of an answer that are not in what was made of it. A text
// that is empty and a null are nothing, and so cannot be lost.
func lost(at string, was, is any) []string {
	switch was := was.(type) {
	case map[string]any:
		is, ok := is.(map[string]any)
		if !ok {
			return []string{at}
		}
		var names []string
		for _, name := range slices.Sorted(maps.Keys(was)) {
			if _, ok := is[name]; !ok && (was[name] == nil || was[name] == "") {
				continue
			}
			names = append(names, lost(strings.TrimPrefix(at+"."+name, "."), was[name], is[name])...)
		}
		return names
	case []any:
		is, ok := is.([]any)
		if !ok || len(is) != len(was) {
			return []string{at}
		}
		var names []string
		for i := range was {
			names = append(names, lost(fmt.Sprintf("%s[%d]", at, i), was[i], is[i])...)
		}
		return names
	}
	if was != is {
		return []string{at}
	}
	return nil
}

// values reads JSON with its numbers as they are written.
func values(t *testing.T, data []byte) (v any) {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	if err := d.Decode(&v); err != nil {
		t.Fatalf("%v in %s", err, data)
	}
	return v
}

// whatIsLost compares bytes with what was decoded from them.
func whatIsLost(t *testing.T, raw []byte, decoded any) []string {
	t.Helper()
	again, err := json.Marshal(decoded)
	if err != nil {
		t.Fatal(err)
	}
	return lost("", values(t, raw), values(t, again))
}

func TestLostIsFound(t *testing.T) {
	was := `{"a": {"b": 1, "c": "", "d": null, "e": false}, "f": [1, {"g": 2.50}], "h": "x"}`
	is := `{"a": {"b": 1}, "f": [1, {"g": 2.5}], "h": "x"}`
	if diff := cmp.Diff([]string{"a.e", "f[1].g"}, lost("", values(t, []byte(was)), values(t, []byte(is)))); diff != "" {
		t.Error(diff)
	}
	if got := lost("", values(t, []byte(was)), values(t, []byte(was))); got != nil {
		t.Errorf("of the same, %v is lost", got)
	}
}

// A single result keeps every member that Slack is known to send, and WithRaw
// shows the others.
func TestResultsLoseNothing(t *testing.T) {
	type (
		ctx    = context.Context
		client = *slack.Client
		option = runtime.Option
	)
	for method, tt := range map[string]struct {
		call func(ctx, client, option) (any, error)
		lost []string
	}{
		"admin.emoji.list":      {call: func(x ctx, c client, o option) (any, error) { return c.AdminEmoji.List(x, nil, o) }},
		"apps.connections.open": {call: func(x ctx, c client, o option) (any, error) { return c.AppsConnections.Open(x, o) }},
		"auth.test":             {call: func(x ctx, c client, o option) (any, error) { return c.Auth.Test(x, o) }, lost: []string{"surprise"}},
		"bookmarks.list": {call: func(x ctx, c client, o option) (any, error) {
			return c.Bookmarks.List(x, &slack.BookmarksListParams{ChannelID: "C0BREAD01"}, o)
		}},
		"bots.info": {call: func(x ctx, c client, o option) (any, error) { return c.Bots.Info(x, nil, o) }},
		"calls.info": {call: func(x ctx, c client, o option) (any, error) {
			return c.Calls.Info(x, &slack.CallsInfoParams{ID: "R0DAWN001"}, o)
		}},
		"chat.getPermalink": {call: func(x ctx, c client, o option) (any, error) {
			return c.Chat.GetPermalink(x, &slack.ChatGetPermalinkParams{Channel: "C0BREAD01", MessageTS: "1750000400.000800"}, o)
		}},
		"chat.postEphemeral": {call: func(x ctx, c client, o option) (any, error) {
			return c.Chat.PostEphemeral(x, slack.ChatPostEphemeralBody{}, o)
		}},
		"chat.postMessage": {call: func(x ctx, c client, o option) (any, error) {
			return c.Chat.PostMessage(x, slack.ChatPostMessageBody{}, o)
		}},
		"chat.scheduleMessage": {call: func(x ctx, c client, o option) (any, error) {
			return c.Chat.ScheduleMessage(x, slack.ChatScheduleMessageBody{}, o)
		}},
		"chat.update": {call: func(x ctx, c client, o option) (any, error) { return c.Chat.Update(x, slack.ChatUpdateBody{}, o) }},
		"conversations.info": {call: func(x ctx, c client, o option) (any, error) {
			return c.Conversations.Info(x, &slack.ConversationsInfoParams{Channel: "D0ANNA003"}, o)
		}},
		"conversations.open": {call: func(x ctx, c client, o option) (any, error) {
			return c.Conversations.Open(x, slack.ConversationsOpenBody{}, o)
		}},
		"dnd.info":      {call: func(x ctx, c client, o option) (any, error) { return c.DND.Info(x, nil, o) }},
		"dnd.setSnooze": {call: func(x ctx, c client, o option) (any, error) { return c.DND.SetSnooze(x, slack.DNDSetSnoozeBody{}, o) }},
		"dnd.teamInfo": {call: func(x ctx, c client, o option) (any, error) {
			return c.DND.TeamInfo(x, &slack.DNDTeamInfoParams{Users: []string{"U0ANNA001", "W0BO00002"}}, o)
		}},
		"emoji.list": {call: func(x ctx, c client, o option) (any, error) { return c.Emoji.List(x, nil, o) }},
		"files.completeUploadExternal": {call: func(x ctx, c client, o option) (any, error) {
			return c.Files.CompleteUploadExternal(x, slack.FilesCompleteUploadExternalBody{}, o)
		}},
		"files.getUploadURLExternal": {call: func(x ctx, c client, o option) (any, error) {
			return c.Files.GetUploadURLExternal(x, slack.FilesGetUploadURLExternalBody{}, o)
		}},
		"files.info": {call: func(x ctx, c client, o option) (any, error) {
			return c.Files.Info(x, &slack.FilesInfoParams{File: "F0CLIP006"}, o)
		}},
		"oauth.v2.access":         {call: func(x ctx, c client, o option) (any, error) { return c.OAuthV2.Access(x, slack.OAuthV2AccessBody{}, o) }},
		"openid.connect.userInfo": {call: func(x ctx, c client, o option) (any, error) { return c.OpenIDConnect.UserInfo(x, o) }},
		"pins.list": {call: func(x ctx, c client, o option) (any, error) {
			return c.Pins.List(x, &slack.PinsListParams{Channel: "C0BREAD01"}, o)
		}},
		"reactions.get":  {call: func(x ctx, c client, o option) (any, error) { return c.Reactions.Get(x, nil, o) }},
		"reminders.list": {call: func(x ctx, c client, o option) (any, error) { return c.Reminders.List(x, nil, o) }},
		"rtm.connect":    {call: func(x ctx, c client, o option) (any, error) { return c.RTM.Connect(x, nil, o) }},
		"search.all": {call: func(x ctx, c client, o option) (any, error) {
			return c.Search.All(x, &slack.SearchAllParams{Query: "rye"}, o)
		}},
		"team.billableInfo":     {call: func(x ctx, c client, o option) (any, error) { return c.Team.BillableInfo(x, nil, o) }},
		"team.billing.info":     {call: func(x ctx, c client, o option) (any, error) { return c.TeamBilling.Info(x, o) }},
		"team.info":             {call: func(x ctx, c client, o option) (any, error) { return c.Team.Info(x, nil, o) }, lost: []string{"lob_sales_home_enabled"}},
		"team.preferences.list": {call: func(x ctx, c client, o option) (any, error) { return c.TeamPreferences.List(x, o) }},
		"team.profile.get":      {call: func(x ctx, c client, o option) (any, error) { return c.TeamProfile.Get(x, nil, o) }},
		"usergroups.list":       {call: func(x ctx, c client, o option) (any, error) { return c.Usergroups.List(x, nil, o) }},
		"usergroups.users.list": {call: func(x ctx, c client, o option) (any, error) {
			return c.UsergroupsUsers.List(x, &slack.UsergroupsUsersListParams{Usergroup: "S0NIGHT01"}, o)
		}},
		"users.getPresence": {call: func(x ctx, c client, o option) (any, error) { return c.Users.GetPresence(x, nil, o) }},
		"users.identity":    {call: func(x ctx, c client, o option) (any, error) { return c.Users.Identity(x, o) }},
		"users.info": {call: func(x ctx, c client, o option) (any, error) {
			return c.Users.Info(x, &slack.UsersInfoParams{User: "U0GUEST04"}, o)
		}},
		"users.profile.get": {call: func(x ctx, c client, o option) (any, error) { return c.UsersProfile.Get(x, nil, o) }},
		"views.open":        {call: func(x ctx, c client, o option) (any, error) { return c.Views.Open(x, slack.ViewsOpenBody{}, o) }},
	} {
		t.Run(method, func(t *testing.T) {
			var raw json.RawMessage
			v, err := tt.call(t.Context(), newClient(t), runtime.WithRaw(&raw))
			if err != nil {
				t.Fatal(err)
			}
			got := slices.DeleteFunc(whatIsLost(t, raw, v), func(name string) bool { return name == "ok" })
			if !slices.Equal(got, tt.lost) {
				t.Errorf("lost are %v, want %v", got, tt.lost)
			}
		})
	}
}

// So does an item of a list, of which Page.Raw has all.
func TestItemsLoseNothing(t *testing.T) {
	ctx := t.Context()
	check(t, "admin.apps.approved.list", newClient(t).AdminAppsApproved.ListPages(ctx, nil))
	check(t, "admin.conversations.search", newClient(t).AdminConversations.SearchPages(ctx, nil))
	check(t, "admin.inviteRequests.approved.list", newClient(t).AdminInviteRequestsApproved.ListPages(ctx, nil))
	check(t, "admin.users.list", newClient(t).AdminUsers.ListPages(ctx, nil))
	check(t, "admin.users.session.list", newClient(t).AdminUsersSession.ListPages(ctx, nil))
	check(t, "auth.teams.list", newClient(t).AuthTeams.ListPages(ctx, nil))
	check(t, "chat.scheduledMessages.list", newClient(t).ChatScheduledMessages.ListPages(ctx, nil))
	check(t, "conversations.list", newClient(t).Conversations.ListPages(ctx, nil), "2: mood_of_channel")
	check(t, "conversations.members", newClient(t).Conversations.MembersPages(ctx, &slack.ConversationsMembersParams{Channel: "C0BREAD01"}))
	check(t, "conversations.history", newClient(t).Conversations.HistoryPages(ctx, &slack.ConversationsHistoryParams{Channel: "C0BREAD01"}))
	check(t, "conversations.replies", newClient(t).Conversations.RepliesPages(ctx, &slack.ConversationsRepliesParams{Channel: "C0BREAD01", TS: "1750000200.000200"}))
	check(t, "files.list", newClient(t).Files.ListPages(ctx, nil))
	check(t, "files.remote.list", newClient(t).FilesRemote.ListPages(ctx, nil))
	check(t, "reactions.list", newClient(t).Reactions.ListPages(ctx, nil), "3: weight_of_crumb")
	check(t, "search.files", newClient(t).Search.FilesPages(ctx, &slack.SearchFilesParams{Query: "rye"}), "0: score")
	check(t, "search.messages", newClient(t).Search.MessagesPages(ctx, &slack.SearchMessagesParams{Query: "rye"}))
	check(t, "stars.list", newClient(t).Stars.ListPages(ctx, nil))
	check(t, "team.accessLogs", newClient(t).Team.AccessLogsPages(ctx, nil))
	check(t, "team.integrationLogs", newClient(t).Team.IntegrationLogsPages(ctx, nil))
	check(t, "team.externalTeams.list", newClient(t).TeamExternalTeams.ListPages(ctx, nil))
	check(t, "users.list", newClient(t).Users.ListPages(ctx, nil), "2: is_forgotten_by_then")
}

// check compares each item of a list with its bytes.
func check[T any](t *testing.T, method string, pages iter.Seq2[*page.Page[T], error], want ...string) {
	t.Helper()
	t.Run(method, func(t *testing.T) {
		items, raw := all(t, pages)
		var got []string
		for i, item := range items {
			for _, name := range whatIsLost(t, raw[i], item) {
				got = append(got, fmt.Sprintf("%d: %s", i, name))
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("lost are %v, want %v", got, want)
		}
	})
}
