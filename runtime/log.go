package runtime

// This file logs refusals.

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
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
