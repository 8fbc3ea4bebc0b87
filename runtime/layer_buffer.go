package runtime

import (
	"bytes"
	"fmt"
	"io"
	"net/http"

	"github.com/weirkit/weir/runtime/retry"
)

const defaultMaxBody = 64 << 20

// buffering reads the body whole, up to the call's bound, so that an answer
// that is cut short is known while the call can still be repeated. What an
// error's status says does not hang on its body, so of that as much is kept as
// there is.
type buffering struct{ next http.RoundTripper }

func (l buffering) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := l.next.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	cl := callFrom(req)
	body, err := readBody(resp, cl.config.maxBody)
	resp.Body.Close()
	if err != nil && resp.StatusCode < 400 && cl.refusal == nil {
		return nil, err
	}
	resp.Body = &buffered{body: body}
	return resp, nil
}

// readBody reads the body, and fails where it is longer than limit. Where its
// length is told it allocates just that.
func readBody(resp *http.Response, limit int64) ([]byte, error) {
	var buf bytes.Buffer
	if n := resp.ContentLength; n > 0 && n <= limit {
		buf.Grow(int(n) + bytes.MinRead) // ReadFrom wants room to find the end in
	}
	n, err := buf.ReadFrom(io.LimitReader(resp.Body, limit+1))
	if n > limit {
		return buf.Bytes()[:limit], retry.Permanent(fmt.Errorf("%w: more than %d bytes: allow more with WithMaxBody", ErrTooLarge, limit))
	}
	if err != nil {
		return buf.Bytes(), fmt.Errorf("read the answer: %w", err)
	}
	return buf.Bytes(), nil
}

// buffered is a body in memory. The layers above take it whole, with bodyOf.
type buffered struct {
	body []byte
	read int
}

func (b *buffered) Read(p []byte) (int, error) {
	if b.read == len(b.body) {
		return 0, io.EOF
	}
	n := copy(p, b.body[b.read:])
	b.read += n
	return n, nil
}

func (*buffered) Close() error { return nil }

func bodyOf(resp *http.Response) []byte {
	if b, ok := resp.Body.(*buffered); ok {
		return b.body
	}
	return nil
}
