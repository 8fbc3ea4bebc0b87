package telemetry

// This file has the names and values of attributes.

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"errors"
	"io"
	"net"
	"regexp"
	"strconv"
	"strings"

	"go.opentelemetry.io/otel/attribute"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"

	"github.com/weirkit/weir/runtime"
	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/budget"
)

const (
	apiKey          = attribute.Key("weir.api")
	operationKey    = attribute.Key("weir.operation")
	prefetchKey     = attribute.Key("weir.prefetch")
	retryCountKey   = attribute.Key("weir.retry.count")
	requestCountKey = attribute.Key("weir.request.count")
	waitedKey       = attribute.Key("weir.budget.waited")
	untilKey        = attribute.Key("weir.budget.until")
	limitKey        = attribute.Key("weir.limit")
	scopeKey        = attribute.Key("weir.scope")
	refusedKey      = attribute.Key("weir.refused")
	errorCodeKey    = attribute.Key("weir.error.code")
	cachedKey       = attribute.Key("weir.cached")
	requestIDKey    = attribute.Key("weir.request.id")
)

// methodOf keeps to the methods that the conventions know.
func methodOf(method string) attribute.KeyValue {
	switch method {
	case "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "QUERY", "TRACE", "CONNECT":
		return semconv.HTTPRequestMethodKey.String(method)
	}
	return semconv.HTTPRequestMethodOther
}

// templateOf is an operation's path without the fixed query that a few have.
func templateOf(op *api.Operation) string {
	path, _, _ := strings.Cut(op.Path, "?")
	return path
}

// plainWord is what an error code or a request id looks like, rather than prose.
var plainWord = regexp.MustCompile(`^[A-Za-z0-9_.:\-]{1,80}$`)

// hash is a scope's name. It says nothing of an account to who does not know
// the account already.
func hash(scope string) string {
	sum := sha256.Sum256([]byte(scope))
	return hex.EncodeToString(sum[:6])
}

// countedByParameter reports whether there are as many counters of a limit as
// there are values of a parameter. Of a limit that is not known it is assumed.
func countedByParameter(desc *api.API, limit string) bool {
	l, ok := desc.Limit(limit)
	if !ok {
		return true
	}
	for _, s := range l.Scope {
		if strings.Contains(string(s), ":") {
			return true
		}
	}
	return false
}

type timeout interface {
	error
	Timeout() bool
}

// errorType is the class of what went wrong; empty where nothing did.
func errorType(status int, refused bool, err error) string {
	e, ok := errors.AsType[*runtime.Error](err)
	if ok {
		status, refused, err = e.StatusCode, e.Refused, e.Err
	}
	switch {
	case status >= 400:
		return strconv.Itoa(status)
	case refused:
		return "rate_limited"
	case err == nil && !ok:
		return ""
	case err == nil && status >= 300:
		return strconv.Itoa(status)
	case err == nil, ok && e.Kind != nil: // also after the last of several attempts
		return "api_error"
	}
	for _, class := range classes {
		if errors.Is(err, class.err) {
			return class.name
		}
	}
	if _, ok := errors.AsType[*runtime.DecodeError](err); ok {
		return "decode_error"
	}
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return "tls_error"
	}
	if t, ok := errors.AsType[timeout](err); ok && t.Timeout() {
		return "timeout"
	}
	if _, ok := errors.AsType[*net.DNSError](err); ok {
		return "dns_error"
	}
	if _, ok := errors.AsType[net.Error](err); ok {
		return "connection_error"
	}
	return "_OTHER"
}

var classes = []struct {
	err  error
	name string
}{
	{budget.ErrDeadline, "budget_deadline"},
	{budget.ErrImpossible, "budget_impossible"},
	{budget.ErrClosed, "budget_closed"},
	{context.Canceled, "canceled"},
	{context.DeadlineExceeded, "timeout"},
	{runtime.ErrTooLarge, "response_too_large"},
	{runtime.ErrRedirect, "redirect"},
	{io.ErrUnexpectedEOF, "connection_error"},
	{io.EOF, "connection_error"},
}
