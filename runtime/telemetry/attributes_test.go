package telemetry

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"syscall"
	"testing"

	"github.com/weirkit/weir/runtime"
	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/budget"
	"github.com/weirkit/weir/runtime/retry"
)

func TestErrorType(t *testing.T) {
	gaveUp := func(cause error) error { return &retry.GaveUp{Attempts: 3, Why: retry.ByDeadline, Cause: cause} }
	tests := []struct {
		status  int
		refused bool
		err     error
		want    string
	}{
		{status: 200},
		{status: 302},
		{status: 404, want: "404"},
		{status: 429, refused: true, want: "429"},
		{status: 200, refused: true, want: "rate_limited"},
		{status: 200, err: io.ErrUnexpectedEOF, want: "connection_error"},
		{err: &runtime.Error{StatusCode: 500, Err: gaveUp(io.EOF)}, want: "500"},
		{err: &runtime.Error{StatusCode: 200, Refused: true, Err: gaveUp(nil)}, want: "rate_limited"},
		{err: &runtime.Error{StatusCode: 200, Code: "channel_not_found"}, want: "api_error"},
		{err: &runtime.Error{StatusCode: 200, Code: "internal_error", Kind: runtime.ErrUnavailable, Err: gaveUp(nil)}, want: "api_error"},
		{err: &runtime.Error{StatusCode: 300}, want: "300"},
		{err: &runtime.Error{StatusCode: 302, Err: fmt.Errorf("%w: it leads elsewhere", runtime.ErrRedirect)}, want: "redirect"},
		{err: &runtime.Error{StatusCode: 200, Err: &runtime.DecodeError{Err: errors.New("bad")}}, want: "decode_error"},
		{err: &runtime.Error{Err: runtime.ErrTooLarge}, want: "response_too_large"},
		{err: &runtime.Error{Err: &budget.WaitError{Err: budget.ErrDeadline}}, want: "budget_deadline"},
		{err: &runtime.Error{Err: &budget.WaitError{Err: budget.ErrImpossible}}, want: "budget_impossible"},
		{err: budget.ErrClosed, want: "budget_closed"},
		{err: &runtime.Error{Err: context.Canceled}, want: "canceled"},
		{err: context.DeadlineExceeded, want: "timeout"},
		{err: os.ErrDeadlineExceeded, want: "timeout"},
		{err: &runtime.Error{Err: gaveUp(&net.OpError{Op: "read", Err: syscall.ECONNRESET})}, want: "connection_error"},
		{err: &net.OpError{Op: "dial", Err: &net.DNSError{Err: "no such host"}}, want: "dns_error"},
		{err: &tls.CertificateVerificationError{Err: errors.New("expired")}, want: "tls_error"},
		{err: errors.New("anything"), want: "_OTHER"},
	}
	for _, tt := range tests {
		if got := errorType(tt.status, tt.refused, tt.err); got != tt.want {
			t.Errorf("errorType(%d, %v, %v) = %q, want %q", tt.status, tt.refused, tt.err, got, tt.want)
		}
	}
}

func TestMethods(t *testing.T) {
	for method, want := range map[string]string{"GET": "GET", "PATCH": "PATCH", "PURGE": "_OTHER", "": "_OTHER"} {
		if got := methodOf(method).Value.AsString(); got != want {
			t.Errorf("methodOf(%q) = %q, want %q", method, got, want)
		}
	}
}

func TestTemplates(t *testing.T) {
	for path, want := range map[string]string{"/a/{b}": "/a/{b}", "/a?action=x": "/a"} {
		if got := templateOf(&api.Operation{Path: path}); got != want {
			t.Errorf("templateOf(%q) = %q, want %q", path, got, want)
		}
	}
}

func TestCountedByParameter(t *testing.T) {
	desc := &api.API{Limits: []api.Limit{
		{Name: "plain", Scope: []api.Scope{api.ScopeAccount, api.ScopeOperation}},
		{Name: "posting", Scope: []api.Scope{api.ScopeAccount, "body:channel"}},
	}}
	for limit, want := range map[string]bool{"plain": false, "posting": true, "unknown": true} {
		if got := countedByParameter(desc, limit); got != want {
			t.Errorf("countedByParameter(%q) = %v, want %v", limit, got, want)
		}
	}
}
