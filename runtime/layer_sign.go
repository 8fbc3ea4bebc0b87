package runtime

import (
	"fmt"
	"net/http"

	"github.com/weirkit/weir/runtime/page"
)

// signing adds the credential, to the provider's own host alone.
type signing struct {
	next       http.RoundTripper
	credential Credential
	client     *Client
}

func (l signing) RoundTrip(req *http.Request) (*http.Response, error) {
	if l.credential == nil {
		return l.next.RoundTrip(req)
	}
	host, err := l.client.baseOf(callFrom(req).op)
	if err != nil || !page.SameOrigin(req.URL, host) {
		return nil, unsigned{fmt.Errorf("%w: %s is not the provider's host", ErrRedirect, req.URL.Host)}
	}
	signed := req.Clone(req.Context())
	if err := l.credential.Sign(signed); err != nil {
		return nil, unsigned{fmt.Errorf("sign the request: %w", err)}
	}
	return l.next.RoundTrip(signed)
}

// unsigned marks the error of a request that was not let go.
type unsigned struct{ error }

func (e unsigned) Unwrap() error { return e.error }
