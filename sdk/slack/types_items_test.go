package slack_test

// This file looks at files, and at what has one of several things in it: items
// with reactions, pins, stars, finds and views.

import (
	"testing"

	"github.com/weirkit/weir/runtime"
	"github.com/weirkit/weir/sdk/slack"
)

func TestFiles(t *testing.T) {
	files, _ := all(t, newClient(t).Files.ListPages(t.Context(), nil))
	snippet, mail := files[0], files[1]
	if string(snippet.Timestamp) != `"1740000001"` || *snippet.Created != 1740000000 || snippet.Mode != slack.FileModeSnippet || *snippet.Lines != 2 {
		t.Errorf("the snippet, whose timestamp is a text, is %+v", snippet)
	}
	if s := snippet.Shares.Public["C0BREAD01"]; len(s) != 1 || s[0].TS != "1740000002.000100" || *s[0].ReplyCount != 1 || snippet.Shares.Private != nil {
		t.Errorf("it is shared as %+v", snippet.Shares)
	}
	if string(mail.Timestamp) != "null" || mail.Name != "" || mail.Mode != slack.FileModeEmail || mail.From[0].Address != "anna@bakery.example" || mail.To[0].Name != "" {
		t.Errorf("the mail, whose timestamp is null, is %+v", mail)
	}
	clip := one(t, func(c *slack.Client, o ...runtime.Option) (*slack.File, error) {
		return c.Files.Info(t.Context(), &slack.FilesInfoParams{File: "F0CLIP006"}, o...)
	})
	if *clip.Size != 9876543210 || *clip.ThumbVideoW != 640 || clip.Transcription.Status != "complete" || clip.Reactions[0].Name != "clap" {
		t.Errorf("the clip is %+v", clip)
	}
	uploaded := one(t, func(c *slack.Client, o ...runtime.Option) ([]slack.File, error) {
		return c.Files.CompleteUploadExternal(t.Context(), slack.FilesCompleteUploadExternalBody{}, o...)
	})
	if len(uploaded) != 1 || uploaded[0].Title != "Prices" || uploaded[0].Size != nil {
		t.Errorf("uploaded are %+v", uploaded)
	}
}

func TestItemsHaveWhatTheirTypeSays(t *testing.T) {
	reacted, _ := all(t, newClient(t).Reactions.ListPages(t.Context(), nil))
	types := []slack.ItemType{slack.ItemTypeMessage, slack.ItemTypeFile, slack.ItemTypeFileComment, "crumb"}
	for i, item := range reacted {
		message, file, comment := i == 0, i == 1 || i == 2, i == 2
		if item.Type != types[i] || (item.Message != nil) != message || (item.File != nil) != file || (item.Comment != nil) != comment {
			t.Errorf("item %d with reactions is %+v", i, item)
		}
	}
	if c := reacted[2].Comment; c.Comment != "More salt" || *c.IsIntro {
		t.Errorf("the comment is %+v", c)
	}
	got := one(t, func(c *slack.Client, o ...runtime.Option) (*slack.ReactionsGetResult, error) {
		return c.Reactions.Get(t.Context(), nil, o...)
	})
	if got.Type != slack.ItemTypeMessage || got.Channel != "C0BREAD01" || got.Message.Reactions[0].Count != 1 || got.File != nil {
		t.Errorf("what has reactions is %+v", got)
	}
	pinned := one(t, func(c *slack.Client, o ...runtime.Option) ([]slack.PinnedItem, error) {
		return c.Pins.List(t.Context(), &slack.PinsListParams{Channel: "C0BREAD01"}, o...)
	})
	if pinned[0].Message.PinnedTo[0] != "C0BREAD01" || pinned[0].File != nil || pinned[1].File.Name != "rye.txt" || *pinned[1].Created != 1750000221 {
		t.Errorf("pinned are %+v", pinned)
	}
	stars, _ := all(t, newClient(t).Stars.ListPages(t.Context(), nil))
	if !*stars[0].Message.IsStarred || stars[1].Type != slack.ItemTypeChannel || stars[1].Channel != "C0BREAD01" || stars[2].File.ID != "F0RECIPE4" {
		t.Errorf("starred are %+v", stars)
	}
}

func TestBookmarksAndReminders(t *testing.T) {
	bookmarks := one(t, func(c *slack.Client, o ...runtime.Option) ([]slack.Bookmark, error) {
		return c.Bookmarks.List(t.Context(), &slack.BookmarksListParams{ChannelID: "C0BREAD01"}, o...)
	})
	if bookmarks[0].Type != slack.BookmarkTypeLink || bookmarks[0].Link == "" || bookmarks[1].Type != slack.BookmarkTypeFolder || bookmarks[1].Link != "" {
		t.Errorf("the bookmarks are %+v", bookmarks)
	}
	reminders := one(t, func(c *slack.Client, o ...runtime.Option) ([]slack.Reminder, error) {
		return c.Reminders.List(t.Context(), nil, o...)
	})
	once, weekly := reminders[0], reminders[1]
	if *once.Time != 1750090000 || *once.CompleteTS != 0 || once.Recurring || weekly.CompleteTS != nil || !weekly.Recurring {
		t.Errorf("the reminders are %+v", reminders)
	}
}

func TestFinds(t *testing.T) {
	found, _ := all(t, newClient(t).Search.MessagesPages(t.Context(), &slack.SearchMessagesParams{Query: "rye"}))
	message := found[0]
	if message.Channel.Name != "bread" || *message.Score != 0.87 || message.User != "" || message.Username != "anna" || message.Previous.Text != "Hi" {
		t.Errorf("found is %+v", message)
	}
	everything := one(t, func(c *slack.Client, o ...runtime.Option) (*slack.SearchAllResult, error) {
		return c.Search.All(t.Context(), &slack.SearchAllParams{Query: "rye"}, o...)
	})
	if everything.Messages.Matches == nil || len(everything.Messages.Matches) != 0 || *everything.Messages.Pagination.PerPage != 20 || *everything.Messages.Paging.Count != 20 {
		t.Errorf("of messages there are %+v", everything.Messages)
	}
	if everything.Files.Matches[0].ID != "F0RECIPE4" || everything.Files.Pagination != nil || *everything.Files.Total != 1 {
		t.Errorf("of files there are %+v", everything.Files)
	}
}

func TestViewsAndEmoji(t *testing.T) {
	view := one(t, func(c *slack.Client, o ...runtime.Option) (*slack.View, error) {
		return c.Views.Open(t.Context(), slack.ViewsOpenBody{}, o...)
	})
	if view.Type != slack.ViewTypeModal || view.Title.Text != "Order" || view.Close != nil || view.Hash != "1750000950.abcdef" || view.PreviousViewID != "" {
		t.Errorf("the view is %+v", view)
	}
	if want := `{"kind":{"k":{"type":"plain_text_input","value":null}}}`; string(view.State.Values) != want {
		t.Errorf("its values are %s, want %s", view.State.Values, want)
	}
	emoji := one(t, func(c *slack.Client, o ...runtime.Option) (map[string]string, error) {
		return c.Emoji.List(t.Context(), nil, o...)
	})
	if len(emoji) != 2 || emoji["loaf"] != "alias:bread" {
		t.Errorf("the emoji are %v", emoji)
	}
}
