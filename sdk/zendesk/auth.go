package zendesk

import (
	"errors"
	"strings"
	"unicode"

	"github.com/weirkit/weir/runtime"
)

// APIToken signs calls as the person with this email address, by an API token
// of the account. Zendesk takes it as basic authentication, with "/token" after
// the address.
//
// Calls by API token count as the person's, together with what that person does
// in the agent interface.
func APIToken(email, token string) runtime.ClientOption {
	switch e, t := strings.TrimSpace(email), strings.TrimSpace(token); {
	case e == "" || t == "":
		return runtime.Invalid(errors.New("APIToken: the email address or the token is empty"))
	case e != email || t != token || strings.ContainsFunc(token, unicode.IsSpace):
		return runtime.Invalid(errors.New("APIToken: the email address or the token has a space or a line break: trim it"))
	}
	return runtime.WithBasic(email+"/token", token)
}

// OAuthToken signs calls by an OAuth access token.
func OAuthToken(token string) runtime.ClientOption {
	return runtime.WithBearer(token)
}
