package runtime

// This file builds requests: an operation's facts and a call's arguments become
// a URL, headers and a body.

import (
	"bytes"
	"context"
	"crypto/rand"
	"io"
	"net/http"
	"net/url"
	"reflect"
	"strings"

	"github.com/weirkit/weir/runtime/api"
)

// prepared is a call made ready: what does not change between its attempts,
// nor between the pages of a list.
type prepared struct {
	url    *url.URL
	header http.Header
	body   requestBody
	path   map[string]string // the path parameters as sent, for scopes
}

func (c *Client) prepare(op *api.Operation, args Args, cfg callConfig) (*prepared, error) {
	if !strings.HasPrefix(op.Path, "/") {
		return nil, invalid("the operation's path %q has to begin with a slash", op.Path)
	}
	u, values, err := c.address(op, args.Path)
	if err != nil {
		return nil, err
	}
	header := c.baseHeader()
	query := u.Query() // some operations differ by no more than that
	if err := encodeParams(args.Params, query, header); err != nil {
		return nil, err
	}
	u.RawQuery = query.Encode()
	for name, v := range cfg.header {
		header[name] = v
	}
	body, err := encodeBody(op, args.Body)
	if err != nil {
		return nil, err
	}
	if body.contentType != "" && !(body.asGiven && header.Get("Content-Type") != "") {
		header.Set("Content-Type", body.contentType)
	}
	if op.IdempotencyHeader != "" && header.Get(op.IdempotencyHeader) == "" {
		header.Set(op.IdempotencyHeader, rand.Text())
	}
	return &prepared{url: u, header: header, body: body, path: values}, nil
}

// address is where an operation is, with the values of its path as they are sent.
func (c *Client) address(op *api.Operation, args []any) (*url.URL, map[string]string, error) {
	path, values, err := expandPath(op.Path, args)
	if err != nil {
		return nil, nil, err
	}
	base, err := c.baseOf(op)
	if err != nil {
		return nil, nil, invalid("the operation's server %q: %v", op.Server, err)
	}
	u, err := url.Parse(base.String() + path)
	if err != nil {
		return nil, nil, invalid("the path does not make a URL: %v", err)
	}
	return u, values, nil
}

// baseHeader is what all requests have.
func (c *Client) baseHeader() http.Header {
	header := http.Header{"User-Agent": {c.userAgent}, "Accept": {"application/json"}}
	for _, h := range c.desc.Headers {
		header.Set(h.Name, h.Value)
	}
	return header
}

// request makes the request for one page, or for the whole call.
func (p *prepared) request(ctx context.Context, method string, u *url.URL) (*http.Request, error) {
	req := (&http.Request{Method: method, URL: u, Host: u.Host, Header: p.header.Clone()}).WithContext(ctx)
	return req, p.body.attach(req)
}

// expandPath fills the placeholders of a path template. A value is one segment
// whatever it holds: what could lead to another route is escaped or refused.
func expandPath(template string, args []any) (string, map[string]string, error) {
	var b strings.Builder
	values := map[string]string{}
	rest, filled := template, 0
	for {
		before, after, found := strings.Cut(rest, "{")
		b.WriteString(before)
		if !found {
			break
		}
		name, tail, closed := strings.Cut(after, "}")
		if !closed {
			return "", nil, invalid("the path %s has an open brace", template)
		}
		if filled == len(args) {
			return "", nil, invalid("the path %s needs more than the %d values given", template, len(args))
		}
		value, err := text(reflect.ValueOf(args[filled]))
		if err != nil {
			return "", nil, invalid("path parameter %s: %v", name, err)
		}
		if value == "" || value == "." || value == ".." {
			return "", nil, invalid("path parameter %s is %q, which would be another route", name, value)
		}
		b.WriteString(url.PathEscape(value))
		values[name] = value
		rest = tail
		filled++
	}
	if filled < len(args) {
		return "", nil, invalid("the path %s takes %d values, not %d", template, filled, len(args))
	}
	return b.String(), values, nil
}

// requestBody is an encoded body. Bytes can be sent again, a stream only once.
type requestBody struct {
	contentType string
	bytes       []byte
	stream      io.Reader
	asGiven     bool // not encoded here, so that a caller may know better of what type it is
}

func (b requestBody) attach(req *http.Request) error {
	switch {
	case b.stream != nil:
		req.Body, req.ContentLength = io.NopCloser(b.stream), -1
		open, length, again := rewinding(b.stream)
		if sized, ok := b.stream.(interface{ Len() int }); ok && !again {
			length = int64(sized.Len())
			open = func() (io.ReadCloser, error) { return io.NopCloser(b.stream), nil }
		}
		if open == nil {
			return nil
		}
		open = exactly(open, length)
		if again {
			req.GetBody = open
		}
		var err error
		req.Body, err = open()
		req.ContentLength = length
		return err
	case b.bytes != nil:
		req.ContentLength = int64(len(b.bytes))
		req.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(b.bytes)), nil }
		req.Body, _ = req.GetBody()
	}
	return nil
}
