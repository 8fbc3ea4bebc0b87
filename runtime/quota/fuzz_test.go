package quota

import (
	"net/http"
	"testing"
	"time"

	"github.com/weirkit/weir/runtime/api"
)

// check fails a test where what was read of an answer could do harm, whatever
// the answer was.
func check(t *testing.T, desc *api.API, op *api.Operation, h http.Header, body []byte) {
	t.Helper()
	const limit = 90 * time.Minute
	r := NewReader(desc, WithCap(limit))
	answered := now.Add(time.Second)
	for _, rd := range r.Readings(op, h, body, now, answered) {
		if rd.Max == 0 || rd.Max < -1 || rd.Remaining < -1 || rd.Max >= 0 && rd.Remaining > rd.Max || rd.Window < 0 {
			t.Errorf("max %d, remaining %d, window %v", rd.Max, rd.Remaining, rd.Window)
		}
		bound := limit
		if k := r.limits[rd.Limit]; k != nil && k.longest > 0 {
			bound = k.longest
		}
		if !rd.Reset.IsZero() && (!rd.Reset.After(answered) || rd.Reset.After(answered.Add(bound)) || rd.ResetEarliest.After(rd.Reset)) {
			t.Errorf("%s: reset between %v and %v", rd.Limit, rd.ResetEarliest, rd.Reset)
		}
		if rd.Limit == "" || rd.Confidence < Guess || rd.Confidence > Annotated {
			t.Errorf("%+v", rd)
		}
	}
	for _, c := range r.Costs(op, h, body) {
		if c.Cost < 0 || c.Limit == "" {
			t.Errorf("cost %+v", c)
		}
	}
	for _, status := range []int{200, 400, 403, 429, 503} {
		if refusal := r.Refusal(op, status, h, body, now, answered); refusal != nil && !refusal.Until.IsZero() &&
			(refusal.Until.Before(answered) || refusal.Until.After(answered.Add(beyondReason))) {
			t.Errorf("refused until %v", refusal.Until)
		}
	}
}

func FuzzObservations(f *testing.F) {
	f.Add("700", "699", "41", "total=100; remaining=99; resets=41", "Sat, 21 Nov 2026 10:00:00 GMT", 0)
	f.Add("100, 100;w=60", "-1", "1795255290", "=;;=", "", 1)
	f.Add("NaN", "1e99", "1795255290000", "total=99999999999999999999", "garbage", 2)
	f.Add("0", "0", "2026-11-21T10:02Z", "resets=\"5", "Thu, 01 Jan 1970 00:00:00 GMT", 3)
	f.Add("32/40", "api-usage=18/5000, per-app=1/2(x=/)", "6m0s", "remaining", "", 5)
	is := []api.ResetEncoding{"", api.DeltaSeconds, api.DeltaMillis, api.EpochSeconds, api.EpochMillis, api.ISO8601, api.HTTPDate, api.GoDuration}
	f.Fuzz(func(t *testing.T, limit, remaining, reset, structured, date string, encoding int) {
		is := is[uint(encoding)%uint(len(is))]
		desc := oneFamily(is)
		desc.QuotaHeaders = append(desc.QuotaHeaders,
			api.QuotaHeaders{Prefix: "acme-", Limit: "total", Remaining: "remaining", Reset: "resets", ResetIs: is},
			api.QuotaHeaders{Usage: "X-Usage", Window: "X-Window", WindowIs: is, Cost: "X-Cost", Of: []string{"core", "tickets"}},
			api.QuotaHeaders{UsedShare: "X-Share", NearLimit: "X-Near", Used: "X-Used"})
		desc.Throttling = []api.Throttling{{Status: 429, Header: "X-Wait", RetryAfterIs: is, Names: "X-Usage"}, {Status: 403}}
		check(t, desc, drawing("core", "tickets"), http.Header{
			"X-Ratelimit-Limit": {limit, structured}, "X-Ratelimit-Remaining": {remaining}, "X-Ratelimit-Reset": {reset, date},
			"X-Usage": {limit, remaining}, "X-Window": {reset}, "X-Cost": {remaining}, "X-Share": {limit}, "X-Near": {"true"}, "X-Used": {structured},
			"Acme-Tickets": {structured}, "Date": {date}, "Retry-After": {reset}, "X-Wait": {reset},
		}, []byte(structured))
	})
}

func FuzzIETF(f *testing.F) {
	f.Add(`"default";r=50;t=30`, `"burst";q=100;w=60,"daily";q=1000;w=86400`, "", "", "")
	f.Add("limit=100, remaining=50, reset=30", "100;w=60", "", "", "")
	f.Add("", "100;w=60", "100, 100;w=60", "99", "50")
	f.Add(`"a";r=99999999999;t=1e9`, `"a";q=-1;w=99999999999999`, `10, 10;w=1;name="per-ip"`, "9, 8", "1795255290")
	f.Add(`(a b);r=1, "x`, "a;q=1.5;w=0.5", ";w", "", "")
	f.Fuzz(func(t *testing.T, state, policy, limit, remaining, reset string) {
		h := http.Header{"Date": {"Sat, 21 Nov 2026 10:00:00 GMT"}}
		for name, value := range map[string]string{"Ratelimit": state, "Ratelimit-Policy": policy, "Ratelimit-Limit": limit, "Ratelimit-Remaining": remaining, "Ratelimit-Reset": reset} {
			if value != "" {
				h[name] = []string{value}
			}
		}
		limits := []api.Limit{window("minute", 100, time.Minute), window("day", 1000, 24*time.Hour), bucket("bucket", 10, 1, time.Second)}
		annotated := []api.QuotaHeaders{{IETF: "RateLimit", Limits: map[string]string{"burst": "minute", "default": "bucket"}}}
		for _, op := range []*api.Operation{drawing("minute", "day", "bucket"), drawing("bucket"), drawing()} {
			check(t, &api.API{Limits: limits, QuotaHeaders: annotated}, op, h, nil)
			check(t, &api.API{Limits: limits}, op, h, nil)
		}
	})
}

func FuzzInference(f *testing.F) {
	f.Add("X-Ratelimit-Limit", "100", "X-Ratelimit-Remaining", "99", "X-Ratelimit-Reset", "30")
	f.Add("Anthropic-Ratelimit-Tokens-Remaining", "9", "X-Hubspot-Ratelimit-Interval-Milliseconds", "10000", "X-Rate-Limit", "700")
	f.Add("X-Ratelimit-Limit-Minute", "9", "X-Ratelimit-Reset-After", "1.25", "Ratelimit-Resettime", "Sat, 21 Nov 2026 10:00:30 GMT")
	f.Add("Acme-Ratelimit-Core", "total=1; remaining=0; resets=99999999", "Ratelimit", `"a";r=1;t=2`, "Rate-Limit", "=")
	f.Add("-Rate--Limit-", "1", "Ratelimit-Policy", "1;w=1", "_ratelimit_", "2")
	f.Fuzz(func(t *testing.T, n1, v1, n2, v2, n3, v3 string) {
		h := http.Header{"Date": {"Sat, 21 Nov 2026 10:00:00 GMT"}}
		h.Add(n1, v1)
		h.Add(n2, v2)
		h.Add(n3, v3)
		for _, op := range []*api.Operation{drawing("core"), drawing("core", "tokens"), drawing()} {
			check(t, &api.API{Limits: []api.Limit{window("core", 100, time.Minute), bucket("tokens", 5, 1, time.Second)}}, op, h, nil)
		}
	})
}

func FuzzBody(f *testing.F) {
	for _, tt := range answersOf {
		if tt.body != "" {
			f.Add(tt.body)
		}
	}
	f.Add(`{"extensions":{"cost":{"requestedQueryCost":1e99,"actualQueryCost":-5,"throttleStatus":{"maximumAvailable":1e400,"currentlyAvailable":"x","restoreRate":-0}}}}`)
	f.Add(`{"data":{"rateLimit":{"limit":5,"cost":0.5,"remaining":9,"resetAt":"9999-01-01T00:00:00Z"}}}`)
	f.Fuzz(func(t *testing.T, body string) {
		for _, provider := range []string{"github", "shopify graphql", "google", "digits", "aws", "notion", "discord"} {
			desc := dialects[provider]
			check(t, desc, drawing(desc.Limits[0].Name), http.Header{}, []byte(body))
		}
	})
}
