package quota

import (
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/budget"
)

func TestRefusal(t *testing.T) {
	plain := &api.API{}
	slack := &api.API{Throttling: []api.Throttling{
		{Status: 200, When: &api.BodyRule{Path: api.Path{"error"}, In: []string{"ratelimited", "rate_limited"}}, RetryAfter: api.RetryAfterHeader},
	}}
	github := oneFamily(api.EpochSeconds)
	github.Throttling = []api.Throttling{{Status: 403, RetryAfter: api.RetryAfterHeader}, {Status: 429, RetryAfter: api.RetryAfterHeader}}
	digits := &api.API{Throttling: []api.Throttling{{Status: 429, RetryAfter: api.RetryAfterBody, Path: api.Path{"error", "details", "retry_after"}}}}
	drive := &api.API{Throttling: []api.Throttling{
		{Status: 403, When: &api.BodyRule{Path: api.Path{"error", "errors", "reason"}, In: []string{"userRateLimitExceeded"}}, RetryAfter: api.RetryAfterNone},
	}}
	stripe := &api.API{Throttling: []api.Throttling{
		{Status: 429, When: &api.BodyRule{Path: api.Path{"error", "code"}, In: []string{"rate_limit"}}},
	}}
	reason := &api.API{Limits: []api.Limit{minute("core")}, Throttling: []api.Throttling{
		{Status: 429, WhenHeader: &api.HeaderRule{Header: "X-Reason", In: []string{"rate"}}, Names: "X-Limit", NamesPath: api.Path{"policy"}, Wait: time.Minute},
		{Status: 420, RetryAfter: api.RetryAfterBody, Path: api.Path{"wait"}, RetryAfterIs: api.DeltaMillis, Of: []string{"core"}},
	}}
	sentence := &api.API{Throttling: []api.Throttling{
		{Status: 403, When: &api.BodyRule{Path: api.Path{"message"}, Contains: []string{"secondary rate limit"}}, Wait: time.Minute},
	}}
	restoring := &api.API{
		QuotaBodies: []api.QuotaBody{{Remaining: api.Path{"left"}, Requested: api.Path{"asked"}, Restore: api.Path{"rate"}}},
		Throttling:  []api.Throttling{{Status: 429, Wait: time.Minute}},
	}
	date := "Date: Sat, 21 Nov 2026 10:00:00 GMT"
	after := func(d time.Duration) *budget.Refusal { return &budget.Refusal{Until: now.Add(d)} }
	tests := map[string]struct {
		desc   *api.API
		status int
		header http.Header
		body   string
		want   *budget.Refusal
	}{
		"success":                           {plain, 200, header("Retry-After: 5"), "{}", nil},
		"429":                               {plain, 429, header("Retry-After: 30"), "", after(30 * time.Second)},
		"429 that says nothing":             {plain, 429, nil, "", &budget.Refusal{}},
		"429 that says nonsense":            {plain, 429, header("Retry-After: 1642204800"), "", &budget.Refusal{}},
		"503 is a failure":                  {plain, 503, header("Retry-After: 30"), "", nil},
		"200 with an error":                 {slack, 200, header("Retry-After: 30"), `{"ok":false,"error":"ratelimited"}`, after(30 * time.Second)},
		"200 with another error":            {slack, 200, header("Retry-After: 30"), `{"ok":false,"error":"not_authed"}`, nil},
		"200 that is not JSON":              {slack, 200, nil, `<html>`, nil},
		"429 beside rules for others":       {slack, 429, header("Retry-After: 30"), "", after(30 * time.Second)},
		"403 that is about permissions":     {github, 403, header(date, "X-RateLimit-Remaining: 42"), "", nil},
		"403 with Retry-After":              {github, 403, header(date, "X-RateLimit-Remaining: 42", "Retry-After: 60"), "", after(time.Minute)},
		"403 with nothing left":             {github, 403, header(date, "X-RateLimit-Remaining: 0", "X-RateLimit-Reset: "+epoch(time.Minute)), "", &budget.Refusal{Limit: "core", Until: now.Add(time.Minute + time.Second)}},
		"429 with nothing left":             {github, 429, header(date, "X-RateLimit-Remaining: 0", "X-RateLimit-Resource: search", "Retry-After: 9"), "", &budget.Refusal{Limit: "search", Until: now.Add(9 * time.Second)}},
		"the wait in the body":              {digits, 429, nil, `{"error":{"code":"RATE_LIMIT_EXCEEDED","details":{"retry_after":30}}}`, after(30 * time.Second)},
		"the wait in the body as text":      {digits, 429, nil, `{"error":{"details":{"retry_after":"2.5"}}}`, after(2500 * time.Millisecond)},
		"the wait missing from the body":    {digits, 429, header("Retry-After: 7"), `{"error":{}}`, after(7 * time.Second)},
		"the wait in the body is nonsense":  {digits, 429, nil, `{"error":{"details":{"retry_after":-3}}}`, &budget.Refusal{}},
		"a reason in a list of errors":      {drive, 403, nil, `{"error":{"errors":[{"domain":"usageLimits","reason":"userRateLimitExceeded"}],"code":403}}`, &budget.Refusal{}},
		"another reason":                    {drive, 403, nil, `{"error":{"errors":[{"reason":"insufficientPermissions"}]}}`, nil},
		"a rule that says when 429 refuses": {stripe, 429, nil, `{"error":{"code":"lock_timeout"}}`, nil},
		"a header of another value":         {reason, 429, header("X-Reason: lock"), "", nil},
		"a header of the value":             {reason, 429, header("X-Reason: lock", "X-Reason: RATE"), "", untold("", time.Minute)},
		"a limit that the header names":     {reason, 429, header("X-Reason: rate", "X-Limit: core"), "", untold("core", time.Minute)},
		"a limit that the body names":       {reason, 429, header("X-Reason: rate", "X-Limit: other"), `{"policy":"core"}`, untold("core", time.Minute)},
		"a wait in milliseconds":            {reason, 420, nil, `{"wait":1500}`, &budget.Refusal{Limit: "core", Until: now.Add(1500 * time.Millisecond)}},
		"a sentence":                        {sentence, 403, nil, `{"message":"You have exceeded a Secondary Rate Limit (request 1:2)"}`, untold("", time.Minute)},
		"another sentence":                  {sentence, 403, nil, `{"message":"Resource not accessible"}`, nil},
		"no wait, and another status":       {reason, 420, nil, `{}`, nil},
		"what comes back in time":           {restoring, 429, nil, `{"left":10,"asked":60.5,"rate":2.5}`, after(21 * time.Second)},
		"enough is there":                   {restoring, 429, nil, `{"left":100,"asked":60,"rate":2.5}`, after(0)},
		"nothing ever comes back":           {restoring, 429, nil, `{"left":10,"asked":60,"rate":0}`, untold("", time.Minute)},
		"it comes back in years":            {restoring, 429, nil, `{"left":10,"asked":2000000000,"rate":0.0001}`, untold("", time.Minute)},
		"and when it does":                  {stripe, 429, nil, `{"error":{"code":"rate_limit"}}`, &budget.Refusal{}},
	}
	op := &api.Operation{Draws: []api.Draw{{Limit: "core"}}}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			r := NewReader(tt.desc)
			body := []byte(tt.body)
			if !r.NeedsBody(op, tt.status) {
				body = nil
			}
			if got := r.Refusal(op, tt.status, tt.header, body, now, now); !cmp.Equal(got, tt.want) {
				t.Error(cmp.Diff(tt.want, got))
			}
		})
	}
}

// Where one endpoint tells things in good bodies, nobody reads the others' for it.
func TestNeedsBodyOfSomeOperations(t *testing.T) {
	limited := &api.BodyRule{Path: api.Path{"errors", "type"}, In: []string{"RATE_LIMITED"}}
	r := NewReader(&api.API{
		Limits:      []api.Limit{minute("core"), minute("points")},
		QuotaBodies: []api.QuotaBody{{Cost: api.Path{"data", "cost"}, Of: []string{"points"}}},
		Throttling:  []api.Throttling{{Status: 200, When: limited, Of: []string{"points"}}, {Status: 403, When: limited, Of: []string{"points"}}},
	})
	body := []byte(`{"errors":[{"type":"RATE_LIMITED"}]}`)
	for limit, concerned := range map[string]bool{"core": false, "points": true} {
		op := &api.Operation{Draws: []api.Draw{{Limit: limit}}}
		if got := r.NeedsBody(op, 200); got != concerned {
			t.Errorf("a draw on %s: NeedsBody(200) = %v", limit, got)
		}
		if got := r.Refusal(op, 200, nil, body, now, now); (got != nil) != concerned {
			t.Errorf("a draw on %s: refusal %v", limit, got)
		}
		if !r.NeedsBody(op, 403) || r.Refusal(op, 403, nil, body, now, now) == nil {
			t.Errorf("a draw on %s: 403 is no refusal", limit)
		}
	}
}

func TestNeedsBody(t *testing.T) {
	r := NewReader(&api.API{Throttling: []api.Throttling{
		{Status: 400, When: &api.BodyRule{}}, {Status: 403, RetryAfter: api.RetryAfterHeader}, {Status: 420, RetryAfter: api.RetryAfterBody},
	}})
	for status, want := range map[int]bool{200: false, 400: true, 403: false, 420: true, 429: false} {
		if got := r.NeedsBody(&api.Operation{}, status); got != want {
			t.Errorf("NeedsBody(%d) = %v", status, got)
		}
	}
}

func TestRetryAfterHeader(t *testing.T) {
	h := header("Date: Sat, 21 Nov 2026 12:00:00 GMT", "Retry-After: Sat, 21 Nov 2026 12:00:20 GMT")
	if wait, ok := RetryAfter(h, now); !ok || wait != 20*time.Second {
		t.Errorf("RetryAfter = %v, %v", wait, ok)
	}
	if wait, ok := RetryAfter(nil, now); ok {
		t.Errorf("RetryAfter of no header = %v", wait)
	}
}
