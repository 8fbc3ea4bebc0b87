package runtime

// This file holds content to the length that it was said to have.

import (
	"fmt"
	"io"
	"net/http"
	"sync"

	"github.com/weirkit/weir/runtime/retry"
)

// exact reads content of a known length, and fails where there is less or more.
// It looks beyond the end before it lets the last bytes go, so that a receiver
// who counts never has the whole of what is too long.
type exact struct {
	content io.ReadCloser
	size    int64

	mu   sync.Mutex // net/http may read on after it has an answer
	left int64
	err  error // what was wrong with the content
}

func (e *exact) Read(p []byte) (int, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	switch {
	case e.err != nil:
		return 0, e.err
	case e.left == 0:
		return 0, io.EOF
	}
	n, err := e.content.Read(p[:min(int64(len(p)), e.left)])
	e.left -= int64(n)
	switch {
	case err == io.EOF && e.left > 0:
		e.err = fmt.Errorf("%w: it ended after %d bytes, and %d were said", ErrLength, e.size-e.left, e.size)
	case err != nil && err != io.EOF:
		e.err = fmt.Errorf("read the content: %w", err)
	case e.left == 0 && err == nil:
		e.probe()
	}
	if e.err != nil {
		return 0, e.err
	}
	return n, nil
}

// exactly opens content that has to be of one length.
func exactly(open func() (io.ReadCloser, error), size int64) func() (io.ReadCloser, error) {
	return func() (io.ReadCloser, error) {
		r, err := open()
		if err != nil {
			return nil, err
		}
		e := &exact{content: r, size: size, left: size}
		if size > 0 {
			return e, nil
		}
		if e.probe(); e.err != nil { // net/http would not read it
			return nil, e.err
		}
		return http.NoBody, nil
	}
}

// honest has failures of the content end the call: they are not the network's,
// and a transport may have an answer all the same.
func honest(req *http.Request, resp *http.Response, err error) (*http.Response, error) {
	e, ok := req.Body.(*exact)
	if !ok {
		return resp, err
	}
	if failed := e.failed(); failed != nil {
		if resp != nil && resp.Body != nil {
			resp.Body.Close()
		}
		return nil, retry.Permanent(failed)
	}
	return resp, err
}

// probe looks for more than there should be.
func (e *exact) probe() {
	var more [1]byte
	switch n, err := io.ReadFull(e.content, more[:]); {
	case n > 0:
		e.err = fmt.Errorf("%w: it goes on after %d bytes", ErrLength, e.size)
	case err != io.EOF:
		e.err = fmt.Errorf("read the content: %w", err)
	}
}

// failed is what was wrong with the content so far.
func (e *exact) failed() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.err
}

func (e *exact) Close() error { return e.content.Close() }
