package runtime

// This file says what an answer is stored by: whose it is, and what was asked.

import (
	"bytes"
	"crypto/rand"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/weirkit/weir/runtime/cache"
)

// neutral are request headers that do not tell one question from another, unless
// the answer says so by Vary.
var neutral = []string{"User-Agent", "Cache-Control", "Pragma", "Connection", "Traceparent", "Tracestate", "Baggage", "X-Request-Id", "X-Correlation-Id", "Idempotency-Key"}

// key is what a question's answer is stored by. All other headers are a part of
// it: one of them may be a credential that nobody has told us of.
func (l caching) key(q *question) string {
	parts := []string{"entry", l.client.desc.Name, l.whose(q), q.call.op.Method, q.req.URL.String()}
	for _, name := range slices.Sorted(maps.Keys(q.req.Header)) {
		if !slices.Contains(neutral, http.CanonicalHeaderKey(name)) {
			parts = append(parts, name)
			parts = append(parts, q.req.Header[name]...)
		}
	}
	return cache.Key(parts...)
}

// whose says by which credential a question is asked. The members of a pool are one:
// who gives a client several has it choose. Of a request that nobody is known to
// sign, a transport beneath may; what such a client is answered is its own alone,
// unless Identity.User tells whose it is.
func (l caching) whose(q *question) string {
	if only := q.call.signer.only; only != nil && only.credential != nil {
		return cache.Key("credential", only.credential.Secret())
	}
	if l.client.seat.credential == nil && isSigned(q.req) {
		return "" // by what the key has of the request
	}
	return l.scope
}

// scopeOf is whose answers a client gets.
func (c *Client) scopeOf(id Identity) string {
	var secrets []string
	for _, s := range c.seats {
		if s.credential != nil {
			secrets = append(secrets, s.credential.Secret())
		}
	}
	slices.Sort(secrets)
	switch {
	case len(secrets) > 0:
		return cache.Key(append([]string{"credential"}, secrets...)...)
	case id.User != "":
		return cache.Key("identity", id.App, id.Account, id.User)
	case c.beneath:
		return rand.Text()
	}
	return ""
}

// isSigned reports whether a request brings a credential that we know of as one.
func isSigned(req *http.Request) bool {
	return headerSecret(req.Header) != "" || querySecret(req.URL.RawQuery) != ""
}

// repeats reports whether an answer has a secret in it that it was asked with, as
// links to next pages of some providers do.
func (l caching) repeats(q *question, h http.Header, body []byte) bool {
	secrets := []string{headerSecret(q.req.Header), querySecret(q.req.URL.RawQuery)}
	if signed := q.call.signer.signed; signed != nil {
		secrets = append(secrets, headerSecret(signed.Header))
	}
	for _, s := range l.client.seats {
		if s.credential != nil && s.renewable == nil { // one that is renewed tells no more than its name
			secrets = append(secrets, s.credential.Secret())
		}
	}
	return slices.ContainsFunc(secrets, func(secret string) bool {
		secret = secret[strings.LastIndexByte(secret, ' ')+1:]
		return len(secret) >= 6 && has(h, body, secret) // what is shorter is found anywhere
	})
}

func has(h http.Header, body []byte, text string) bool {
	if bytes.Contains(body, []byte(text)) {
		return true
	}
	for _, values := range h {
		if slices.ContainsFunc(values, func(v string) bool { return strings.Contains(v, text) }) {
			return true
		}
	}
	return false
}
