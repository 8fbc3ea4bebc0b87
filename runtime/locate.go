package runtime

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/weirkit/weir/runtime/api"
)

// errNoAddress is the error of an answer to Locate that does not redirect.
var errNoAddress = errors.New("the answer names no address")

// Locate calls an operation that answers where to fetch what it is asked for,
// such as an archive's download, by redirecting there, and returns the address.
// It does not go there: the address is mostly another host's, which must not see
// the client's credential, and what is there may be large. It is for an
// http.Client of the caller's own.
//
// Such an address is often signed, and good for a minute or so: whoever has it
// may fetch what is there, so it belongs in no log. An answer that does not
// redirect is an error; every error is an *Error.
func Locate(ctx context.Context, c *Client, op *api.Operation, args Args, opts ...Option) (string, error) {
	cl, err := c.newCall(op, args, opts)
	if err != nil {
		return "", err
	}
	cl.locates = true
	ans, err := c.exchange(ctx, cl, cl.prepared.url)
	if err != nil {
		return "", err
	}
	if cl.config.raw != nil {
		*cl.config.raw = ans.body
	}
	address, err := cl.addressOf(ans)
	if err != nil {
		err = c.failure(cl, ans, err)
	}
	cl.watch.ended(err)
	return address, err
}

// addressOf is where an answer leads, also where it tells it from its own place.
func (c *call) addressOf(ans *answer) (string, error) {
	location := ans.header.Get("Location")
	if !isAddress(ans.status) || location == "" {
		return "", errNoAddress
	}
	to, err := c.url.Parse(location)
	if err != nil {
		// The parser's error repeats the address.
		return "", fmt.Errorf("%w that can be read", errNoAddress)
	}
	return to.String(), nil
}

// isAddress reports whether a status says that what was asked for is elsewhere,
// as against 301, 307 and 308, which say so of the question.
func isAddress(status int) bool { return status == http.StatusFound || status == http.StatusSeeOther }
