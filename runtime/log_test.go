package runtime_test

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/weirkit/weir/runtime"
)

func TestRefusalsAreLogged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		p := inTurn(
			giving(429, `{"error": "slow down"}`, "Retry-After", "5", "X-Request-Id", "r-1"),
			giving(429, `{"error": "slow down"}`),
			giving(503, `{}`),
			giving(200, aTicket, "X-Request-Id", "r-3"))
		start := time.Now()
		c := connect(t, limited(perMinute("calls", 10), perMinute("writes", 10)), p,
			runtime.WithLogger(slog.New(slog.NewJSONHandler(&out, nil))), runtime.WithBearer("s3cret"))
		if _, err := showing(c, drawing(show, "calls", "writes")); err != nil {
			t.Fatal(err)
		}
		var got []map[string]any
		for line := range strings.Lines(out.String()) {
			var entry map[string]any
			if err := json.Unmarshal([]byte(line), &entry); err != nil {
				t.Fatal(err)
			}
			if entry["level"] != "WARN" {
				t.Errorf("logged %s", line)
			}
			if until, ok := entry["until"].(string); ok {
				at, err := time.Parse(time.RFC3339Nano, until)
				if wait := at.Sub(start); err != nil || wait < 5*time.Second || wait > 7*time.Second {
					t.Errorf("until %s, %v", until, err)
				}
				entry["until"] = "told"
			}
			delete(entry, "time")
			delete(entry, "level")
			delete(entry, "msg")
			got = append(got, entry)
		}
		want := []map[string]any{
			{"api": "desk", "operation": "Tickets.Show", "limit": "calls,writes", "status": 429.0, "attempt": 1.0, "until": "told", "request_id": "r-1"},
			{"api": "desk", "operation": "Tickets.Show", "limit": "calls,writes", "status": 429.0, "attempt": 2.0},
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		if strings.Contains(out.String(), "s3cret") {
			t.Error("a secret is logged")
		}
	})
}
