// This file has the jobs as users of weir's sdk/slack do them.

package callsites

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/weirkit/weir/runtime"
	"github.com/weirkit/weir/runtime/retry"
	"github.com/weirkit/weir/sdk/slack"
)

func weirSlackGetOne(ctx context.Context, w io.Writer, sl *slack.Client) error {
	user, err := sl.Users.Info(ctx, &slack.UsersInfoParams{User: "U1"})
	if err != nil {
		return err
	}
	fmt.Fprintln(w, user.Name)
	return nil
}

func weirSlackListAll(ctx context.Context, w io.Writer, sl *slack.Client) error {
	for channel, err := range sl.Conversations.List(ctx, nil) {
		if err != nil {
			return err
		}
		fmt.Fprintln(w, channel.ID, channel.Name)
	}
	return nil
}

func weirSlackListUnrefused(ctx context.Context, w io.Writer, sl *slack.Client) error {
	params := &slack.ConversationsHistoryParams{Channel: "C1"}
	for message, err := range sl.Conversations.History(ctx, params) {
		if err != nil {
			return err
		}
		fmt.Fprintln(w, message.TS, message.Text)
	}
	return nil
}

func weirSlackCreate(ctx context.Context, w io.Writer, sl *slack.Client) error {
	posted, err := sl.Chat.PostMessage(ctx, slack.ChatPostMessageBody{Channel: "C1", Text: new("Hello")})
	if err != nil {
		return err
	}
	fmt.Fprintln(w, posted.TS)
	return nil
}

func weirSlackErrors(ctx context.Context, w io.Writer, sl *slack.Client) error {
	_, err := sl.Users.Info(ctx, &slack.UsersInfoParams{User: "U404"})
	if errors.Is(err, runtime.ErrNotFound) {
		fmt.Fprintln(w, "gone")
		return nil
	}
	return err
}

func weirSlackTimeout(ctx context.Context, w io.Writer, sl *slack.Client) error {
	user, err := sl.Users.Info(ctx, &slack.UsersInfoParams{User: "U1"}, runtime.WithAttemptTimeout(10*time.Second))
	if err != nil {
		return err
	}
	fmt.Fprintln(w, user.Name)
	return nil
}

func weirSlackRetries(ctx context.Context, w io.Writer, sl *slack.Client) error {
	user, err := sl.Users.Info(ctx, &slack.UsersInfoParams{User: "U1"}, runtime.WithRetry(retry.Policy{Attempts: 3}))
	if err != nil {
		return err
	}
	fmt.Fprintln(w, user.Name)
	return nil
}
