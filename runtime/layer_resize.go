package runtime

import (
	"net/http"

	"github.com/weirkit/weir/runtime/retry"
)

// resizing sends what the call wants by now: between its attempts a list may
// turn to a smaller page than the one that the provider has just failed on. It
// does so within one call, so that the policy's attempts, waits and longest time
// are those of a page, however often its size changes.
type resizing struct{ next http.RoundTripper }

func (l resizing) RoundTrip(req *http.Request) (*http.Response, error) {
	cl := callFrom(req)
	if cl.target == req.URL {
		return l.next.RoundTrip(req)
	}
	req = req.WithContext(req.Context())
	req.URL = cl.target
	if cl.asks { // of what is stored of the larger page
		req.Header = withoutConditions(req.Header)
	}
	if err := cl.prepared.body.attach(req); err != nil {
		return nil, retry.Permanent(err)
	}
	return l.next.RoundTrip(req)
}
