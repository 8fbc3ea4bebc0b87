package quota

// This file has the dialects of providers as they are annotated, for
// providers_test.go. Each is what a specs folder would say of the provider; the
// limits are shortened to those that tell dialects apart.

import (
	"time"

	"github.com/weirkit/weir/runtime/api"
)

func window(name string, limit int, per time.Duration) api.Limit {
	return api.Limit{Name: name, Shape: api.Window{Limit: limit, Per: per}}
}

func bucket(name string, burst, refill int, per time.Duration) api.Limit {
	return api.Limit{Name: name, Shape: api.Bucket{Burst: burst, Refill: refill, Per: per}}
}

func inBodies(path ...string) func(values ...string) *api.BodyRule {
	return func(values ...string) *api.BodyRule { return &api.BodyRule{Path: path, In: values} }
}

var dialects = map[string]*api.API{
	"slack": {
		Limits:       []api.Limit{window("tier2", 20, time.Minute)},
		QuotaHeaders: []api.QuotaHeaders{},
		Throttling: []api.Throttling{
			{Status: 429, RetryAfter: api.RetryAfterHeader},
			{Status: 200, When: inBodies("error")("ratelimited", "rate_limited"), RetryAfter: api.RetryAfterHeader},
		},
	},
	"github": {
		Limits: []api.Limit{window("core", 5000, time.Hour), window("search", 30, time.Minute), window("graphql", 5000, time.Hour), window("points", 900, time.Minute)},
		QuotaHeaders: []api.QuotaHeaders{{
			Limit: "x-ratelimit-limit", Remaining: "x-ratelimit-remaining", Used: "x-ratelimit-used",
			Reset: "x-ratelimit-reset", ResetIs: api.EpochSeconds, Names: "x-ratelimit-resource",
		}},
		QuotaBodies: []api.QuotaBody{{
			Limit: api.Path{"data", "rateLimit", "limit"}, Remaining: api.Path{"data", "rateLimit", "remaining"},
			Reset: api.Path{"data", "rateLimit", "resetAt"}, ResetIs: api.ISO8601,
			Cost: api.Path{"data", "rateLimit", "cost"}, Of: []string{"graphql"},
		}},
		Throttling: []api.Throttling{
			{Status: 403, WhenHeader: &api.HeaderRule{Header: "Retry-After"}, Of: []string{"points"}},
			{Status: 403, RetryAfter: api.RetryAfterHeader},
			{Status: 429, RetryAfter: api.RetryAfterHeader, Wait: time.Minute},
			{Status: 200, When: inBodies("errors", "type")("RATE_LIMITED", "RATE_LIMIT"), RetryAfter: api.RetryAfterHeader},
		},
	},
	"zendesk": {
		Limits: []api.Limit{window("support", 700, time.Minute), window("tickets", 100, time.Minute), {Name: "jobs", Shape: api.Concurrency{Max: 30}}},
		QuotaHeaders: []api.QuotaHeaders{
			{Limit: "X-Rate-Limit", Remaining: "X-Rate-Limit-Remaining", Of: []string{"support", "help-center"}},
			{Limit: "ratelimit-limit", Remaining: "ratelimit-remaining", Reset: "ratelimit-reset", ResetIs: api.DeltaSeconds, Of: []string{"support"}},
			{Prefix: "zendesk-ratelimit-", Limit: "total", Remaining: "remaining", Reset: "resets", ResetIs: api.DeltaSeconds,
				Limits: map[string]string{"tickets-index": "tickets", "inflight-jobs": "jobs"}},
		},
	},
	"stripe": {
		Limits:       []api.Limit{window("global", 100, time.Second), window("endpoint", 25, time.Second), {Name: "at-once", Shape: api.Concurrency{Max: 30}}},
		QuotaHeaders: []api.QuotaHeaders{},
		Throttling: []api.Throttling{{
			Status: 429, WhenHeader: &api.HeaderRule{Header: "Stripe-Rate-Limited-Reason"}, Names: "Stripe-Rate-Limited-Reason",
			Limits: map[string]string{"global-rate": "global", "endpoint-rate": "endpoint", "global-concurrency": "at-once"},
		}},
	},
	"google": {
		Limits:       []api.Limit{window("project", 12000, time.Minute), window("user", 12000, time.Minute)},
		QuotaHeaders: []api.QuotaHeaders{},
		Throttling: []api.Throttling{
			{Status: 403, When: inBodies("error", "errors", "reason")("rateLimitExceeded", "userRateLimitExceeded", "dailyLimitExceeded"),
				RetryAfter: api.RetryAfterNone, NamesPath: api.Path{"error", "errors", "reason"},
				Limits: map[string]string{"rateLimitExceeded": "project", "userRateLimitExceeded": "user"}},
			{Status: 429, RetryAfter: api.RetryAfterHeader},
		},
	},
	"twitter": {
		Limits: []api.Limit{window("lookup", 900, 15*time.Minute)},
		QuotaHeaders: []api.QuotaHeaders{
			{Limit: "x-rate-limit-limit", Remaining: "x-rate-limit-remaining", Reset: "x-rate-limit-reset", ResetIs: api.EpochSeconds},
		},
		Throttling: []api.Throttling{
			{Status: 429, RetryAfter: api.RetryAfterHeader},
			{Status: 403, When: inBodies("errors", "code")("88"), RetryAfter: api.RetryAfterHeader},
		},
	},
	"celigo": {
		Limits:       []api.Limit{bucket("account", 1000, 300, time.Second)},
		QuotaHeaders: []api.QuotaHeaders{},
		Throttling:   []api.Throttling{{Status: 429, When: inBodies("errors", "code")("rate_limited"), RetryAfter: api.RetryAfterHeader}},
	},
	"digits": {
		Limits: []api.Limit{window("client", 180, time.Minute), window("token", 60, time.Minute)},
		QuotaHeaders: []api.QuotaHeaders{
			{Limit: "X-RateLimit-Limit", Remaining: "X-RateLimit-Remaining", Reset: "X-RateLimit-Reset", ResetIs: api.EpochSeconds, Of: []string{"token"}},
		},
		Throttling: []api.Throttling{{Status: 429, RetryAfter: api.RetryAfterBody, Path: api.Path{"error", "details", "retry_after"}}},
	},
	"aws": {
		Limits:       []api.Limit{bucket("rate", 4, 4, time.Second), window("quota", 1000, 24*time.Hour)},
		QuotaHeaders: []api.QuotaHeaders{},
		Throttling: []api.Throttling{{
			Status: 429, RetryAfter: api.RetryAfterNone, NamesPath: api.Path{"message"},
			Limits: map[string]string{"Too Many Requests": "rate", "Limit Exceeded": "quota"},
		}},
	},
	"hubspot": {
		Limits: []api.Limit{window("ten-secondly", 190, 10*time.Second), window("daily", 650000, 24*time.Hour)},
		QuotaHeaders: []api.QuotaHeaders{
			{Limit: "X-HubSpot-RateLimit-Max", Remaining: "X-HubSpot-RateLimit-Remaining",
				Window: "X-HubSpot-RateLimit-Interval-Milliseconds", WindowIs: api.DeltaMillis, Of: []string{"ten-secondly"}},
			{Limit: "X-HubSpot-RateLimit-Daily", Remaining: "X-HubSpot-RateLimit-Daily-Remaining", Of: []string{"daily"}},
		},
		Throttling: []api.Throttling{{
			Status: 429, RetryAfter: api.RetryAfterHeader, NamesPath: api.Path{"policyName"},
			Limits: map[string]string{"TEN_SECONDLY_ROLLING": "ten-secondly", "DAILY": "daily"},
		}},
	},
	"notion": {
		Limits:       []api.Limit{window("connection", 180, time.Minute), window("workspace", 1000, time.Minute)},
		QuotaHeaders: []api.QuotaHeaders{},
		Throttling: []api.Throttling{{
			Status: 429, RetryAfter: api.RetryAfterHeader, NamesPath: api.Path{"additional_data", "rate_limit_reason"},
			Limits: map[string]string{"integration": "connection", "workspace": "workspace"},
		}},
	},
	"jira": {
		Limits: []api.Limit{window("points", 65000, time.Hour), window("burst", 100, time.Second)},
		QuotaHeaders: []api.QuotaHeaders{
			{Limit: "X-RateLimit-Limit", Remaining: "X-RateLimit-Remaining", Reset: "X-RateLimit-Reset", ResetIs: api.ISO8601,
				NearLimit: "X-RateLimit-NearLimit", Names: "RateLimit-Reason", Of: []string{"points"},
				Limits: map[string]string{"jira-quota-global-based": "points", "jira-quota-tenant-based": "points", "jira-burst-based": "burst"}},
			{IETF: "Beta-RateLimit", Limits: map[string]string{"global-app-quota": "points"}},
		},
		Throttling: []api.Throttling{
			{Status: 429, Names: "RateLimit-Reason", Limits: map[string]string{"jira-quota-global-based": "points", "jira-burst-based": "burst"}},
			{Status: 503, WhenHeader: &api.HeaderRule{Header: "RateLimit-Reason"}},
		},
	},
	"shopify": {
		Limits:       []api.Limit{bucket("rest", 40, 2, time.Second)},
		QuotaHeaders: []api.QuotaHeaders{{Usage: "X-Shopify-Shop-Api-Call-Limit"}},
	},
	"shopify graphql": {
		Limits:       []api.Limit{bucket("points", 2000, 100, time.Second)},
		QuotaHeaders: []api.QuotaHeaders{},
		QuotaBodies: []api.QuotaBody{{
			Limit:     api.Path{"extensions", "cost", "throttleStatus", "maximumAvailable"},
			Remaining: api.Path{"extensions", "cost", "throttleStatus", "currentlyAvailable"},
			Restore:   api.Path{"extensions", "cost", "throttleStatus", "restoreRate"},
			Cost:      api.Path{"extensions", "cost", "actualQueryCost"}, Requested: api.Path{"extensions", "cost", "requestedQueryCost"},
		}},
		Throttling: []api.Throttling{{Status: 200, When: inBodies("errors", "extensions", "code")("THROTTLED"), RetryAfter: api.RetryAfterHeader}},
	},
	"salesforce": {
		Limits: []api.Limit{window("org", 5000, 24*time.Hour), window("app", 250, 24*time.Hour)},
		QuotaHeaders: []api.QuotaHeaders{
			{Usage: "Sforce-Limit-Info", Limits: map[string]string{"api-usage": "org", "per-app-api-usage": "app"}},
		},
		Throttling: []api.Throttling{{Status: 403, When: inBodies("errorCode")("REQUEST_LIMIT_EXCEEDED"), RetryAfter: api.RetryAfterNone, Of: []string{"org"}}},
	},
	"graph": {
		Limits: []api.Limit{window("units", 3500, 10*time.Second), window("writes", 500, 10*time.Second)},
		QuotaHeaders: []api.QuotaHeaders{
			{UsedShare: "x-ms-throttle-limit-percentage", Cost: "x-ms-resource-unit", Of: []string{"units"}},
		},
		Throttling: []api.Throttling{{
			Status: 429, Names: "x-ms-throttle-scope", Limits: map[string]string{"Tenant_Application/ReadWrite": "units", "Tenant_Application/Write": "writes"},
		}},
	},
	"sharepoint": {
		Limits:       []api.Limit{window("app", 1200, time.Minute)},
		QuotaHeaders: []api.QuotaHeaders{{IETF: "RateLimit", ResetIs: api.DeltaSeconds}},
		Throttling:   []api.Throttling{{Status: 429}, {Status: 503}},
	},
	"intercom": {
		Limits: []api.Limit{window("app", 1667, 10*time.Second)},
		QuotaHeaders: []api.QuotaHeaders{
			{Limit: "X-RateLimit-Limit", Remaining: "X-RateLimit-Remaining", Reset: "X-RateLimit-Reset", ResetIs: api.EpochSeconds},
		},
	},
	"linear": {
		Limits: []api.Limit{window("requests", 2500, time.Hour), window("complexity", 3000000, time.Hour), window("issues", 50, time.Hour)},
		QuotaHeaders: []api.QuotaHeaders{
			{Limit: "X-RateLimit-Requests-Limit", Remaining: "X-RateLimit-Requests-Remaining", Reset: "X-RateLimit-Requests-Reset", ResetIs: api.EpochMillis, Of: []string{"requests"}},
			{Limit: "X-RateLimit-Complexity-Limit", Remaining: "X-RateLimit-Complexity-Remaining", Reset: "X-RateLimit-Complexity-Reset", ResetIs: api.EpochMillis,
				Cost: "X-Complexity", Of: []string{"complexity"}},
			{Limit: "X-RateLimit-Endpoint-Requests-Limit", Remaining: "X-RateLimit-Endpoint-Requests-Remaining", Reset: "X-RateLimit-Endpoint-Requests-Reset",
				ResetIs: api.EpochMillis, Names: "X-RateLimit-Endpoint-Name", Limits: map[string]string{"issueCreate": "issues"}},
		},
		Throttling: []api.Throttling{{Status: 400, When: inBodies("errors", "extensions", "code")("RATELIMITED"), RetryAfter: api.RetryAfterHeader}},
	},
	"gitlab": {
		Limits: []api.Limit{window("web", 60, time.Minute)},
		QuotaHeaders: []api.QuotaHeaders{
			{Limit: "RateLimit-Limit", Remaining: "RateLimit-Remaining", Used: "RateLimit-Observed", Reset: "RateLimit-Reset", ResetIs: api.EpochSeconds,
				Names: "RateLimit-Name", Limits: map[string]string{"throttle_authenticated_web": "web"}},
			{Reset: "RateLimit-ResetTime", ResetIs: api.HTTPDate, Names: "RateLimit-Name", Limits: map[string]string{"throttle_authenticated_web": "web"}},
		},
	},
	"discord": {
		Limits: []api.Limit{window("route", 5, 5*time.Second), window("global", 50, time.Second)},
		QuotaHeaders: []api.QuotaHeaders{
			{Limit: "X-RateLimit-Limit", Remaining: "X-RateLimit-Remaining", Reset: "X-RateLimit-Reset", ResetIs: api.EpochSeconds, Of: []string{"route"}},
			{Reset: "X-RateLimit-Reset-After", ResetIs: api.DeltaSeconds, Of: []string{"route"}},
		},
		Throttling: []api.Throttling{{
			Status: 429, RetryAfter: api.RetryAfterBody, Path: api.Path{"retry_after"}, Names: "X-RateLimit-Scope",
			Limits: map[string]string{"user": "route", "shared": "route", "global": "global"},
		}},
	},
	"openai": {
		Limits: []api.Limit{window("requests", 60, time.Minute), window("tokens", 150000, time.Minute)},
		QuotaHeaders: []api.QuotaHeaders{
			{Limit: "x-ratelimit-limit-requests", Remaining: "x-ratelimit-remaining-requests", Reset: "x-ratelimit-reset-requests", ResetIs: api.GoDuration, Of: []string{"requests"}},
			{Limit: "x-ratelimit-limit-tokens", Remaining: "x-ratelimit-remaining-tokens", Reset: "x-ratelimit-reset-tokens", ResetIs: api.GoDuration, Of: []string{"tokens"}},
		},
		Throttling: []api.Throttling{{Status: 429, Header: "retry-after-ms", RetryAfterIs: api.DeltaMillis}},
	},
	"anthropic": {
		Limits: []api.Limit{window("requests", 50, time.Minute), window("input", 50000, time.Minute)},
		QuotaHeaders: []api.QuotaHeaders{
			{Limit: "anthropic-ratelimit-requests-limit", Remaining: "anthropic-ratelimit-requests-remaining", Reset: "anthropic-ratelimit-requests-reset", ResetIs: api.ISO8601, Of: []string{"requests"}},
			{Limit: "anthropic-ratelimit-input-tokens-limit", Remaining: "anthropic-ratelimit-input-tokens-remaining", Reset: "anthropic-ratelimit-input-tokens-reset", ResetIs: api.ISO8601, Of: []string{"input"}},
		},
	},
	"cloudflare": {
		Limits:       []api.Limit{window("user", 1200, 5*time.Minute), window("burst", 100, time.Minute)},
		QuotaHeaders: []api.QuotaHeaders{{IETF: "RateLimit", Limits: map[string]string{"default": "user"}}},
	},
	"phone.com": {
		Limits:       []api.Limit{window("account", 300, time.Minute)},
		QuotaHeaders: []api.QuotaHeaders{{IETF: "RateLimit", ResetIs: api.EpochSeconds}},
	},
	"envoy": {
		Limits:       []api.Limit{window("address", 10, time.Second), window("everyone", 10, time.Minute)},
		QuotaHeaders: []api.QuotaHeaders{{IETF: "X-RateLimit", Limits: map[string]string{"per-ip": "address"}}},
	},
	"data innovations": {Limits: []api.Limit{bucket("get", 1, 1, time.Minute)}, QuotaHeaders: []api.QuotaHeaders{}},
}
