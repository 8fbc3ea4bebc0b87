package slack_test

import (
	"encoding/json"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/weirkit/weir/runtime/providertest"
	"github.com/weirkit/weir/sdk/slack"
)

// conversation has so many messages in each conversation.
func (w *workspace) messages(n int) {
	all := make([]json.RawMessage, n)
	for i := range all {
		all[i] = fmt.Appendf(nil, `{"type":"message","ts":"1700000000.%06d","text":"message %d"}`, n-i, n-i)
	}
	w.Items("Conversations.History", func(*providertest.Call) []json.RawMessage { return all })
}

// An app that sells to others and is not in Slack's Marketplace reads 15 messages
// a minute; with no plan chosen we have to take every app for one. Of the others
// the limit is 50 pages of 999 a minute.
//
// A call is free again a minute and a millisecond after its answer, and the
// stand-in answers at once: so n pages of which a minute has m take (n-1)/m such
// minutes.
func TestHistoryOnEachPlan(t *testing.T) {
	const window = time.Minute + time.Millisecond
	tests := []struct {
		plan     string
		messages int // in each of three conversations
		pages    int // in all
		size     string
		takes    time.Duration
	}{
		{slack.PlanUnlisted, 40, 9, "15", 8 * window},
		{"", 40, 9, "15", 8 * window},
		{slack.PlanMarketplace, 40, 3, "999", 0},
		{slack.PlanMarketplace, 20_000, 63, "999", window},
		{slack.PlanInternal, 20_000, 63, "999", window},
		{slack.PlanUnlisted, 1_500, 300, "15", 299 * window}, // five hours
	}
	for _, tt := range tests {
		t.Run(fmt.Sprintf("%s, %d", tt.plan, tt.messages), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				real := tt.plan
				if real == "" {
					real = slack.PlanUnlisted
				}
				w := newWorkspace(t, providertest.Options{Plan: real, RandomPhases: true})
				w.messages(tt.messages)
				sl := w.connect(t, slack.OnPlan(tt.plan))
				start := time.Now()
				var syncs sync.WaitGroup
				for i := range 3 {
					syncs.Go(func() {
						n := 0
						for _, err := range sl.Conversations.History(t.Context(), &slack.ConversationsHistoryParams{Channel: fmt.Sprint("C", i)}) {
							if err != nil {
								t.Error(err)
								return
							}
							n++
						}
						if n != tt.messages {
							t.Errorf("%d messages of conversation %d", n, i)
						}
					})
				}
				syncs.Wait()
				r := w.Report()
				if took := time.Since(start); took != tt.takes || r.Refused != 0 || r.Operations["Conversations.History"].Requests != tt.pages {
					t.Errorf("took %v, want %v; %d pages, want %d; %d refused", took, tt.takes, r.Operations["Conversations.History"].Requests, tt.pages, r.Refused)
				}
			})
		})
	}
}

// Replies have a counter of their own, of the same size.
func TestRepliesOfAnUnlistedApp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorkspace(t, providertest.Options{Plan: slack.PlanUnlisted})
		sl := w.connect(t, slack.OnPlan(slack.PlanUnlisted))
		start := time.Now()
		for range 2 {
			for _, err := range sl.Conversations.Replies(t.Context(), &slack.ConversationsRepliesParams{Channel: "C1", TS: "1.2"}) {
				t.Error(err)
			}
			for _, err := range sl.Conversations.History(t.Context(), &slack.ConversationsHistoryParams{Channel: "C1"}) {
				t.Error(err)
			}
		}
		if took := time.Since(start); took != time.Minute+time.Millisecond || w.Report().Refused != 0 {
			t.Errorf("took %v", took)
		}
	})
}

// Posting is once a second in a channel, and channels do not wait for one another.
func TestPostingByChannel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorkspace(t, providertest.Options{})
		sl := w.connect(t)
		start := time.Now()
		var posts sync.WaitGroup
		for i := range 30 {
			posts.Go(func() {
				if _, err := sl.Chat.PostMessage(t.Context(), slack.ChatPostMessageBody{Channel: fmt.Sprint("C", i%3), Text: new("hello")}); err != nil {
					t.Error(err)
				}
			})
		}
		posts.Wait()
		if took := time.Since(start).Round(10 * time.Millisecond); took != 9*time.Second || w.Report().Refused != 0 {
			t.Errorf("took %v, %d refused", took, w.Report().Refused)
		}
	})
}

// A refusal that nobody foresaw is waited out, and nothing is lost.
func TestRefusalIsWaitedOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorkspace(t, providertest.Options{})
		w.Inject(providertest.Fault{Operation: "Team.Info", Nth: 1, Effect: providertest.Refuse(30 * time.Second)})
		start := time.Now()
		if _, err := w.connect(t).Team.Info(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(start); took < 30*time.Second || took > 31*time.Second {
			t.Errorf("took %v", took)
		}
	})
}

// A list that Slack fails on is asked for in smaller pages, though its failures
// come with the status 200.
func TestPagesShrinkWhereSlackFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorkspace(t, providertest.Options{})
		var sizes []string
		w.Inject(providertest.Fault{Operation: "Users.List", When: func(c *providertest.Call) bool {
			sizes = append(sizes, c.Query("limit"))
			return len(sizes) <= 2
		}, Effect: providertest.ErrorIn200("internal_error")})
		for _, err := range w.connect(t).Users.List(t.Context(), nil) {
			t.Error(err)
		}
		if fmt.Sprint(sizes) != "[999 999 499]" {
			t.Errorf("asked for pages of %v", sizes)
		}
	})
}
