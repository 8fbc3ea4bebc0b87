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
	path, values, err := expandPath(op.Path, args.Path)
	if err != nil {
		return nil, err
	}
	u, err := url.Parse(c.base.String() + path)
	if err != nil {
		return nil, invalid("the path does not make a URL: %v", err)
	}
	header := http.Header{"User-Agent": {c.userAgent}, "Accept": {"application/json"}}
	query := url.Values{}
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
	if body.contentType != "" {
		header.Set("Content-Type", body.contentType)
	}
	if op.IdempotencyHeader != "" && header.Get(op.IdempotencyHeader) == "" {
		header.Set(op.IdempotencyHeader, rand.Text())
	}
	return &prepared{url: u, header: header, body: body, path: values}, nil
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
	rest := template
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
		if len(values) == len(args) {
			return "", nil, invalid("the path %s needs more than the %d values given", template, len(args))
		}
		value, err := text(reflect.ValueOf(args[len(values)]))
		if err != nil {
			return "", nil, invalid("path parameter %s: %v", name, err)
		}
		if value == "" || value == "." || value == ".." {
			return "", nil, invalid("path parameter %s is %q, which would be another route", name, value)
		}
		b.WriteString(url.PathEscape(value))
		values[name] = value
		rest = tail
	}
	if len(values) < len(args) {
		return "", nil, invalid("the path %s takes %d values, not %d", template, len(values), len(args))
	}
	return b.String(), values, nil
}

// requestBody is an encoded body. Bytes can be sent again, a stream only once.
type requestBody struct {
	contentType string
	bytes       []byte
	stream      io.Reader
}

func (b requestBody) attach(req *http.Request) error {
	switch {
	case b.stream != nil:
		req.Body = io.NopCloser(b.stream)
		req.ContentLength = -1
		if sized, ok := b.stream.(interface{ Len() int }); ok {
			req.ContentLength = int64(sized.Len())
		}
		seeker, ok := b.stream.(io.Seeker)
		if !ok {
			return nil
		}
		start, err := seeker.Seek(0, io.SeekCurrent)
		if err != nil {
			return nil // A pipe: it has the method but cannot seek, so it is sent once.
		}
		req.GetBody = func() (io.ReadCloser, error) {
			_, err := seeker.Seek(start, io.SeekStart)
			return io.NopCloser(b.stream), err
		}
	case b.bytes != nil:
		req.ContentLength = int64(len(b.bytes))
		req.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(b.bytes)), nil }
		req.Body, _ = req.GetBody()
	}
	return nil
}
