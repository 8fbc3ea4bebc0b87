package zendesk_test

import (
	"strings"
	"testing"

	"github.com/weirkit/weir/runtime"
	"github.com/weirkit/weir/sdk/zendesk"
)

// A token that cannot be right is refused before the first call, and not shown.
func TestTokensThatCannotBe(t *testing.T) {
	for _, token := range []string{"", " ", "s3cr3t\n", " s3cr3t", "s3c r3t", "s3cr3t\r\nEvil: s3cr3t", "s3cr3t\u2028", "s3cr3t\x00"} {
		for name, option := range map[string]runtime.ClientOption{
			"API token": zendesk.APIToken("me@acme.example", token),
			"address":   zendesk.APIToken(token, "token"),
			"OAuth":     zendesk.OAuthToken(token),
		} {
			if name == "address" && token == "s3c r3t" {
				continue // RFC 5321 has addresses with spaces, in quotes
			}
			if _, err := zendesk.New("acme", option); err == nil || strings.Contains(err.Error(), "s3c") {
				t.Errorf("%s %q: %v", name, token, err)
			}
		}
	}
	if _, err := zendesk.New("acme", zendesk.APIToken("me@acme.example", "s3cr3t")); err != nil {
		t.Error(err)
	}
}
