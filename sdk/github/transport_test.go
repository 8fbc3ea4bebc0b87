package github_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/weirkit/weir/internal/walk"
	"github.com/weirkit/weir/runtime"
	"github.com/weirkit/weir/sdk/github"
)

func TestRoutes(t *testing.T) { walk.Routes(t, &github.API) }

// TestTransportKnowsGitHubsHosts: the API's, that of uploads, an Enterprise
// Server's; and no others.
func TestTransportKnowsGitHubsHosts(t *testing.T) {
	const upload = "/repos/acme/weir/releases/1/assets?name=a"
	for name, tt := range map[string]struct {
		url  string
		opts []runtime.ClientOption
		want string
	}{
		"the API":            {"https://api.github.com/repos/acme/weir", nil, "concurrent core points"},
		"uploads":            {"https://uploads.github.com" + upload, nil, "concurrent core points"},
		"an unlisted route":  {"https://api.github.com/repos/acme/weir/unheard", nil, "concurrent core points"},
		"an unlisted search": {"https://api.github.com/search/unheard", nil, "concurrent points search"},
		"GraphQL":            {"https://api.github.com/graphql", []runtime.ClientOption{github.WithGraphQL()}, "concurrent graphql graphql_points"},
		"the site":           {"https://github.com/repos/acme/weir", nil, ""},
		"a download":         {"https://codeload.github.com/repos/acme/weir", nil, ""},
		"a server":           {"https://git.acme.example/api/v3/repos/acme/weir", []runtime.ClientOption{github.EnterpriseServer("https://git.acme.example")}, "concurrent core points"},
		"a server's pages":   {"https://git.acme.example/repos/acme/weir", []runtime.ClientOption{github.EnterpriseServer("https://git.acme.example")}, ""},
		"not that server":    {"https://api.github.com/repos/acme/weir", []runtime.ClientOption{github.EnterpriseServer("https://git.acme.example")}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			transport, err := github.Transport(&inTurn{}, tt.opts...)
			if err != nil {
				t.Fatal(err)
			}
			method := http.MethodGet
			if strings.Contains(tt.url, "uploads.") || strings.Contains(tt.url, "/graphql") {
				method = http.MethodPost
			}
			req, _ := http.NewRequest(method, tt.url, nil)
			resp, err := transport.RoundTrip(req)
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
			var limits []string
			for _, c := range transport.Ledger().Snapshot().Counters {
				limits = append(limits, c.Key.Limit)
			}
			slices.Sort(limits)
			if got := strings.Join(limits, " "); got != tt.want {
				t.Errorf("draws on %q, want %q", got, tt.want)
			}
		})
	}
}

// TestTransportKnowsRefusalsOfGraphQL: they have status 200.
func TestTransportKnowsRefusalsOfGraphQL(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		base := &inTurn{answers: []func() *http.Response{func() *http.Response {
			return reply(200, `{"errors": [{"type": "RATE_LIMITED"}]}`, map[string]string{"Retry-After": "20", "X-Ratelimit-Resource": "graphql"})
		}}}
		transport, err := github.Transport(base, github.WithGraphQL())
		if err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		resp, err := (&http.Client{Transport: transport}).Post("https://api.github.com/graphql", "application/json", strings.NewReader(`{"query": "{ viewer { login } }"}`))
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if took := time.Since(start); len(base.seen) != 2 || took < 20*time.Second {
			t.Errorf("%d requests in %v, want a second one after 20s", len(base.seen), took)
		}
	})
	if _, err := github.New(github.WithGraphQL()); err == nil || !strings.Contains(err.Error(), "WithOperations is for a Transport") {
		t.Errorf("a client with the option: error = %v", err)
	}
}
