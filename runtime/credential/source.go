package credential

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/weirkit/weir/runtime/field"
)

// Token is what a [Source] gives: it signs until it expires.
type Token struct {
	text    hidden
	kind    string
	expires time.Time
}

// NewToken returns a token. kind is its type as Authorization has it ("Bearer",
// which an empty one means too, "Basic", …). A zero time of expiry means that it
// is not known to end.
func NewToken(kind, text string, expires time.Time) Token {
	switch strings.ToLower(kind) {
	case "", "bearer": // RFC 6749, 5.1: whatever its case
		kind = "Bearer"
	case "basic":
		kind = "Basic"
	}
	return Token{text: hide(text), kind: kind, expires: expires}
}

// String tells when the token expires, and not what it is.
func (t Token) String() string {
	switch {
	case t.text == nil || t.text() == "":
		return "no token"
	case t.expires.IsZero():
		return t.kind + " token"
	}
	return t.kind + " token until " + t.expires.Format(time.RFC3339)
}

// GoString does the same for %#v.
func (t Token) GoString() string { return t.String() }

// header is what Authorization has of the token.
func (t Token) header() string { return t.kind + " " + t.text() }

// What is wrong with the token that a source gives, for errors.Is.
var (
	// ErrEmpty: there is none.
	ErrEmpty = errors.New("the source gave an empty token")
	// ErrExpired: it has ended already, by the client's clock.
	ErrExpired = errors.New("the source gave a token that has expired")
	// ErrMalformed: it has a space, a line break or a control character.
	ErrMalformed = errors.New("the source gave a token that cannot be sent")
	// ErrSameToken: the provider has refused a token, and the source gives it again.
	// Sources that keep what they got until it expires do so.
	ErrSameToken = errors.New("the provider refused the token, and the source gave the same one again")
)

func (t Token) check(now time.Time) error {
	if t.text == nil || strings.TrimSpace(t.text()) == "" {
		return ErrEmpty
	}
	for _, part := range []string{t.kind, t.text()} {
		if field.CheckValue(part) != nil || strings.ContainsAny(part, " \t") {
			return ErrMalformed
		}
	}
	if !t.expires.IsZero() && !now.Before(t.expires) {
		return fmt.Errorf("%w: at %s, and it is %s", ErrExpired, t.expires.UTC().Format(time.RFC3339), now.UTC().Format(time.RFC3339))
	}
	return nil
}

// Source gets tokens. Token is called when there is none, when the last one is
// about to end, and when the provider has refused it: it should get a new one each
// time. The context has the values of the call that needs it and not its end,
// since others may wait for the same token; it ends after two minutes by the
// client's clock, and until Token returns or then it is not called again.
type Source interface {
	Token(ctx context.Context) (Token, error)
}

// SourceFunc is a Source that is a function.
type SourceFunc func(ctx context.Context) (Token, error)

// Token implements Source.
func (f SourceFunc) Token(ctx context.Context) (Token, error) { return f(ctx) }

// Error tells why a credential has no token. It wraps what the source failed
// with, unless that has a token in its text.
type Error struct {
	Name string // the credential's
	Err  error
}

func (e *Error) Error() string { return "credential " + e.Name + ": no token: " + e.Err.Error() }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Discreet takes secrets out of an error's text, where they are in it, and then
// does not wrap the error any more. It is for sources, whose errors tell what
// callers log.
func Discreet(err error, secrets ...string) error {
	text := err.Error()
	clean := text
	for _, s := range secrets {
		if s != "" {
			clean = strings.ReplaceAll(clean, s, "(a secret)")
		}
	}
	if clean != text {
		return errors.New(clean)
	}
	return err
}

// discreet is the same for tokens.
func (t Token) discreet(err error) error {
	if t.text == nil {
		return err
	}
	return Discreet(err, t.text())
}
