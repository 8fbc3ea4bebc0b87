package runtime

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/weirkit/weir/runtime/clock"
	"github.com/weirkit/weir/runtime/retry"
)

const defaultAttemptTimeout = time.Minute

// newTransport makes a client's own transport. The standard one keeps two idle
// connections to a host, so that a burst at a window's turn would dial anew. A
// program that replaced http.DefaultTransport, to trace or to mock, wants its own.
func newTransport() http.RoundTripper {
	standard, ok := http.DefaultTransport.(*http.Transport)
	if !ok {
		return http.DefaultTransport
	}
	t := standard.Clone()
	t.MaxIdleConns = 0 // no bound over all hosts: a client has one
	t.MaxIdleConnsPerHost = 256
	return t
}

// sending gives each attempt its time, in the client's clock, from here to the
// end of the body.
type sending struct {
	transport http.RoundTripper
	clock     clock.Clock
}

// attemptTimeoutError is temporary as net's timeouts are.
type attemptTimeoutError struct{ after time.Duration }

func (e attemptTimeoutError) Error() string {
	return fmt.Sprintf("no whole answer within %v", e.after)
}
func (attemptTimeoutError) Timeout() bool { return true }

func (l sending) RoundTrip(req *http.Request) (*http.Response, error) {
	limit := callFrom(req).config.attemptTimeout
	if limit == 0 { // a Transport's callers have timeouts of their own
		return l.send(req)
	}
	ctx, cancel := context.WithCancelCause(req.Context())
	timer := l.clock.NewTimer(limit)
	go func() {
		select {
		case <-timer.C():
			cancel(attemptTimeoutError{limit})
		case <-ctx.Done():
			timer.Stop()
		}
	}()
	resp, err := l.send(req.WithContext(ctx))
	if err != nil {
		err = causeOf(ctx, err)
		cancel(nil)
		return nil, err
	}
	resp.Body = watchBody(ctx, resp.Body, func(error) { cancel(nil) })
	return resp, nil
}

func (l sending) send(req *http.Request) (*http.Response, error) {
	resp, err := l.transport.RoundTrip(req)
	resp, err = honest(req, resp, err)
	if err == nil && resp == nil {
		err = retry.Permanent(errors.New("the transport returned neither an answer nor an error"))
	}
	if err != nil {
		return nil, err
	}
	if resp.Body == nil { // as test doubles leave it
		resp.Body = http.NoBody
	}
	return resp, nil
}

// causeOf tells a timeout of ours from the caller's cancellation.
func causeOf(ctx context.Context, err error) error {
	if timeout, ok := errors.AsType[attemptTimeoutError](context.Cause(ctx)); ok {
		return timeout
	}
	return err
}

// watchBody has end called once, when the body has ended, failed or was closed;
// with the error that it failed with. Where there is none, that is at once.
func watchBody(ctx context.Context, body io.ReadCloser, end func(error)) io.ReadCloser {
	if body == http.NoBody {
		end(nil)
		return body
	}
	watched := &watchedBody{ReadCloser: body, ctx: ctx, end: end}
	if w, ok := body.(io.Writer); ok { // a connection that has switched to another protocol
		return struct {
			*watchedBody
			io.Writer
		}{watched, w}
	}
	return watched
}

type watchedBody struct {
	io.ReadCloser
	ctx  context.Context
	end  func(error)
	once sync.Once
}

func (b *watchedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	switch err {
	case nil:
	case io.EOF:
		b.once.Do(func() { b.end(nil) })
	default:
		err = causeOf(b.ctx, err)
		b.once.Do(func() { b.end(err) })
	}
	return n, err
}

func (b *watchedBody) Close() error {
	err := b.ReadCloser.Close()
	b.once.Do(func() { b.end(nil) })
	return err
}

func closeIdle(rt http.RoundTripper) {
	if t, ok := rt.(*http.Transport); ok && rt != http.DefaultTransport {
		t.CloseIdleConnections()
	}
}
