package runtime_test

// This file has what a provider says in bodies where others use statuses.

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"github.com/weirkit/weir/runtime"
	"github.com/weirkit/weir/runtime/api"
)

// talk is an API that answers 200 to everything.
func talk() *api.API {
	desc := desk()
	desc.Errors = api.Errors{
		Code: []api.Path{{"error"}}, Message: []api.Path{{"meta", "messages"}},
		When: &api.BodyRule{Path: api.Path{"ok"}, In: []string{"false"}},
		Codes: []api.ErrorCodes{
			{Means: api.BadRequest, In: []string{"invalid_arguments"}},
			{Means: api.Unauthorized, In: []string{"invalid_auth"}},
			{Means: api.Forbidden, In: []string{"missing_scope", "scope_not_found"}},
			{Means: api.NotFound, In: []string{"*_not_found"}},
			{Means: api.Conflict, In: []string{"name_taken"}},
			{Means: api.RateLimited, In: []string{"ratelimited"}},
			{Means: api.Unavailable, In: []string{"internal_error"}},
		},
	}
	desc.Warnings = []api.Path{{"meta", "warnings"}, {"warning"}}
	return desc
}

func TestCodesMean(t *testing.T) {
	tests := map[string]struct {
		status        int
		body          string
		is            error
		reads, writes int // requests
	}{
		"bad request":            {200, `{"ok":false,"error":"invalid_arguments"}`, runtime.ErrBadRequest, 1, 1},
		"unauthorized":           {200, `{"ok":false,"error":"invalid_auth"}`, runtime.ErrUnauthorized, 1, 1},
		"forbidden":              {200, `{"ok":false,"error":"missing_scope"}`, runtime.ErrForbidden, 1, 1},
		"by its ending":          {200, `{"ok":false,"error":"channel_not_found"}`, runtime.ErrNotFound, 1, 1},
		"listed before endings":  {200, `{"ok":false,"error":"scope_not_found"}`, runtime.ErrForbidden, 1, 1},
		"conflict":               {200, `{"ok":false,"error":"name_taken"}`, runtime.ErrConflict, 1, 1},
		"not executed":           {200, `{"ok":false,"error":"ratelimited"}`, runtime.ErrRateLimited, 5, 5},
		"perhaps executed":       {200, `{"ok":false,"error":"internal_error"}`, runtime.ErrUnavailable, 5, 1},
		"unknown":                {200, `{"ok":false,"error":"is_archived"}`, nil, 1, 1},
		"without a code":         {200, `{"ok":false}`, nil, 1, 1},
		"a status as well":       {500, `{"ok":false,"error":"missing_scope"}`, runtime.ErrForbidden, 1, 1},
		"the status alone":       {404, `{"ok":false,"error":"is_archived"}`, runtime.ErrNotFound, 1, 1},
		"the status, not a code": {503, `<html>`, runtime.ErrUnavailable, 5, 1},
	}
	kinds := []error{
		runtime.ErrBadRequest, runtime.ErrUnauthorized, runtime.ErrForbidden, runtime.ErrNotFound, runtime.ErrConflict,
		runtime.ErrRateLimited, runtime.ErrUnavailable,
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := always(tt.status, tt.body)
				_, err := showing(connect(t, talk(), p), show)
				e := failure(t, err)
				for _, kind := range kinds {
					if errors.Is(err, kind) != (kind == tt.is) {
						t.Errorf("errors.Is(%v, %v) = %v", err, kind, kind != tt.is)
					}
				}
				if e.Kind != tt.is || len(p.requests()) != tt.reads {
					t.Errorf("kind %v, %d requests to read", e.Kind, len(p.requests()))
				}
				p = always(tt.status, tt.body)
				err = runtime.Exec(context.Background(), connect(t, talk(), p), create, runtime.Args{Body: ticket{}})
				if failure(t, err).Kind != tt.is || len(p.requests()) != tt.writes {
					t.Errorf("%v: %d requests to write", err, len(p.requests()))
				}
			})
		})
	}
}

// An error made by hand, for somebody's test, is known by its status.
func TestKindOfAnErrorMadeByHand(t *testing.T) {
	for status, kind := range map[int]error{404: runtime.ErrNotFound, 502: runtime.ErrUnavailable} {
		if err := error(&runtime.Error{StatusCode: status}); !errors.Is(err, kind) {
			t.Errorf("%d is not %v", status, kind)
		}
	}
	if err := error(&runtime.Error{StatusCode: 200, Kind: runtime.ErrForbidden}); !errors.Is(err, runtime.ErrForbidden) || errors.Is(err, runtime.ErrNotFound) {
		t.Error("the kind is not looked at")
	}
	if errors.Is(&runtime.Error{StatusCode: 200}, nil) {
		t.Error("an error is nil")
	}
}

// What an error body says more is kept for who asks, and printed to nobody.
func TestErrorDetail(t *testing.T) {
	type scopes struct {
		Needed string `json:"needed"`
	}
	_, err := showing(connect(t, talk(), always(200, `{"ok":false,"error":"missing_scope","needed":"`+planted+`","meta":{"messages":["[ERROR] one","two"]}}`)), show)
	detail, ok := runtime.Detail[scopes](fmt.Errorf("wrapped: %w", err))
	if !ok || detail.Needed != planted {
		t.Errorf("detail %+v, %v", detail, ok)
	}
	e := failure(t, err)
	if e.Message != "[ERROR] one" {
		t.Errorf("message %q", e.Message)
	}
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Error("failed", "err", err, "e", *e)
	told, _ := json.Marshal(e)
	for _, text := range []string{
		err.Error(), fmt.Sprintf("%+v", *e), fmt.Sprintf("%#v", *e), fmt.Sprintf("%q %s", e.Body, e.Body), string(told), log.String(),
	} {
		if strings.Contains(text, planted) {
			t.Errorf("the body shows: %s", text)
		}
	}
	for name, err := range map[string]error{
		"no body": &runtime.Error{}, "no JSON": &runtime.Error{Body: []byte("<html>")}, "another type": &runtime.Error{Body: []byte(`{"needed":[]}`)},
		"another error": errConnection, "none": nil,
	} {
		if detail, ok := runtime.Detail[scopes](err); ok || detail.Needed != "" {
			t.Errorf("%s: %+v, %v", name, detail, ok)
		}
	}
}

func TestErrorBodiesAreBounded(t *testing.T) {
	_, err := showing(connect(t, desk(), always(404, `{"error":"`+strings.Repeat("x", 1<<20)+`"}`)), show)
	if n := len(failure(t, err).Body); n != 64<<10 {
		t.Errorf("kept %d bytes", n)
	}
	_, err = showing(connect(t, desk(), always(200, `{"ticket":[]}`)), show)
	if e := failure(t, err); e.Body != nil { // no error of the provider's
		t.Errorf("kept %q", []byte(e.Body))
	}
}

func TestWarnings(t *testing.T) {
	tests := map[string]struct {
		body string
		want []string
	}{
		"none":         {`{"ok":true}`, nil},
		"one":          {`{"ok":true,"warning":"missing_charset"}`, []string{"missing_charset"}},
		"a list":       {`{"ok":true,"warning":"a,b","meta":{"warnings":["a","b","c"]}}`, []string{"a", "b", "c"}},
		"codes joined": {`{"ok":true,"warning":"a,b,"}`, []string{"a", "b"}},
		"a sentence":   {`{"ok":true,"warning":"Stop this, please"}`, []string{"Stop this, please"}},
		"no texts":     {`{"ok":true,"warning":{"a":1},"meta":{"warnings":[null,[["deep"]]]}}`, []string{"deep"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var log bytes.Buffer
			c := connect(t, talk(), always(200, tt.body), runtime.WithLogger(slog.New(slog.NewJSONHandler(&log, nil))))
			op := &api.Operation{Name: "Tickets.Peek", Method: "GET", Path: "/tickets"}
			for range 3 { // it is logged once
				r := runtime.Response{Warnings: []string{"of an earlier call"}}
				if err := runtime.Exec(t.Context(), c, op, runtime.Args{}, runtime.WithResponse(&r)); err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(tt.want, r.Warnings); diff != "" {
					t.Error(diff)
				}
			}
			for _, w := range tt.want {
				line := fmt.Sprintf(`"api":"desk","operation":"Tickets.Peek","warning":%q}`, w)
				if strings.Count(log.String(), line) != 1 {
					t.Errorf("%s is not logged once: %s", line, &log)
				}
			}
		})
	}
}

// Warnings that all differ do not fill the memory, nor the log.
func TestWarningsAreBounded(t *testing.T) {
	var log bytes.Buffer
	p := answering(func(n int, _ *http.Request) (*http.Response, error) {
		return reply(200, fmt.Sprintf(`{"ok":true,"warning":"w%d"}`, n)), nil
	})
	c := connect(t, talk(), p, runtime.WithLogger(slog.New(slog.NewJSONHandler(&log, nil))))
	for range 1100 {
		if err := runtime.Exec(t.Context(), c, &api.Operation{Name: "X", Method: "GET", Path: "/x"}, runtime.Args{}); err != nil {
			t.Fatal(err)
		}
	}
	if lines := strings.Count(log.String(), "\n"); lines != 1000 {
		t.Errorf("logged %d lines", lines)
	}
}
