package main

// This file has slack-go on the transport of another SDK: it posts forms, with the
// token in them, also where it only reads.

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	goslack "github.com/slack-go/slack"

	"github.com/weirkit/weir/runtime/providertest"
	"github.com/weirkit/weir/sdk/slack"
)

// workspace is a stand-in that knows two workspaces by their tokens, and takes all
// methods by POST, as Slack does.
func workspace(t *testing.T) *providertest.Provider {
	t.Helper()
	described := slack.API
	described.Operations = slices.Clone(described.Operations)
	for _, op := range slack.API.Operations {
		if op.Method == http.MethodGet {
			posted := *op
			posted.Method = http.MethodPost
			described.Operations = append(described.Operations, &posted)
			posted.Name += "ByPost"
		}
	}
	p, err := providertest.New(&described, providertest.Options{
		Latency: providertest.Between(20*time.Millisecond, 100*time.Millisecond),
		Identify: func(r *http.Request, id *providertest.Identity) {
			token := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
			if token == "" {
				body, _ := io.ReadAll(r.Body)
				r.Body = io.NopCloser(bytes.NewReader(body)) // the stand-in reads it, too
				form, _ := url.ParseQuery(string(body))
				token = form.Get("token")
			}
			id.App, id.Account, id.User = "A1", token, token
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestSlackGo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := workspace(t)
		defer p.Close()
		transport, err := slack.Transport(p.Transport())
		if err != nil {
			t.Fatal(err)
		}
		var done sync.WaitGroup
		for _, token := range []string{"xoxb-one", "xoxb-two"} {
			client := goslack.New(token, goslack.OptionHTTPClient(&http.Client{Transport: transport}))
			for n := range 60 {
				done.Go(func() {
					if _, err := client.GetUserInfoContext(t.Context(), fmt.Sprint("U", n)); err != nil {
						t.Errorf("users.info: %v", err)
					}
				})
			}
			for n := range 12 {
				done.Go(func() {
					if _, _, err := client.PostMessageContext(t.Context(), fmt.Sprint("C", n%3), goslack.MsgOptionText("hello", false)); err != nil {
						t.Errorf("chat.postMessage: %v", err)
					}
				})
			}
		}
		done.Wait()
		report := p.Report()
		if report.Refused != 0 || report.Unrouted != 0 || report.Requests != 144 {
			t.Errorf("%d requests, %d refused, %d for no operation: %v", report.Requests, report.Refused, report.Unrouted, report.UnroutedPaths)
		}
		channels := 0
		for _, c := range transport.Ledger().Snapshot().Counters {
			if c.Key.Limit == "posting" {
				channels++
			}
		}
		if channels != 6 {
			t.Errorf("posting is counted by %d channels, want 3 of each workspace", channels)
		}
	})
}

// TestSlackGoIsRefusedAndRepeated: a refusal of status 200 does not come through.
func TestSlackGoIsRefusedAndRepeated(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := workspace(t)
		defer p.Close()
		refused := false
		p.Handle("Users.InfoByPost", func(*providertest.Call) providertest.Answer {
			if !refused {
				refused = true
				return providertest.Answer{Status: 200, Header: http.Header{"Retry-After": {"9"}}, Body: []byte(`{"ok":false,"error":"ratelimited"}`)}
			}
			return providertest.Answer{Status: 200, Body: providertest.JSON(map[string]any{"ok": true, "user": json.RawMessage(`{"id":"U1"}`)})}
		})
		transport, err := slack.Transport(p.Transport())
		if err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		user, err := goslack.New("xoxb-one", goslack.OptionHTTPClient(&http.Client{Transport: transport})).GetUserInfoContext(t.Context(), "U1")
		if err != nil || user.ID != "U1" || time.Since(start) < 9*time.Second {
			t.Errorf("user %v, %v after %v", user, err, time.Since(start))
		}
	})
}
