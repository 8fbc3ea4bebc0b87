package runtime

// This file reads what good answers warn of, for Response and for the log.

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"sync"

	"github.com/weirkit/weir/runtime/jsonpath"
)

// heed passes on what an answer warns of. Where nobody listens it does not look.
func (c *Client) heed(ctx context.Context, cl *call, ans *answer) {
	if len(c.desc.Warnings) == 0 || c.logger == nil && cl.config.response == nil {
		return
	}
	warnings := c.warnings(ans.body)
	if r := cl.config.response; r != nil {
		r.Warnings = warnings
	}
	if c.logger == nil {
		return
	}
	for _, w := range warnings {
		if c.warned.first(cl.op.Name, w) {
			c.logger.LogAttrs(ctx, slog.LevelWarn, "the provider warns of a call",
				slog.String("api", c.desc.Name), slog.String("operation", cl.op.Name), slog.String("warning", w))
		}
	}
}

// warnings are the texts that a body warns with, each once. One without spaces
// may be a list of codes, joined by commas.
func (c *Client) warnings(body []byte) []string {
	var all []string
	for _, p := range c.desc.Warnings {
		for raw := range jsonpath.All(body, p) {
			text, ok := plainText(raw)
			if !ok {
				continue
			}
			parts := []string{text}
			if !strings.Contains(text, " ") {
				parts = strings.Split(text, ",")
			}
			for _, part := range parts {
				if part != "" && !slices.Contains(all, part) {
					all = append(all, part)
				}
			}
		}
	}
	return all
}

// maxWarned bounds what is remembered, as a warning may name an object of the call.
const maxWarned = 1000

// warned are the warnings that were logged, so that a list of a thousand pages
// logs one line.
type warned struct {
	mu   sync.Mutex
	seen map[[2]string]bool // operation, warning
}

func (w *warned) first(operation, warning string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	key := [2]string{operation, warning}
	if w.seen[key] || len(w.seen) >= maxWarned {
		return false
	}
	if w.seen == nil {
		w.seen = map[[2]string]bool{}
	}
	w.seen[key] = true
	return true
}
