package zendesk_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/weirkit/weir/runtime"
	"github.com/weirkit/weir/runtime/budget"
	"github.com/weirkit/weir/runtime/retry"
	"github.com/weirkit/weir/sdk/zendesk"
)

// This file holds what is understood of answers that a stand-in made from the
// description would not give: Zendesk's own.

// answering is a transport that gives one answer to all that is asked.
type answering struct {
	status int
	body   string
	header http.Header
}

func (a answering) RoundTrip(r *http.Request) (*http.Response, error) {
	header := a.header.Clone()
	if header == nil {
		header = http.Header{}
	}
	header.Set("Content-Type", "application/json")
	return &http.Response{StatusCode: a.status, Header: header, Body: io.NopCloser(strings.NewReader(a.body)), Request: r}, nil
}

func client(t *testing.T, a answering, opts ...runtime.ClientOption) *zendesk.Client {
	t.Helper()
	opts = append(opts, zendesk.OAuthToken("secret"), runtime.WithTransport(a), runtime.WithRetry(retry.Policy{Attempts: 1}))
	zd, err := zendesk.New("acme", opts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { zd.Runtime().Close() })
	return zd
}

func TestErrorsAreReadInEachOfTheirForms(t *testing.T) {
	for name, c := range map[string]struct{ body, code, message string }{
		"a text":    {`{"error": "RecordNotFound", "description": "Not found"}`, "RecordNotFound", "Not found"},
		"an object": {`{"error": {"title": "Invalid attribute", "message": "No such subdomain"}}`, "Invalid attribute", "No such subdomain"},
		"a list": {
			`{"errors": [{"code": "CustomObjectNotFound", "title": "Custom object not found", "status": "404"}]}`,
			"CustomObjectNotFound", "Custom object not found",
		},
	} {
		t.Run(name, func(t *testing.T) {
			zd := client(t, answering{status: http.StatusNotFound, body: c.body})
			_, err := zd.CustomObjects.Show(context.Background(), "car", nil)
			e, ok := errors.AsType[*runtime.Error](err)
			if !ok || !errors.Is(err, runtime.ErrNotFound) {
				t.Fatalf("got %v, want an error that is ErrNotFound", err)
			}
			if e.Code != c.code || e.Message != c.message {
				t.Errorf("got %q and %q, want %q and %q", e.Code, e.Message, c.code, c.message)
			}
		})
	}
}

// Thirty jobs at once are allowed. One more is refused for them, and calls that
// start none go on.
func TestTooManyJobsIsARefusalOfJobs(t *testing.T) {
	var refused []string
	events := runtime.WithEvents(func(e budget.Event) {
		if e.Kind == budget.Refused {
			refused = append(refused, e.Key.Limit)
		}
	})
	zd := client(t, answering{
		status: http.StatusTooManyRequests,
		body:   `{"error": "TooManyJobs", "description": "Too many jobs are queued or running"}`,
		header: http.Header{"Retry-After": {"60"}},
	}, events)
	_, err := zd.Tickets.CreateMany(context.Background(), []zendesk.TicketCreateInput{{}})
	if !errors.Is(err, runtime.ErrRateLimited) {
		t.Fatalf("got %v, want an error that is ErrRateLimited", err)
	}
	if want := []string{"jobs"}; !slices.Equal(refused, want) {
		t.Errorf("refused were %v, want %v", refused, want)
	}
}

// A record of a custom object has members of the account's own making.
func TestRecordsKeepTheirFields(t *testing.T) {
	zd := client(t, answering{status: http.StatusOK, body: `{"custom_object_record": {
		"id": "01GCSJW391QVSC80GYDH7E93Q6", "url": "https://acme.zendesk.com/api/v2/custom_objects/car/records/01GCSJW391QVSC80GYDH7E93Q6",
		"custom_object_key": "car", "name": "A car", "custom_object_fields": {"make": "Tesla", "year": 2020}, "external_id": null,
		"created_at": "2022-09-12T19:29:59Z", "updated_at": "2022-09-15T21:07:03Z"}}`})
	record, err := zd.CustomObjectRecords.Show(context.Background(), "car", "01GCSJW391QVSC80GYDH7E93Q6")
	if err != nil {
		t.Fatal(err)
	}
	if string(record.CustomObjectFields["year"]) != "2020" || record.Name != "A car" || record.ExternalID != "" {
		t.Errorf("got %+v", record)
	}
}
