package runtime

// This file turns everything that can go wrong into an *Error.

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/jsonpath"
	"github.com/weirkit/weir/runtime/quota"
)

// maxMessage bounds what is kept of a provider's message.
const maxMessage = 500

// failure makes the error of a call: from the answer, if there was one, and
// from the cause, if the answer is not it.
func (c *Client) failure(cl *call, ans *answer, err error) *Error {
	if known, ok := errors.AsType[*Error](err); ok {
		return known
	}
	e := &Error{Operation: cl.op.Name, Err: cause(err)}
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
	return ok && slices.Contains(rule.In, jsonpath.Text(raw))
}

// firstText is the first of several values in a body that is a text or a number.
func firstText(body []byte, paths []api.Path) string {
	for _, p := range paths {
		raw, ok := jsonpath.Lookup(body, p)
		if !ok || len(raw) == 0 || strings.ContainsRune("{[n", rune(raw[0])) {
			continue
		}
		text := strings.ToValidUTF8(jsonpath.Text(raw), "\uFFFD")
		if len(text) > maxMessage {
			text = strings.ToValidUTF8(text[:maxMessage], "") + "…"
		}
		return text
	}
	return ""
}

// pathError says why nothing stands at path in body.
func pathError(body []byte, path api.Path) error {
	if !json.Valid(body) {
		return fmt.Errorf("the body is not JSON, or is cut short (%d bytes)", len(body))
	}
	return fmt.Errorf("the body has no $.%s", strings.Join(path, "."))
}
