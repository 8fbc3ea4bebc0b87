// This file has the jobs as users of slack-go/slack do them.

package callsites

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/slack-go/slack"
)

func slackGoGetOne(ctx context.Context, w io.Writer, api *slack.Client) error {
	user, err := api.GetUserInfoContext(ctx, "U1")
	if err != nil {
		return err
	}
	fmt.Fprintln(w, user.Name)
	return nil
}

func slackGoListAll(ctx context.Context, w io.Writer, api *slack.Client) error {
	channels, err := api.GetAllConversationsContext(ctx)
	if err != nil {
		return err
	}
	for _, channel := range channels {
		fmt.Fprintln(w, channel.ID, channel.Name)
	}
	return nil
}

func slackGoListUnrefused(ctx context.Context, w io.Writer, api *slack.Client) error {
	params := &slack.GetConversationHistoryParameters{ChannelID: "C1", Limit: 999}
	for {
		page, err := api.GetConversationHistoryContext(ctx, params)
		if refused, ok := errors.AsType[*slack.RateLimitedError](err); ok {
			select {
			case <-time.After(refused.RetryAfter):
				continue
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		if err != nil {
			return err
		}
		for _, message := range page.Messages {
			fmt.Fprintln(w, message.Timestamp, message.Text)
		}
		if !page.HasMore {
			return nil
		}
		params.Cursor = page.ResponseMetaData.NextCursor
	}
}

func slackGoCreate(ctx context.Context, w io.Writer, api *slack.Client) error {
	_, timestamp, err := api.PostMessageContext(ctx, "C1", slack.MsgOptionText("Hello", false))
	if err != nil {
		return err
	}
	fmt.Fprintln(w, timestamp)
	return nil
}

func slackGoErrors(ctx context.Context, w io.Writer, api *slack.Client) error {
	_, err := api.GetUserInfoContext(ctx, "U404")
	if e, ok := errors.AsType[slack.SlackErrorResponse](err); ok && e.Err == "user_not_found" {
		fmt.Fprintln(w, "gone")
		return nil
	}
	return err
}

func slackGoTimeout(ctx context.Context, w io.Writer, api *slack.Client) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	user, err := api.GetUserInfoContext(ctx, "U1")
	if err != nil {
		return err
	}
	fmt.Fprintln(w, user.Name)
	return nil
}

func slackGoRetries(ctx context.Context, w io.Writer, token string, client *http.Client) error {
	config := slack.DefaultRetryConfig()
	config.MaxRetries = 2
	config.Handlers = append(slack.AllBuiltinRetryHandlers(config), slack.NewServerErrorRetryHandler(config))
	api := slack.New(token, slack.OptionHTTPClient(client), slack.OptionRetryConfig(config))
	user, err := api.GetUserInfoContext(ctx, "U1")
	if err != nil {
		return err
	}
	fmt.Fprintln(w, user.Name)
	return nil
}
