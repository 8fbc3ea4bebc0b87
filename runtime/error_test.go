package runtime_test

// This file tests the errors of answers, whatever their bodies look like.

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"unicode/utf8"

	"github.com/weirkit/weir/runtime"
)

var sentinels = map[string]error{
	"bad request": runtime.ErrBadRequest, "unauthorized": runtime.ErrUnauthorized, "forbidden": runtime.ErrForbidden,
	"not found": runtime.ErrNotFound, "conflict": runtime.ErrConflict, "rate limited": runtime.ErrRateLimited,
	"unavailable": runtime.ErrUnavailable, "deadline": runtime.ErrDeadline, "too large": runtime.ErrTooLarge,
	"redirect": runtime.ErrRedirect, "unknown limit": runtime.ErrUnknownLimit, "invalid argument": runtime.ErrInvalidArgument,
}

// is lists the sentinels that an error is.
func is(err error) string {
	var names []string
	for _, name := range []string{"bad request", "unauthorized", "forbidden", "not found", "conflict", "rate limited",
		"unavailable", "deadline", "too large", "redirect", "unknown limit", "invalid argument"} {
		if errors.Is(err, sentinels[name]) {
			names = append(names, name)
		}
	}
	return strings.Join(names, ", ")
}

func TestSentinels(t *testing.T) {
	tests := map[int]string{
		400: "bad request", 401: "unauthorized", 402: "", 403: "forbidden", 404: "not found", 405: "", 409: "conflict",
		410: "not found", 412: "conflict", 418: "", 422: "bad request", 429: "rate limited",
		500: "unavailable", 501: "unavailable", 502: "unavailable", 503: "unavailable", 529: "unavailable", 300: "", 199: "",
	}
	for status, want := range tests {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			_, err := showing(connect(t, desk(), always(status, `{"error":{"code":"E1","message":"why"}}`)), show, once)
			if got := is(err); got != want {
				t.Errorf("status %d is %q, want %q", status, got, want)
			}
			e := failure(t, err)
			if e.StatusCode != status || e.Code != "E1" || e.Message != "why" || !strings.Contains(err.Error(), "Tickets.Show: "+fmt.Sprint(status)) {
				t.Errorf("error = %v", err)
			}
		})
	}
	if errors.Is(&runtime.Error{}, nil) {
		t.Error("an error is nil")
	}
}

func TestErrorBodies(t *testing.T) {
	long := strings.Repeat("é", 400) // 800 bytes: the bound falls into a letter
	tests := map[string]struct {
		body, code, message string
	}{
		"nested":           {`{"error":{"code":"E1","message":"why"}}`, "E1", "why"},
		"flat":             {`{"error":"E2","message":"why"}`, "E2", "why"},
		"a number":         {`{"error":{"code":88}}`, "88", ""},
		"in a list":        {`{"error":[{"code":"first"},{"code":"second"}]}`, "first", ""},
		"null":             {`{"error":null,"message":null}`, "", ""},
		"an object":        {`{"error":{},"message":{"en":"why"}}`, "", ""},
		"escaped":          {`{"error":"a\"b\u00e9","message":"x"}`, `a"bé`, "x"},
		"HTML":             {`<html><body>502 Bad Gateway</body></html>`, "", ""},
		"empty":            {``, "", ""},
		"a text":           {`"just a text"`, "", ""},
		"cut short":        {`{"error":"E3","mess`, "E3", ""},
		"long":             {`{"message":"` + long + `"}`, "", strings.Repeat("é", 250) + "…"},
		"deep":             {strings.Repeat(`{"error":`, 20000) + `1` + strings.Repeat(`}`, 20000), "", ""},
		"deep lists":       {strings.Repeat(`[`, 200000), "", ""},
		"not UTF-8":        {"{\"error\":\"\xff\xfe\"}", "\uFFFD", ""},
		"not UTF-8, whole": {"\xff\xfe\x00", "", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := showing(connect(t, desk(), always(400, tt.body)), show)
			e := failure(t, err)
			if e.Code != tt.code || e.Message != tt.message || e.Err != nil || !errors.Is(err, runtime.ErrBadRequest) {
				t.Errorf("code %q, message %q, %v", e.Code, e.Message, e.Err)
			}
			if !utf8.ValidString(err.Error()) || len(err.Error()) > 1000 {
				t.Errorf("message of %d bytes: %.80q", len(err.Error()), err)
			}
		})
	}
}

// What a status says does not hang on the body: not on its end, nor on its size.
func TestErrorsOfBrokenBodies(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for status, requests := range map[int]int{404: 1, 500: 5, 429: 5} {
			p := inTurn(cut(status, `{"error":"E1","message":"w`))
			_, err := showing(connect(t, desk(), p), show)
			if e := failure(t, err); e.StatusCode != status || e.Code != "E1" || len(p.requests()) != requests {
				t.Errorf("%d cut short: %d requests, error %+v", status, len(p.requests()), *e)
			}
			p = always(status, `{"error":"E2","page":"`+strings.Repeat("x", 1<<16)+`"}`)
			_, err = showing(connect(t, desk(), p), show, runtime.WithMaxBody(1000))
			if e := failure(t, err); e.StatusCode != status || e.Code != "E2" || len(p.requests()) != requests {
				t.Errorf("%d too large: %d requests, error %+v", status, len(p.requests()), *e)
			}
		}
	})
}

func TestErrorText(t *testing.T) {
	tests := map[string]struct {
		err  runtime.Error
		want string
	}{
		"full": {
			runtime.Error{Operation: "Tickets.Show", StatusCode: 404, Code: "RecordNotFound", Message: "No such ticket", RequestID: "r1"},
			"Tickets.Show: 404 Not Found: RecordNotFound: No such ticket (request r1)",
		},
		"unknown status":   {runtime.Error{Operation: "X", StatusCode: 529, RetryAfter: 3e9}, "X: 529 (retry after 3s)"},
		"good status":      {runtime.Error{Operation: "X", StatusCode: 200, Code: "already_in_channel"}, "X: already_in_channel"},
		"not decoded":      {runtime.Error{Operation: "X", StatusCode: 200, Err: errConnection}, "X: 200 OK: connection reset by peer"},
		"without a status": {runtime.Error{Operation: "X", Err: errConnection}, "X: connection reset by peer"},
	}
	for name, tt := range tests {
		if got := tt.err.Error(); got != tt.want {
			t.Errorf("%s: %q, want %q", name, got, tt.want)
		}
	}
}
