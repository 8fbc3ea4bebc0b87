package runtime

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/weirkit/weir/runtime/credential"
	"github.com/weirkit/weir/runtime/page"
)

// signing adds the credential that the call was admitted for, to the provider's
// own host alone.
type signing struct {
	next   http.RoundTripper
	client *Client
}

func (l signing) RoundTrip(req *http.Request) (*http.Response, error) {
	cl := callFrom(req)
	s := cl.signer.seat
	if s.credential == nil {
		return l.next.RoundTrip(req)
	}
	host, err := l.client.baseOf(cl.op)
	if err != nil || !page.SameOrigin(req.URL, host) {
		return nil, unsigned{fmt.Errorf("%w: %s is not the provider's host", ErrRedirect, req.URL.Host)}
	}
	ctx := req.Context()
	if s.renewable != nil {
		ctx = credential.WithClock(ctx, l.client.clock)
	}
	signed := req.Clone(ctx)
	if err := s.credential.Sign(signed); err != nil {
		return nil, unsigned{signError{notOurs(err)}}
	}
	cl.signer.signed = signed
	return l.next.RoundTrip(signed)
}

// unsigned marks the error of a request that was not let go.
type unsigned struct{ error }

func (e unsigned) Unwrap() error { return e.error }

// signError is the error of a credential that cannot sign.
type signError struct{ err error }

func (e signError) Error() string { return "sign the request: " + e.err.Error() }
func (e signError) Unwrap() error { return e.err }

// notOurs keeps how a call fails by which a credential is got, with a client of
// this package, from passing for how the call fails that needs it: that an app is
// not installed must not read as if a repository were not found.
func notOurs(err error) error {
	if _, ok := errors.AsType[*Error](err); ok {
		return errors.New(err.Error())
	}
	return err
}
