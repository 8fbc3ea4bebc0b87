package runtime

// This file logs refusals, and credentials that are no longer used.

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"time"
)

// logRefusal logs an answer if it refuses the call.
func (c *Client) logRefusal(ctx context.Context, call *call, resp *http.Response) {
	if c.logger == nil || call.refusal == nil {
		return
	}
	attrs := []slog.Attr{
		slog.String("api", c.desc.Name),
		slog.String("operation", call.op.Name),
		slog.Int("status", resp.StatusCode),
		slog.Int("attempt", call.attempts),
		slog.String("limit", refusedBy(call)),
	}
	if until := call.refusal.Until; !until.IsZero() {
		attrs = append(attrs, slog.Time("until", until))
	}
	if id := resp.Header.Get(c.desc.Errors.RequestID); id != "" {
		attrs = append(attrs, slog.String("request_id", id))
	}
	c.logger.LogAttrs(ctx, slog.LevelWarn, "the provider refused a call for lack of budget", attrs...)
}

// refusedBy is the limit that refused the call; where the provider does not
// name it, all that the call draws on.
func refusedBy(call *call) string {
	if call.refusal.Limit != "" {
		return call.refusal.Limit
	}
	names := make([]string, len(call.op.Draws))
	for i, d := range call.op.Draws {
		names[i] = d.Limit
	}
	return strings.Join(names, ",")
}

// logOut logs that a member of the pool was taken out.
func (c *Client) logOut(ctx context.Context, operation, member string, until time.Time, why error) {
	if c.logger == nil {
		return
	}
	attrs := []slog.Attr{
		slog.String("api", c.desc.Name),
		slog.String("operation", operation),
		slog.String("credential", member),
		slog.String("error", why.Error()),
	}
	if !until.IsZero() {
		attrs = append(attrs, slog.Time("until", until))
	}
	c.logger.LogAttrs(ctx, slog.LevelWarn, "a credential was taken out of its pool", attrs...)
}
