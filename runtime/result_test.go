package runtime_test

// This file tests what a caller gets of an answer that is no error.

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"github.com/weirkit/weir/runtime"
	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/retry"
)

// once is a policy for tests of answers that would be repeated.
var once = runtime.WithRetry(retry.Policy{Attempts: 1})

func TestResults(t *testing.T) {
	bare := &api.Operation{Name: "Tickets.Bare", Method: "GET", Path: "/bare/{id}"}
	deep := &api.Operation{Name: "Tickets.Deep", Method: "GET", Path: "/deep/{id}", Result: api.Path{"data", "ticket"}}
	tests := map[string]struct {
		op      *api.Operation
		status  int
		body    string
		want    ticket
		wantErr string // a part of a DecodeError
		raw     string
	}{
		"unwrapped":            {show, 200, `{"count": 1, "ticket": {"id": 1, "subject": "a"} }`, ticket{1, "a"}, "", `{"id": 1, "subject": "a"}`},
		"unwrapped twice":      {deep, 201, `{"data":{"ticket":{"id":2}}}`, ticket{ID: 2}, "", `{"id":2}`},
		"whole":                {bare, 200, `{"id":3}`, ticket{ID: 3}, "", `{"id":3}`},
		"with a name to spare": {show, 200, `{"ticket":{"id":1,"new":[{}]}}`, ticket{ID: 1}, "", `{"id":1,"new":[{}]}`},
		"null":                 {show, 200, `{"ticket":null}`, ticket{}, "", `null`},
		"no content":           {show, 204, ``, ticket{}, "", ""},
		"reset content":        {show, 205, ``, ticket{}, "", ""},
		"not modified":         {show, 304, ``, ticket{}, "", ""},
		"an empty body":        {show, 200, ``, ticket{}, "not JSON, or is cut short (0 bytes)", ""},
		"an empty whole body":  {bare, 200, ``, ticket{}, "unexpected end of JSON input", ""},
		"no such member":       {show, 200, `{"tickets":[]}`, ticket{}, "the body has no $.ticket", ""},
		"HTML":                 {show, 200, `<!doctype html>`, ticket{}, "not JSON", ""},
		"HTML as a whole":      {bare, 200, `<!doctype html>`, ticket{}, "invalid character '<'", ""},
		"cut short":            {show, 200, `{"ticket":{"id":1,"sub`, ticket{}, "cut short", ""},
		"a misfit":             {show, 200, `{"ticket":{"id":"one"}}`, ticket{}, "cannot unmarshal string", ""},
		"a list":               {show, 200, `{"ticket":[1]}`, ticket{}, "cannot unmarshal array", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			c := connect(t, desk(), always(tt.status, tt.body, "X-Request-Id", "r1"))
			var raw json.RawMessage
			var meta runtime.Response
			got, err := showing(c, tt.op, runtime.WithRaw(&raw), runtime.WithResponse(&meta))
			if meta.StatusCode != tt.status || meta.Header.Get("X-Request-Id") != "r1" || string(meta.Body) != tt.body || meta.Attempts != 1 {
				t.Errorf("response = %+v", meta)
			}
			if tt.wantErr != "" {
				misfit, ok := errors.AsType[*runtime.DecodeError](err)
				if !ok || !strings.Contains(err.Error(), tt.wantErr) {
					t.Fatalf("error = %v", err)
				}
				if misfit.Index != -1 || !strings.Contains(tt.body, string(misfit.Raw)) {
					t.Errorf("raw bytes %q of item %d", misfit.Raw, misfit.Index)
				}
				if e := failure(t, err); e.StatusCode != 200 || e.RequestID != "r1" || e.Operation != tt.op.Name || e.Code != "" {
					t.Errorf("error = %+v", *e)
				}
				return
			}
			if err != nil || got != tt.want || string(raw) != tt.raw {
				t.Errorf("got %+v, raw %s, %v", got, raw, err)
			}
		})
	}
}

func TestBytesAsTheyAre(t *testing.T) {
	content := "\x89PNG\r\n\x1a\n\x00not JSON"
	c := connect(t, desk(), always(200, content))
	var raw json.RawMessage
	got, err := runtime.Do[[]byte](t.Context(), c, download, runtime.Args{Path: []any{"logo.png"}}, runtime.WithRaw(&raw))
	if err != nil || string(got) != content || string(raw) != content {
		t.Errorf("got %q, raw %q, %v", got, raw, err)
	}
	// Nothing is nil: an empty file is a file.
	empty, err := runtime.Do[[]byte](t.Context(), connect(t, desk(), always(200, "")), download, runtime.Args{Path: []any{"empty"}})
	if err != nil || len(empty) != 0 {
		t.Errorf("got %q, %v", empty, err)
	}
}

func TestOtherResultTypes(t *testing.T) {
	c := connect(t, desk(), always(200, `{"ticket":{"id":7}}`))
	args := runtime.Args{Path: []any{1}}
	raw, err := runtime.Do[json.RawMessage](t.Context(), c, show, args)
	if err != nil || string(raw) != `{"id":7}` {
		t.Errorf("raw message %s, %v", raw, err)
	}
	pointer, err := runtime.Do[*ticket](t.Context(), c, show, args)
	if err != nil || pointer.ID != 7 {
		t.Errorf("pointer to %+v, %v", pointer, err)
	}
	for _, p := range []http.RoundTripper{always(204, ""), always(200, `{"ticket":null}`)} {
		if pointer, err := runtime.Do[*ticket](t.Context(), connect(t, desk(), p), show, args); err != nil || *pointer != (ticket{}) {
			t.Errorf("for nothing a pointer to %+v, %v", pointer, err)
		}
	}
	if pointer, err := runtime.Do[*ticket](t.Context(), connect(t, desk(), always(200, `{"ticket":{"id":"seven"}}`)), show, args); err == nil || pointer != nil {
		t.Errorf("beside the error %v there is %+v", err, pointer)
	}
	free, err := runtime.Do[map[string]any](t.Context(), c, show, args)
	if diff := cmp.Diff(map[string]any{"id": 7.0}, free); err != nil || diff != "" {
		t.Errorf("%v %s", err, diff)
	}
}

func TestExec(t *testing.T) {
	remove := &api.Operation{Name: "Tickets.Delete", Method: "DELETE", Path: "/tickets/{ticket_id}"}
	for status, body := range map[int]string{204: "", 200: "whatever", 202: `{"job":1}`} {
		var raw json.RawMessage
		err := runtime.Exec(t.Context(), connect(t, desk(), always(status, body)), remove, runtime.Args{Path: []any{1}}, runtime.WithRaw(&raw))
		if err != nil || string(raw) != body {
			t.Errorf("status %d: raw %q, %v", status, raw, err)
		}
	}
	if err := runtime.Exec(t.Context(), connect(t, desk(), always(404, "")), remove, runtime.Args{Path: []any{1}}); !errors.Is(err, runtime.ErrNotFound) {
		t.Errorf("error = %v", err)
	}
}

func TestMaxBody(t *testing.T) {
	exactly := int64(len(aTicket))
	unsized := func() (*http.Response, error) {
		r := reply(200, aTicket)
		r.ContentLength = -1
		return r, nil
	}
	lying := func() (*http.Response, error) {
		r := reply(200, aTicket)
		r.ContentLength = 5
		return r, nil
	}
	for name, answer := range map[string]func() (*http.Response, error){"sized": giving(200, aTicket), "unsized": unsized, "lying": lying} {
		for limit, fits := range map[int64]bool{exactly: true, exactly + 1: true, math.MaxInt64: true, exactly - 1: false, 1: false} {
			p := inTurn(answer)
			_, err := showing(connect(t, desk(), p), show, runtime.WithMaxBody(limit))
			switch {
			case fits && err != nil:
				t.Errorf("%s: up to %d bytes: %v", name, limit, err)
			case !fits && !errors.Is(err, runtime.ErrTooLarge):
				t.Errorf("%s: up to %d bytes: error = %v", name, limit, err)
			}
			if len(p.requests()) != 1 {
				t.Errorf("%s: a body that is too large was asked for %d times", name, len(p.requests()))
			}
		}
	}
}

// Some providers answer 200 to everything, and say in the body how it went.
func TestErrorsIn200(t *testing.T) {
	desc := desk()
	desc.Errors = api.Errors{Code: []api.Path{{"error"}}, When: &api.BodyRule{Path: api.Path{"ok"}, In: []string{"false"}}}
	desc.Throttling = []api.Throttling{{Status: 200, When: &api.BodyRule{Path: api.Path{"error"}, In: []string{"ratelimited"}}}, {Status: 429}}
	bare := &api.Operation{Name: "auth.test", Method: "POST", Path: "/auth.test"}
	do := func(t *testing.T, p *provider, opts ...runtime.Option) error {
		_, err := runtime.Do[ticket](t.Context(), connect(t, desc, p), bare, runtime.Args{}, opts...)
		return err
	}
	synctest.Test(t, func(t *testing.T) {
		if err := do(t, always(200, `{"ok":true,"id":1}`)); err != nil {
			t.Error(err)
		}
		p := always(200, `{"ok":false,"error":"channel_not_found"}`)
		err := do(t, p)
		if e := failure(t, err); e.Code != "channel_not_found" || e.StatusCode != 200 || e.Refused || len(p.requests()) != 1 {
			t.Errorf("%d requests, error %+v", len(p.requests()), *e)
		}
		// A refusal, which is repeated though the operation is not idempotent.
		p = inTurn(giving(200, `{"ok":false,"error":"ratelimited"}`, "Retry-After", "4"), giving(200, `{"ok":true}`))
		if err := do(t, p); err != nil || p.times()[1] < p.times()[0]+4e9 {
			t.Errorf("requests at %v, %v", p.times(), err)
		}
		err = do(t, always(200, `{"ok":false,"error":"ratelimited"}`, "Retry-After", "4"), once)
		if e := failure(t, err); !errors.Is(err, runtime.ErrRateLimited) || e.Code != "ratelimited" || e.RetryAfter == 0 {
			t.Errorf("error = %+v", *e)
		}
		// A body that is longer than what is read to learn whether it is a refusal.
		long := `{"ok":true,"id":5,"subject":"` + strings.Repeat("x", 200<<10) + `"}`
		if got, err := runtime.Do[ticket](t.Context(), connect(t, desc, always(200, long)), bare, runtime.Args{}); err != nil || len(got.Subject) != 200<<10 {
			t.Errorf("a subject of %d, %v", len(got.Subject), err)
		}
	})
}

// A refusal is one though the API has no rule by which its body is an error.
func TestRefusalIn200(t *testing.T) {
	desc := desk()
	desc.Throttling = []api.Throttling{{Status: 200, When: &api.BodyRule{Path: api.Path{"error"}, In: []string{"ratelimited"}}}}
	_, err := showing(connect(t, desc, always(200, `{"error":"ratelimited","ticket":{}}`)), show, once)
	if !errors.Is(err, runtime.ErrRateLimited) || failure(t, err).Code != "ratelimited" {
		t.Errorf("error = %v", err)
	}
}

// The answer of one call is not the memory of the next.
func TestAnswersAreTheCallers(t *testing.T) {
	c := connect(t, desk(), inTurn(giving(200, `{"ticket":{"id":1,"subject":"first"}}`), giving(200, `{"ticket":{"id":2,"subject":"other"}}`)))
	var one, two json.RawMessage
	showing(c, show, runtime.WithRaw(&one))
	before := bytes.Clone(one)
	showing(c, show, runtime.WithRaw(&two))
	if !bytes.Equal(one, before) {
		t.Errorf("the first answer has become %s", one)
	}
	_ = append(one, "xxx"...)
	if string(two) != `{"id":2,"subject":"other"}` {
		t.Errorf("raw = %s", two)
	}
}
