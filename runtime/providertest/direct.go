package providertest

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
	"strconv"
)

// errDropped is the error of a call whose connection was closed before its answer.
var errDropped = errors.New("providertest: connection closed before the answer")

// Direct reaches the stand-in by calling it in place, with no HTTP between: for
// simulations of very many calls. An answer comes when it is whole, and a
// dropped call is not sent again as a kept connection's would be; use
// Transport where either matters.
func (p *Provider) Direct() http.RoundTripper { return direct{p} }

type direct struct{ provider *Provider }

// RoundTrip serves the request in the caller's goroutine.
func (d direct) RoundTrip(r *http.Request) (*http.Response, error) {
	ctx := r.Context()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	received := *r
	if received.Host == "" {
		received.Host = r.URL.Host
	}
	received.RemoteAddr = string(clientAddr)
	if received.Header == nil {
		received.Header = http.Header{}
	}
	if received.Body == nil {
		received.Body = http.NoBody
	}
	defer received.Body.Close()
	trace := httptrace.ContextClientTrace(ctx)
	if trace != nil && trace.WroteHeaders != nil {
		trace.WroteHeaders()
	}
	if trace != nil && trace.WroteRequest != nil {
		trace.WroteRequest(httptrace.WroteRequestInfo{})
	}
	w := recording{header: make(http.Header)}
	aborted := w.serve(d.provider, &received)
	if err := ctx.Err(); err != nil && aborted {
		return nil, err
	}
	if w.status == 0 {
		return nil, errDropped
	}
	if trace != nil && trace.GotFirstResponseByte != nil {
		trace.GotFirstResponseByte()
	}
	return w.response(r, aborted), nil
}

// recording is an answer being written.
type recording struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (w *recording) Header() http.Header         { return w.header }
func (w *recording) WriteHeader(status int)      { w.status = status }
func (w *recording) Write(b []byte) (int, error) { return w.body.Write(b) }

// serve reports whether the connection would have been closed in the middle.
func (w *recording) serve(h http.Handler, r *http.Request) (aborted bool) {
	defer func() {
		switch v := recover(); v {
		case nil:
		case http.ErrAbortHandler:
			aborted = true
		default:
			panic(v)
		}
	}()
	h.ServeHTTP(w, r)
	return false
}

func (w *recording) response(r *http.Request, cut bool) *http.Response {
	length := int64(w.body.Len())
	if n, err := strconv.ParseInt(w.header.Get("Content-Length"), 10, 64); err == nil {
		length = n
	}
	body := io.Reader(&w.body)
	if cut {
		body = io.MultiReader(body, cutReader{})
	}
	return &http.Response{
		Status: strconv.Itoa(w.status) + " " + http.StatusText(w.status), StatusCode: w.status,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: w.header, Body: io.NopCloser(body), ContentLength: length, Request: r,
	}
}

// cutReader is the end of a body that has not ended.
type cutReader struct{}

func (cutReader) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }
