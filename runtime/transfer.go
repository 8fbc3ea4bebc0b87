package runtime

// This file sends content to addresses that answers give, as uploads in several
// steps do: sign up for it, send the bytes to another host, say that it is done.

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/page"
)

// Transfer is content for an address that the provider has given.
type Transfer struct {
	// Operation is what errors and events call it ("Files.Upload").
	Operation string
	// Method is the HTTP method; empty means POST.
	Method string
	// URL is the address as it was given. It is not put into errors, since such
	// addresses are often signed: who has one may use it.
	URL string
	// Domain is where the address must lead: to the domain itself, to a host below
	// it, or to the host that the client's calls go to.
	Domain string
	// ContentType is of the content; empty means application/octet-stream.
	ContentType string
	// Content is read from where it stands to its end. One that can seek is sent
	// again where an attempt fails; any other has one attempt.
	Content io.Reader
	// Size is the exact length of Content in bytes. Negative means that Content is
	// to tell by seeking, and is an error if it cannot.
	Size int64
}

// transferRate is the slowest transfer that an attempt has the time for, in
// bytes a second.
const transferRate = 64 << 10

// ErrLength says that the content of a transfer is shorter or longer than it was
// said to be.
var ErrLength = errors.New("the content has another length than was said")

// Transfer sends content to an address that the provider has given, and returns
// the answer's body. The client's credential stays at home, as do the headers of
// WithHeader: what proves the right to send is the address. So it must be https
// (or, for tests, as the client's own address is) and within the transfer's
// domain; redirects are not followed.
//
// The request draws on no limit. It is repeated by the call's policy. An attempt
// has the time of [WithAttemptTimeout] and a second for each 64 KiB. Content of
// another length than was said is an error that wraps [ErrLength], and is not
// sent whole. Every error is an *Error.
func (c *Client) Transfer(ctx context.Context, t Transfer, opts ...Option) ([]byte, error) {
	if t.Method == "" {
		t.Method = http.MethodPost
	}
	cl := &call{op: &api.Operation{Name: t.Operation, Method: t.Method, Idempotent: true}, since: c.clock.Now(), repeatable: true}
	ans, err := c.transfer(ctx, cl, t, opts)
	if err != nil || c.isError(ans) {
		return nil, c.failure(cl, ans, err)
	}
	return ans.body, nil
}

func (c *Client) transfer(ctx context.Context, cl *call, t Transfer, opts []Option) (*answer, error) {
	var err error
	if cl.config, err = c.configure(opts); err != nil {
		return nil, err
	}
	u, err := t.target(c.base)
	if err != nil {
		return nil, err
	}
	open, size, again, err := t.content()
	if err != nil {
		return nil, err
	}
	cl.config.attemptTimeout += time.Duration(size/transferRate) * time.Second
	cl.target, cl.url = u, u
	req := (&http.Request{Method: t.Method, URL: u, Host: u.Host, ContentLength: size, Header: http.Header{
		"User-Agent": {c.userAgent}, "Content-Type": {t.ContentType},
	}}).WithContext(context.WithValue(ctx, callKey{}, cl))
	if t.ContentType == "" {
		req.Header.Set("Content-Type", "application/octet-stream")
	}
	if req.Body, err = open(); err != nil {
		return nil, err
	}
	if again {
		req.GetBody = open
	}
	resp, err := c.aside.do(req)
	if resp == nil {
		return nil, err
	}
	ans := &answer{status: resp.StatusCode, header: resp.Header, body: bodyOf(resp)}
	if r := cl.config.response; r != nil {
		*r = Response{StatusCode: ans.status, Header: ans.header, Body: ans.body, Attempts: cl.attempts}
	}
	return ans, err
}

// target checks the address, and names no more of it than the host.
func (t Transfer) target(base *url.URL) (*url.URL, error) {
	u, err := url.Parse(t.URL)
	if err != nil || u.Host == "" || u.Opaque != "" || u.User != nil {
		return nil, invalid("the address to send to does not parse, has no host or has a user")
	}
	if page.SameOrigin(u, base) {
		return u, nil
	}
	host := strings.ToLower(u.Hostname())
	within := t.Domain != "" && (host == t.Domain || strings.HasSuffix(host, "."+t.Domain))
	if !within || u.Scheme != "https" && u.Scheme != base.Scheme {
		return nil, invalid("the address to send to is at %s://%s, which is not https within %q", u.Scheme, u.Host, t.Domain)
	}
	return u, nil
}

// content returns what opens the content for an attempt, its size, and whether
// it can be opened again.
func (t Transfer) content() (open func() (io.ReadCloser, error), size int64, again bool, err error) {
	if t.Content == nil {
		return nil, 0, false, invalid("there is no content")
	}
	rewound, size, again := rewinding(t.Content)
	switch {
	case !again && t.Size < 0:
		return nil, 0, false, invalid("the content does not tell its length: say it")
	case !again:
		size = t.Size
		rewound = func() (io.ReadCloser, error) { return io.NopCloser(t.Content), nil }
	case t.Size >= 0 && t.Size != size:
		return nil, 0, false, fmt.Errorf("%w: it has %d bytes, and %d were said", ErrLength, size, t.Size)
	}
	return exactly(rewound, size), size, again, nil
}

// sendingAside counts the attempts, as admission does of what draws on limits.
type sendingAside struct{ next http.RoundTripper }

func (l sendingAside) RoundTrip(req *http.Request) (*http.Response, error) {
	callFrom(req).attempts++
	return l.next.RoundTrip(req)
}
