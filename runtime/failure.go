package runtime

// This file turns everything that can go wrong into an *Error.

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/credential"
	"github.com/weirkit/weir/runtime/jsonpath"
	"github.com/weirkit/weir/runtime/quota"
)

// maxMessage bounds what is kept of a provider's message, and maxErrorBody of
// the body that it stands in.
const (
	maxMessage   = 500
	maxErrorBody = 64 << 10
)

// failure makes the error of a call: from the answer, if there was one, and
// from the cause, if the answer is not it.
func (c *Client) failure(cl *call, ans *answer, err error) *Error {
	if known, ok := errors.AsType[*Error](err); ok {
		return known
	}
	e := &Error{Operation: cl.op.Name, Err: cause(err)}
	if err == nil {
		e.Err = cl.signer.problem
	}
	if errors.Is(err, credential.ErrNoneLeft) {
		e.Kind = ErrUnauthorized
	}
	if r := cl.refusal; r != nil {
		e.Refused = true
		if !r.Until.IsZero() {
			e.RetryAfter = max(0, r.Until.Sub(c.clock.Now()))
		}
	}
	if ans == nil {
		return e
	}
	e.StatusCode = ans.status
	e.RequestID = ans.header.Get(c.desc.Errors.RequestID)
	if c.isError(ans) && !e.Refused {
		e.RetryAfter, _ = quota.RetryAfter(ans.header, c.clock.Now())
	}
	if c.isError(ans) || e.Refused {
		e.Code = firstText(ans.body, c.desc.Errors.Code)
		e.Message = firstText(ans.body, c.desc.Errors.Message)
		e.Kind = kindOf(c.amountsTo(ans))
		e.Body = bytes.Clone(ans.body[:min(len(ans.body), maxErrorBody)])
	}
	if e.Refused {
		e.Kind = ErrRateLimited
	}
	if cl.query != nil {
		cl.query.explain(c, e, ans)
	}
	if location := ans.header.Get("Location"); ans.status/100 == 3 && location != "" && e.Err == nil {
		e.Err = notFollowed(cl.url, location)
	}
	return e
}

// isError reports whether an answer is an error, by its status or, where the
// provider answers 200 to everything, by its body.
func (c *Client) isError(ans *answer) bool {
	if ans.status < 200 || ans.status >= 300 {
		return ans.status != http.StatusNotModified
	}
	rule := c.desc.Errors.When
	if rule == nil {
		return false
	}
	raw, ok := jsonpath.Lookup(ans.body, rule.Path)
	return ok && rule.Matches(jsonpath.Text(raw))
}

// meantStatus are the statuses for which the meanings of codes stand.
var meantStatus = map[api.ErrorMeaning]int{
	api.BadRequest:   http.StatusBadRequest,
	api.Unauthorized: http.StatusUnauthorized,
	api.Forbidden:    http.StatusForbidden,
	api.NotFound:     http.StatusNotFound,
	api.Conflict:     http.StatusConflict,
	api.RateLimited:  http.StatusTooManyRequests,
	api.Unavailable:  http.StatusServiceUnavailable,
}

// amountsTo is the status that tells what an error is: that which its code
// stands for, or else its own.
func (c *Client) amountsTo(ans *answer) int {
	if len(c.desc.Errors.Codes) > 0 {
		if status, ok := meantStatus[c.desc.Errors.Meaning(firstText(ans.body, c.desc.Errors.Code))]; ok {
			return status
		}
	}
	return ans.status
}

// firstText is the first text or number that several paths lead to in a body,
// of a list its first element that is one.
func firstText(body []byte, paths []api.Path) string {
	for _, p := range paths {
		for raw := range jsonpath.All(body, p) {
			if text, ok := plainText(raw); ok {
				return text
			}
		}
	}
	return ""
}

// plainText is a text or number that a provider says, within bounds.
func plainText(raw []byte) (string, bool) {
	if len(raw) == 0 || strings.ContainsRune("{[n", rune(raw[0])) {
		return "", false
	}
	return clipped(jsonpath.Text(raw)), true
}

// clipped bounds what is kept of a provider's text.
func clipped(text string) string {
	text = strings.ToValidUTF8(text, "\uFFFD")
	if len(text) > maxMessage {
		text = strings.ToValidUTF8(text[:maxMessage], "") + "…"
	}
	return text
}

// pathError says why nothing stands at path in body.
func pathError(body []byte, path api.Path) error {
	if !json.Valid(body) {
		return fmt.Errorf("the body is not JSON, or is cut short (%d bytes)", len(body))
	}
	return fmt.Errorf("the body has no $.%s", strings.Join(path, "."))
}
