package github_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

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
			if strings.Contains(tt.url, "uploads.") {
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
