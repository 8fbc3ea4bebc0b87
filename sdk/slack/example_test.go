package slack_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"strings"

	"github.com/weirkit/weir/runtime"
	"github.com/weirkit/weir/runtime/providertest"
	"github.com/weirkit/weir/sdk/slack"
)

// standIn is a Slack in memory, with two conversations and three messages.
func standIn() *providertest.Provider {
	p, err := providertest.New(&slack.API, providertest.Options{Plan: slack.PlanInternal})
	if err != nil {
		log.Fatal(err)
	}
	p.Single("Auth.Test", func(*providertest.Call) (json.RawMessage, bool) {
		return json.RawMessage(`{"ok": true, "team": "Acme", "team_id": "T1", "user": "weir", "user_id": "U1", "bot_id": "B1"}`), true
	})
	p.Items("Conversations.List", func(*providertest.Call) []json.RawMessage {
		return []json.RawMessage{json.RawMessage(`{"id": "C1", "name": "general"}`), json.RawMessage(`{"id": "C2", "name": "random"}`)}
	})
	p.Items("Conversations.History", func(*providertest.Call) []json.RawMessage {
		return []json.RawMessage{
			json.RawMessage(`{"type": "message", "ts": "3.0", "text": "Tea?"}`),
			json.RawMessage(`{"type": "message", "ts": "2.0", "text": "Hello"}`),
			json.RawMessage(`{"type": "message", "ts": "1.0", "text": "has joined"}`),
		}
	})
	p.Handle("Users.Info", func(*providertest.Call) providertest.Answer {
		return providertest.Answer{Body: []byte(`{"ok": false, "error": "missing_scope", "needed": "users:read", "provided": "channels:history"}`)}
	})
	p.Handle("Chat.PostMessage", func(*providertest.Call) providertest.Answer {
		return providertest.Answer{Body: []byte(`{"ok": true, "channel": "C1", "ts": "4.0", "warning": "missing_text_in_message"}`)}
	})
	p.Handle("Files.GetUploadURLExternal", func(*providertest.Call) providertest.Answer {
		return providertest.Answer{Body: []byte(`{"ok": true, "file_id": "F1", "upload_url": "https://files.slack.com/upload/v1/abc"}`)}
	})
	p.Handle("Files.CompleteUploadExternal", func(*providertest.Call) providertest.Answer {
		return providertest.Answer{Body: []byte(`{"ok": true, "files": [{"id": "F1", "title": "Report"}]}`)}
	})
	return p
}

// uploadHost is the stand-in and, beside it, the host that takes the bytes.
type uploadHost struct{ *providertest.Provider }

func (h uploadHost) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Host != "files.slack.com" {
		return h.Transport().RoundTrip(r)
	}
	if _, err := io.Copy(io.Discard, r.Body); err != nil {
		return nil, err
	}
	return &http.Response{StatusCode: http.StatusOK, Body: http.NoBody}, nil
}

// A client is for one token. Here a stand-in takes Slack's place; without
// WithTransport it would be Slack itself.
func ExampleNew() {
	p := standIn()
	defer p.Close()
	token := "xoxb-secret"

	sl, err := slack.New(slack.Token(token), slack.OnPlan(slack.PlanInternal), runtime.WithTransport(p.Transport()))
	if err != nil {
		log.Fatal(err)
	}
	me, err := sl.Auth.Test(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(me.User, "of", me.Team)
	// Output: weir of Acme
}

// A list is a loop over the items of all pages.
func ExampleConversationsService_List() {
	p := standIn()
	defer p.Close()
	sl, err := slack.New(slack.Token("xoxb-secret"), slack.OnPlan(slack.PlanInternal), runtime.WithTransport(p.Transport()))
	if err != nil {
		log.Fatal(err)
	}
	for channel, err := range sl.Conversations.List(context.Background(), nil) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(channel.ID, channel.Name)
	}
	// Output:
	// C1 general
	// C2 random
}

// HistoryPages yields whole pages. A cursor that is kept resumes the list after its page.
func ExampleConversationsService_HistoryPages() {
	p := standIn()
	defer p.Close()
	sl, err := slack.New(slack.Token("xoxb-secret"), slack.OnPlan(slack.PlanInternal), runtime.WithTransport(p.Transport()))
	if err != nil {
		log.Fatal(err)
	}
	ctx, params := context.Background(), &slack.ConversationsHistoryParams{Channel: "C1"}
	var saved string
	for page, err := range sl.Conversations.HistoryPages(ctx, params, runtime.WithPageSize(2)) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(len(page.Items), "messages, the first as it came:", string(page.Raw[0]))
		saved = page.Cursor
		break
	}
	for page, err := range sl.Conversations.HistoryPages(ctx, params, runtime.WithCursor(saved)) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println("later:", page.Items[0].Text)
	}
	// Output:
	// 2 messages, the first as it came: {"type": "message", "ts": "3.0", "text": "Tea?"}
	// later: has joined
}

// Slack answers 200 to everything: what went wrong is a code, and a sentinel
// names its kind. A missing scope comes with those that are needed.
func ExampleScopesOf() {
	p := standIn()
	defer p.Close()
	sl, err := slack.New(slack.Token("xoxb-secret"), runtime.WithTransport(p.Transport()))
	if err != nil {
		log.Fatal(err)
	}
	_, err = sl.Users.Info(context.Background(), &slack.UsersInfoParams{User: "U2"})
	if e, ok := errors.AsType[*runtime.Error](err); ok && errors.Is(err, runtime.ErrForbidden) {
		fmt.Println(e.Operation, e.Code)
	}
	if scopes, ok := slack.ScopesOf(err); ok {
		fmt.Println("needs", scopes.Needed, "and has", scopes.Provided)
	}
	// Output:
	// Users.Info missing_scope
	// needs [users:read] and has [channels:history]
}

// What a good answer warns of is in the response.
func ExampleChatService_PostMessage() {
	p := standIn()
	defer p.Close()
	sl, err := slack.New(slack.Token("xoxb-secret"), runtime.WithTransport(p.Transport()))
	if err != nil {
		log.Fatal(err)
	}
	var response runtime.Response
	blocks := []any{map[string]any{"type": "divider"}}
	posted, err := sl.Chat.PostMessage(context.Background(), slack.ChatPostMessageBody{Channel: "C1", Blocks: blocks}, runtime.WithResponse(&response))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(posted.TS, response.Warnings)
	// Output: 4.0 [missing_text_in_message]
}

// A file is uploaded and shared by one call.
func ExampleFilesService_Upload() {
	p := standIn()
	defer p.Close()
	sl, err := slack.New(slack.Token("xoxb-secret"), runtime.WithTransport(uploadHost{p}))
	if err != nil {
		log.Fatal(err)
	}
	report := strings.NewReader("All is well.")

	file, err := sl.Files.Upload(context.Background(),
		slack.Upload{Filename: "report.txt", Content: report, Title: "Report"},
		&slack.Share{ChannelID: "C1", InitialComment: "The report of today"})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(file.ID, file.Title)
	// Output: F1 Report
}
