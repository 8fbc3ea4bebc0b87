package runtime

import (
	"fmt"
	"net/http"
	"net/url"

	"github.com/weirkit/weir/runtime/page"
	"github.com/weirkit/weir/runtime/retry"
)

// redirecting follows redirects of safe requests on the provider's own host.
// Each hop passes the budget. The rest is the caller's to see: an error with a
// status of 3xx that names the other host, and by WithResponse the Location.
type redirecting struct{ next http.RoundTripper }

const maxRedirects = 5

func (l redirecting) RoundTrip(req *http.Request) (*http.Response, error) {
	for range maxRedirects + 1 {
		resp, err := l.next.RoundTrip(req)
		if err != nil || !callFrom(req).op.Safe() {
			return resp, err
		}
		to, ok := redirectTarget(resp)
		if !ok || callFrom(req).locates && isAddress(resp.StatusCode) {
			return resp, nil
		}
		target, err := req.URL.Parse(to)
		if err != nil || !page.SameOrigin(target, req.URL) {
			return resp, nil
		}
		req = req.Clone(req.Context())
		req.URL = target
		if req.GetBody != nil {
			if req.Body, err = req.GetBody(); err != nil {
				return nil, retry.Permanent(err)
			}
		}
	}
	return nil, retry.Permanent(fmt.Errorf("%w: more than %d in a row", ErrRedirect, maxRedirects))
}

// notFollowed is the error of an answer that redirects. It names no more of the
// target than the host: what follows may be a signed address.
func notFollowed(from *url.URL, location string) error {
	to, err := from.Parse(location)
	if err != nil {
		return fmt.Errorf("%w: it leads to an address that does not parse", ErrRedirect)
	}
	return fmt.Errorf("%w: it leads to %s://%s", ErrRedirect, to.Scheme, to.Host)
}

func redirectTarget(resp *http.Response) (string, bool) {
	switch resp.StatusCode {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther,
		http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		to := resp.Header.Get("Location")
		return to, to != ""
	}
	return "", false
}
