package zendesk_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/weirkit/weir/internal/walk"
	"github.com/weirkit/weir/sdk/zendesk"
)

func TestRoutes(t *testing.T) { walk.Routes(t, &zendesk.API) }

// TestTransportCountsSubdomainsApart: the host names the account.
func TestTransportCountsSubdomainsApart(t *testing.T) {
	base := roundTripper(func(*http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: http.NoBody}, nil
	})
	transport, err := zendesk.Transport(base)
	if err != nil {
		t.Fatal(err)
	}
	for _, url := range []string{
		"https://acme.zendesk.com/api/v2/tickets/1", "https://acme.zendesk.com/api/v2/tickets/1.json", "https://acme.zendesk.com/api/v2/tickets.json",
		"https://globex.zendesk.com/api/v2/tickets/1", "https://www.example.com/api/v2/tickets/1",
	} {
		req, _ := http.NewRequest(http.MethodGet, url, nil)
		req.SetBasicAuth("agent@example.com/token", "not-a-secret")
		resp, err := transport.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
	}
	used := map[string]int{}
	for _, c := range transport.Ledger().Snapshot().Counters {
		used[c.Key.Limit+" "+c.Key.Scope] = c.Used
	}
	for counter, want := range map[string]int{"support account=acme": 3, "support account=globex": 1, "tickets_index account=acme": 1} {
		if used[counter] != want {
			t.Errorf("%s: %d used, want %d (of %v)", counter, used[counter], want, used)
		}
	}
	for counter := range used {
		if strings.Contains(counter, "example") {
			t.Errorf("another host is counted: %s", counter)
		}
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
