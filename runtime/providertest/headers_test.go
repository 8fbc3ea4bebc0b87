package providertest

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/weirkit/weir/runtime/api"
)

// zendesk is an API with the header families of Zendesk.
func zendesk() *api.API {
	account := []api.Scope{api.ScopeAccount}
	return &api.API{
		Name: "zendesk",
		Limits: []api.Limit{
			{Name: "support", Shape: api.Window{Limit: 700, Per: time.Minute}, Scope: account},
			{Name: "exports", Shape: api.Window{Limit: 10, Per: time.Minute}, Scope: account},
			{Name: "help-center", Shape: api.Window{Limit: 700, Per: time.Minute}, Scope: account},
		},
		QuotaHeaders: []api.QuotaHeaders{
			{Limit: "X-Rate-Limit", Remaining: "X-Rate-Limit-Remaining", Of: []string{"support", "help-center"}},
			{Limit: "ratelimit-limit", Remaining: "ratelimit-remaining", Reset: "ratelimit-reset", Of: []string{"support", "help-center"}},
			{
				Limit: "total", Remaining: "remaining", Reset: "resets", Prefix: "zendesk-ratelimit-",
				Limits: map[string]string{"incremental-exports": "exports"},
			},
		},
		Operations: []*api.Operation{
			{Name: "Articles.List", Method: "GET", Path: "/api/v2/help_center/articles", Draws: []api.Draw{{Limit: "help-center"}}, Pagination: new(api.Pagination)},
			{Name: "Incremental.Tickets", Method: "GET", Path: "/api/v2/incremental/tickets", Draws: []api.Draw{{Limit: "exports"}, {Limit: "support"}}, Pagination: new(api.Pagination)},
			{Name: "Tickets.Show", Method: "GET", Path: "/api/v2/tickets/{ticket_id}", Draws: []api.Draw{{Limit: "support"}}},
		},
	}
}

// limitHeaders are the headers of an answer that tell of limits.
func limitHeaders(h http.Header) []string {
	var lines []string
	for name := range h {
		if strings.Contains(strings.ToLower(name), "rate") {
			lines = append(lines, strings.ToLower(name)+": "+h.Get(name))
		}
	}
	slices.Sort(lines)
	return lines
}

func TestHeaderModes(t *testing.T) {
	family := []string{"x-rate-limit-remaining: 699", "x-rate-limit: 700"}
	trio := []string{"ratelimit-limit: 700", "ratelimit-remaining: 699", "ratelimit-reset: 30"}
	exports := []string{"zendesk-ratelimit-incremental-exports: total=10; remaining=9; resets=30"}
	tests := []struct {
		name   string
		mode   HeaderMode
		target string
		want   []string
	}{
		{"default", HeadersDefault, "/api/v2/help_center/articles", slices.Concat(trio, family)},
		{"default", nil, "/api/v2/tickets/1", slices.Concat(trio, family)},
		{"default", nil, "/api/v2/incremental/tickets", slices.Concat(trio, family, exports)},
		{"documented", HeadersZendeskDocumented, "/api/v2/help_center/articles", family},
		{"documented", HeadersZendeskDocumented, "/api/v2/tickets/1", family},
		{"documented", HeadersZendeskDocumented, "/api/v2/incremental/tickets", slices.Concat(trio, family, exports)},
		{"none", HeadersNone, "/api/v2/incremental/tickets", nil},
		{"one's own", func(t *Told) bool {
			t.Max, t.Remaining, t.Reset = -1, t.Remaining+1000, time.Time{}
			return t.Family.Prefix == ""
		}, "/api/v2/tickets/1", []string{"ratelimit-remaining: 1699", "x-rate-limit-remaining: 1699"}},
		{"garbage", func(t *Told) bool { t.Garbage = "many"; return t.Limit == "exports" }, "/api/v2/incremental/tickets",
			[]string{"zendesk-ratelimit-incremental-exports: total=many; remaining=many; resets=many"}},
	}
	for _, tt := range tests {
		p := mustNew(t, zendesk(), Options{Headers: tt.mode, Phase: 0.5})
		if diff := cmp.Diff(tt.want, limitHeaders(call(p, "GET", tt.target).Header)); diff != "" {
			t.Errorf("%s, %s (-want +got):\n%s", tt.name, tt.target, diff)
		}
	}
}

// Wrong headers differ from the truth often, in each number, and Retry-After
// stays true.
func TestWrongHeaders(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := shop()
		a.Limits[0].Shape = api.Window{Limit: 50, Per: time.Minute}
		p := mustNew(t, a, Options{Headers: HeadersWrong(1)})
		wrong := map[string]int{}
		for i := range 60 {
			r := call(p, "GET", "/things/7")
			for name, truth := range map[string]int{"X-Rate-Limit": 50, "X-Rate-Limit-Remaining": max(0, 49-i), "X-Rate-Limit-Reset": 60} {
				if r.Header.Get(name) != strconv.Itoa(truth) {
					wrong[name]++
				}
			}
			if r.StatusCode == 429 && r.Header.Get("Retry-After") != "60" {
				t.Errorf("Retry-After: %q", r.Header.Get("Retry-After"))
			}
		}
		for _, name := range []string{"X-Rate-Limit", "X-Rate-Limit-Remaining", "X-Rate-Limit-Reset"} {
			if wrong[name] < 5 {
				t.Errorf("%s was wrong %d times of 60", name, wrong[name])
			}
		}
	})
}

func TestResetEncodings(t *testing.T) {
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	reset := now.Add(40*time.Second + 200*time.Millisecond + 300)
	tests := []struct {
		as        api.ResetEncoding
		up, floor string
	}{
		{api.DeltaSeconds, "41", "40"},
		{"", "41", "40"},
		{api.EpochSeconds, "1795262441", "1795262440"},
		{api.EpochMillis, "1795262440201", "1795262440200"},
		{api.ISO8601, "2026-11-21T12:00:41Z", "2026-11-21T12:00:40Z"},
		{api.HTTPDate, "Sat, 21 Nov 2026 12:00:41 GMT", "Sat, 21 Nov 2026 12:00:40 GMT"},
		{api.GoDuration, "40.201s", "40.2s"},
	}
	for _, tt := range tests {
		if got := encodeReset(tt.as, reset, now, false); got != tt.up {
			t.Errorf("%s: %s, want %s", tt.as, got, tt.up)
		}
		if got := encodeReset(tt.as, reset, now, true); got != tt.floor {
			t.Errorf("%s, floored: %s, want %s", tt.as, got, tt.floor)
		}
	}
}

// GitHub's kind: one family, and a header that says which limit it is of.
func TestNamedFamily(t *testing.T) {
	a := shop()
	a.QuotaHeaders = []api.QuotaHeaders{{
		Limit: "x-ratelimit-limit", Reset: "x-ratelimit-reset", ResetIs: api.EpochSeconds,
		Names: "x-ratelimit-resource", Limits: map[string]string{"core": "account"},
	}}
	synctest.Test(t, func(t *testing.T) {
		p := mustNew(t, a, Options{})
		want := []string{"x-ratelimit-limit: 3", "x-ratelimit-reset: " + strconv.FormatInt(time.Now().Unix()+60, 10), "x-ratelimit-resource: core"}
		if diff := cmp.Diff(want, limitHeaders(call(p, "GET", "/things/7").Header)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}

func TestRefusals(t *testing.T) {
	inBody := &api.Throttling{Status: 403, RetryAfter: api.RetryAfterBody, Path: api.Path{"error", "details", "retry_after"}}
	reason := &api.Throttling{Status: 403, When: &api.BodyRule{Path: api.Path{"error", "code"}, In: []string{"rateLimitExceeded"}}, RetryAfter: api.RetryAfterNone}
	tests := []struct {
		name       string
		options    Options
		status     int
		retryAfter string
		body       string
	}{
		{"default", Options{}, 429, "40", `{"error":{"code":"TooManyRequests","message":"Rate limit exceeded"}}`},
		{"decimal", Options{RetryAfter: RetryAfterDecimal}, 429, "39.750", `{"error":{"code":"TooManyRequests","message":"Rate limit exceeded"}}`},
		{"date", Options{RetryAfter: RetryAfterDate}, 429, "Sat, 01 Jan 2000 00:01:00 GMT", `{"error":{"code":"TooManyRequests","message":"Rate limit exceeded"}}`},
		{"missing", Options{RetryAfter: RetryAfterMissing}, 429, "", `{"error":{"code":"TooManyRequests","message":"Rate limit exceeded"}}`},
		{"in the body", Options{Throttling: inBody}, 403, "", `{"error":{"code":"TooManyRequests","details":{"retry_after":40},"message":"Rate limit exceeded"}}`},
		{"missing in the body", Options{Throttling: inBody, RetryAfter: RetryAfterMissing}, 403, "", `{"error":{"code":"TooManyRequests","message":"Rate limit exceeded"}}`},
		{"a reason", Options{Throttling: reason}, 403, "", `{"error":{"code":"rateLimitExceeded","message":"Rate limit exceeded"}}`},
		{"a body of one's own", Options{RefusalBody: func(limit string, wait time.Duration) []byte {
			return JSON(limit + " for " + wait.String())
		}}, 429, "40", `"account for 39.75s"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := mustNew(t, shop(), tt.options)
				for range 3 {
					call(p, "GET", "/things/7")
				}
				<-time.After(20250 * time.Millisecond)
				r := call(p, "GET", "/things/7")
				if got := body(t, r); r.StatusCode != tt.status || r.Header.Get("Retry-After") != tt.retryAfter || got != tt.body {
					t.Errorf("%d, Retry-After %q, %s\nwant %d, %q, %s", r.StatusCode, r.Header.Get("Retry-After"), got, tt.status, tt.retryAfter, tt.body)
				}
				if got := r.Header.Get("X-Rate-Limit-Remaining"); got != "0" {
					t.Errorf("a refusal tells that %q remain", got)
				}
			})
		})
	}
}
