package runtime_test

// This file has a GraphQL provider that counts points by itself, as GitHub does.

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/weirkit/weir/runtime"
	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/graphql"
)

// hub is an API with a GraphQL endpoint beside other operations: 100 points an
// hour, and 20 a minute that nobody tells of.
func hub() *api.API {
	return &api.API{
		Name:    "hub",
		Servers: []api.Server{{URL: "https://api.hub.example"}},
		Limits: []api.Limit{
			{Name: "points", Shape: api.Window{Limit: 100, Per: time.Hour}, Scope: []api.Scope{api.ScopeUser}},
			{Name: "minute", Shape: api.Window{Limit: 20, Per: time.Minute}, Scope: []api.Scope{api.ScopeUser}},
		},
		QuotaHeaders: []api.QuotaHeaders{{
			Limit: "X-Limit", Remaining: "X-Left", Reset: "X-Reset", ResetIs: api.EpochSeconds, Names: "X-Resource",
			Limits: map[string]string{"graphql": "points"},
		}},
		QuotaBodies: []api.QuotaBody{{
			Limit: api.Path{"data", "rateLimit", "limit"}, Remaining: api.Path{"data", "rateLimit", "remaining"},
			Reset: api.Path{"data", "rateLimit", "resetAt"}, ResetIs: api.ISO8601, Cost: api.Path{"data", "rateLimit", "cost"}, Of: []string{"points"},
		}},
		Throttling: []api.Throttling{
			{Status: 403, When: &api.BodyRule{Path: api.Path{"message"}, Contains: []string{"secondary rate limit"}}, RetryAfter: api.RetryAfterHeader, Wait: time.Minute, Of: []string{"minute"}},
			{Status: 200, When: &api.BodyRule{Path: api.Path{"errors", "type"}, In: []string{"RATE_LIMITED"}}, RetryAfter: api.RetryAfterHeader, Of: []string{"points"}},
			{Status: 200, When: &api.BodyRule{Path: api.Path{"message"}, Contains: []string{"secondary rate limit"}}, RetryAfter: api.RetryAfterHeader, Wait: time.Minute, Of: []string{"minute"}},
		},
		Errors: api.Errors{Message: []api.Path{{"message"}}, RequestID: "X-Request-Id"},
	}
}

var hubEndpoint = &graphql.Endpoint{
	Query: &api.Operation{Name: "GraphQL.Query", Method: "POST", Path: "/graphql", Idempotent: true,
		Draws: []api.Draw{{Limit: "points"}, {Limit: "minute"}}},
	Mutation: &api.Operation{Name: "GraphQL.Mutate", Method: "POST", Path: "/graphql",
		Draws: []api.Draw{{Limit: "points"}, {Limit: "minute", Cost: 5}}},
	At:        map[string]string{"/api/v3": "/api/graphql"},
	Points:    "points",
	Rules:     graphql.Rules{MaxPage: 100, MaxNodes: 500_000, RequestsPerPoint: 100},
	Report:    graphql.Field{Name: "rateLimit", Fields: graphql.Leaves("cost", "limit", "remaining", "resetAt")},
	TooCostly: []string{"RESOURCE_LIMITS_EXCEEDED"},
	Codes:     api.Errors{Codes: []api.ErrorCodes{{Means: api.NotFound, In: []string{"NOT_FOUND"}}, {Means: api.Unavailable, In: []string{"INTERNAL"}}}},
}

// queried is a request as the provider read it.
type queried struct {
	at    time.Duration
	path  string
	query string
	vars  map[string]any
	name  string
}

// pointsProvider charges each query what cost says, and refuses what does not fit
// into the hour that began with its first request.
type pointsProvider struct {
	cost    func(queried) int               // 1 unless set
	answer  func(n int, a queried) reaction // n counts from 1
	latency time.Duration

	mu      sync.Mutex
	start   time.Time
	window  time.Time
	used    int
	refused int
	seen    []queried
}

// reaction is an answer: a whole one, or the members of data.
type reaction struct {
	status int
	header []string
	body   string // whole, if set
	data   string // members of data: "a":1,"b":2
	errors string // the list's elements
}

func (p *pointsProvider) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	raw, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	r.Body.Close()
	var body struct {
		Query         string
		Variables     map[string]any
		OperationName string
	}
	if err := json.Unmarshal(raw, &body); err != nil {
		return nil, err
	}
	if p.latency > 0 {
		time.Sleep(p.latency / 2)
		defer time.Sleep(p.latency / 2)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	if p.start.IsZero() {
		p.start = now
	}
	if now.Sub(p.window) >= time.Hour {
		p.window, p.used = now, 0
	}
	a := queried{at: now.Sub(p.start).Round(time.Millisecond), path: r.URL.Path, query: body.Query, vars: body.Variables, name: body.OperationName}
	p.seen = append(p.seen, a)
	cost := 1
	if p.cost != nil {
		cost = p.cost(a)
	}
	if p.used+cost > 100 {
		p.refused++
		return p.reply(reaction{errors: `{"type":"RATE_LIMITED","message":"API rate limit exceeded for user 7."}`}, 0, a), nil
	}
	p.used += cost
	return p.reply(p.answer(len(p.seen), a), cost, a), nil
}

func (p *pointsProvider) reply(re reaction, cost int, a queried) *http.Response {
	left, reset := 100-p.used, p.window.Add(time.Hour).Truncate(time.Second)
	if re.body == "" {
		data := re.data
		if data != "" && strings.Contains(a.query, "rateLimit {") {
			data += fmt.Sprintf(`,"rateLimit":{"cost":%d,"limit":100,"remaining":%d,"resetAt":%q}`, cost, left, reset.UTC().Format(time.RFC3339))
		}
		var members []string
		if re.errors != "" {
			members = append(members, `"errors":[`+re.errors+`]`)
		}
		if data != "" {
			members = append(members, `"data":{`+data+`}`)
		}
		re.body = "{" + strings.Join(members, ",") + "}"
	}
	header := append([]string{
		"X-Limit", "100", "X-Left", strconv.Itoa(left), "X-Reset", strconv.FormatInt(reset.Unix(), 10), "X-Resource", "graphql", "X-Request-Id", "A:1",
	}, re.header...)
	return reply(max(re.status, 200*map[bool]int{true: 1}[re.status == 0]), re.body, header...)
}

func (p *pointsProvider) times() (times []time.Duration) {
	for _, a := range p.seen {
		times = append(times, a.at)
	}
	return times
}

// reacting makes a provider that gives its answers in turn, and the last for ever.
func reacting(answers ...reaction) *pointsProvider {
	return &pointsProvider{answer: func(n int, _ queried) reaction { return answers[min(n, len(answers))-1] }}
}

var viewer = graphql.Request{Query: `{viewer{login}}`}

type viewerData struct {
	Viewer struct{ Login string }
	Other  *string
}

const aViewer = `"viewer":{"login":"anna"}`

func hubToken(token string) runtime.ClientOption { return runtime.WithBearer(token) }
