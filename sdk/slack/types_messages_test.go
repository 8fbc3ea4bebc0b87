package slack_test

// This file looks at conversations and messages: what is absent, what is kept as
// it came, and what nobody knows yet.

import (
	"bytes"
	"testing"

	"github.com/weirkit/weir/runtime"
	"github.com/weirkit/weir/sdk/slack"
)

func TestChannels(t *testing.T) {
	channels, _ := all(t, newClient(t).Conversations.ListPages(t.Context(), nil))
	public, group, direct := channels[0], channels[1], channels[2]

	if !*public.IsChannel || *public.IsPrivate || !*public.IsMember || *public.NumMembers != 37 || public.PreviousNames[0] != "loaves" {
		t.Errorf("the public channel is %+v", public)
	}
	if public.Topic.Value != "Sourdough first" || public.Topic.LastSet != 1719400100 || public.Purpose.Value != "" {
		t.Errorf("its topic is %+v and its purpose %+v", public.Topic, public.Purpose)
	}
	if *public.Created != 1719400001 || *public.Updated != 1750001112223 { // seconds, and milliseconds
		t.Errorf("it was created at %d and updated at %d", *public.Created, *public.Updated)
	}
	if want := `{"tabs":[{"id":"files","label":"","type":"files"}],"is_dormant":false}`; string(public.Properties) != want {
		t.Errorf("its properties are %s", public.Properties)
	}
	if !*group.IsMPIM || *group.Priority != 0.25 || group.LastRead != "1750000000.000300" || group.NumMembers != nil {
		t.Errorf("the group is %+v", group)
	}
	if !*direct.IsIM || direct.User != "U0ANNA001" || direct.Name != "" || direct.Topic != nil || direct.IsMember != nil {
		t.Errorf("the direct message is %+v", direct)
	}
}

func TestADirectMessageHasItsLatest(t *testing.T) {
	channel := one(t, func(c *slack.Client, o ...runtime.Option) (*slack.Channel, error) {
		return c.Conversations.Info(t.Context(), &slack.ConversationsInfoParams{Channel: "D0ANNA003"}, o...)
	})
	if channel.Latest == nil || channel.Latest.Text != "Oven is hot" || len(channel.Latest.Blocks) != 1 || *channel.UnreadCount != 1 {
		t.Errorf("it is %+v", channel)
	}
	opened := one(t, func(c *slack.Client, o ...runtime.Option) (*slack.Channel, error) {
		return c.Conversations.Open(t.Context(), slack.ConversationsOpenBody{}, o...)
	})
	if opened.ID != "D0ANNA003" || opened.IsIM != nil || opened.Created != nil || opened.Latest != nil {
		t.Errorf("opened, with an id alone, is %+v", opened)
	}
}

func history(t *testing.T) []*slack.Message {
	t.Helper()
	messages, _ := all(t, newClient(t).Conversations.HistoryPages(t.Context(), &slack.ConversationsHistoryParams{Channel: "C0BREAD01"}))
	return messages
}

func TestBlocksAndAttachmentsAreKeptByteForByte(t *testing.T) {
	messages, raw := all(t, newClient(t).Conversations.HistoryPages(t.Context(), &slack.ConversationsHistoryParams{Channel: "C0BREAD01"}))
	message := messages[0]
	blocks := []string{
		`{"type":"section", "block_id":"b7", "text":{"type":"mrkdwn","text":"*Batch 7*  is\u00a0done \u2013 <b>","verbatim":false}}`,
		`{"type":"from_the_future","crumbs":[1,2.50,1e2]}`,
	}
	attachments := []string{`{"id":1,"color":"36a64f","fallback":"Batch"}`, `{"id":"2","footer":"Oven \/ 7"}`}
	if len(message.Blocks) != len(blocks) || len(message.Attachments) != len(attachments) {
		t.Fatalf("there are %d blocks and %d attachments", len(message.Blocks), len(message.Attachments))
	}
	for i, want := range blocks {
		if string(message.Blocks[i]) != want || !bytes.Contains(raw[0], message.Blocks[i]) {
			t.Errorf("block %d is %s, want %s", i, message.Blocks[i], want)
		}
	}
	for i, want := range attachments {
		if string(message.Attachments[i]) != want || !bytes.Contains(raw[0], message.Attachments[i]) {
			t.Errorf("attachment %d is %s, want %s", i, message.Attachments[i], want)
		}
	}
	if message.Metadata.EventType != "batch_done" || string(message.Metadata.EventPayload) != `{"batch":7,"temperature":230.5}` {
		t.Errorf("the metadata is %+v", message.Metadata)
	}
}

func TestSubtypesAreOpen(t *testing.T) {
	want := []slack.MessageSubtype{slack.MessageSubtypeBotMessage, "", slack.MessageSubtypeChannelJoin, "a_subtype_of_tomorrow", ""}
	for i, message := range history(t) {
		if message.Subtype != want[i] {
			t.Errorf("the subtype of message %d is %q, want %q", i, message.Subtype, want[i])
		}
	}
}

func TestMessages(t *testing.T) {
	messages := history(t)
	bot, thread, join, hidden, upload := messages[0], messages[1], messages[2], messages[3], messages[4]

	if bot.TS != "1750000300.000700" || bot.Username != "Oven" || bot.Icons.Emoji != ":bread:" || bot.BotID != "B0OVEN001" || bot.User != "" {
		t.Errorf("the bot's message is %+v", bot)
	}
	if *thread.ReplyCount != 2 || thread.ThreadTS != thread.TS || thread.Edited.TS != "1750000210.000000" || !*thread.Subscribed {
		t.Errorf("the thread's first message is %+v", thread)
	}
	if r := thread.Reactions[1]; r.Name != "bread" || r.Count != 5 || len(r.Users) != 2 {
		t.Errorf("a reaction of five people, two of them named, is %+v", r)
	}
	if join.Inviter != "U0ANNA001" || join.Edited != nil || join.ReplyCount != nil || join.Reactions != nil || !*hidden.Hidden {
		t.Errorf("who joined is %+v, and what is hidden %+v", join, hidden)
	}
	if len(upload.Files) != 3 {
		t.Fatalf("%d files came with the message", len(upload.Files))
	}
	image, gone, later := upload.Files[0], upload.Files[1], upload.Files[2]
	if image.Mode != slack.FileModeHosted || *image.Size != 52340 || *image.Thumb360W != 360 || *image.OriginalH != 1080 {
		t.Errorf("the image is %+v", image)
	}
	if gone.Mode != slack.FileModeTombstone || gone.Size != nil || gone.URLPrivate != "" {
		t.Errorf("the file that is gone is %+v", gone)
	}
	if later.FileAccess != "check_file_info" || later.Mode != slack.FileModeFileAccess {
		t.Errorf("the file of another workspace is %+v", later)
	}
}

func TestRepliesKnowTheirThread(t *testing.T) {
	replies, _ := all(t, newClient(t).Conversations.RepliesPages(t.Context(),
		&slack.ConversationsRepliesParams{Channel: "C0BREAD01", TS: "1750000200.000200"}))
	first, reply := replies[0], replies[1]
	if first.Root != nil || first.ParentUserID != "" || reply.ParentUserID != "U0ANNA001" || reply.Subtype != slack.MessageSubtypeThreadBroadcast {
		t.Errorf("they are %+v and %+v", first, reply)
	}
	if reply.Root == nil || reply.Root.TS != first.TS || *reply.Root.ReplyCount != 2 {
		t.Errorf("the root of the reply is %+v", reply.Root)
	}
	if p := reply.UserProfile; p == nil || p.DisplayName != "bo" || p.Team != "T0HILL002" || *p.IsRestricted {
		t.Errorf("its author is %+v", p)
	}
}

func TestSentMessages(t *testing.T) {
	posted := one(t, func(c *slack.Client, o ...runtime.Option) (*slack.ChatPostMessageResult, error) {
		return c.Chat.PostMessage(t.Context(), slack.ChatPostMessageBody{Channel: "C0BREAD01"}, o...)
	})
	if posted.Channel != "C0BREAD01" || posted.TS != "1750000400.000800" || posted.Message.TS != posted.TS {
		t.Errorf("posted is %+v", posted)
	}
	if b := posted.Message.BotProfile; b == nil || b.Name != "Oven" || b.Deleted || b.Icons.Image72 == "" {
		t.Errorf("its bot is %+v", b)
	}
	updated := one(t, func(c *slack.Client, o ...runtime.Option) (*slack.ChatUpdateResult, error) {
		return c.Chat.Update(t.Context(), slack.ChatUpdateBody{Channel: "C0BREAD01", TS: posted.TS}, o...)
	})
	if updated.TS != posted.TS || updated.Message.TS != "" || updated.Text != "Batch 8 is done" || updated.Message.Edited == nil {
		t.Errorf("updated is %+v", updated)
	}
	scheduled := one(t, func(c *slack.Client, o ...runtime.Option) (*slack.ChatScheduleMessageResult, error) {
		return c.Chat.ScheduleMessage(t.Context(), slack.ChatScheduleMessageBody{Channel: "C0BREAD01", PostAt: 1750050000}, o...)
	})
	if scheduled.ScheduledMessageID != "Q0DAWN001" || scheduled.PostAt != 1750050000 || scheduled.Message.Type != "delayed_message" {
		t.Errorf("scheduled is %+v", scheduled)
	}
	waiting, _ := all(t, newClient(t).ChatScheduledMessages.ListPages(t.Context(), nil))
	if waiting[0].ID != scheduled.ScheduledMessageID || waiting[0].PostAt != scheduled.PostAt {
		t.Errorf("what waits is %+v", waiting[0])
	}
}
