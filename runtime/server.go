package runtime

// This file tells where an operation's path begins. Documents may give single
// operations a server of their own, as GitHub's does for the upload of files.

import (
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/page"
)

// WithServer sends the operations whose document gives them a server of their
// own to another address. Without it WithBaseURL moves them with all the others.
func WithServer(server, address string) ClientOption {
	return clientOption(func(c *config) error {
		u, err := parseBase(address)
		if err != nil {
			return fmt.Errorf("WithServer: %w", err)
		}
		if server == "" {
			return errors.New("WithServer: the server to replace is empty: WithBaseURL is for the API's own")
		}
		if c.servers == nil {
			c.servers = map[string]*url.URL{}
		}
		c.servers[server] = u
		return nil
	})
}

// parseBase reads an address that paths are written behind.
func parseBase(address string) (*url.URL, error) {
	u, err := url.Parse(strings.TrimRight(address, "/"))
	if err != nil {
		return nil, fmt.Errorf("the base URL does not parse: %w", cause(err))
	}
	if u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return nil, fmt.Errorf("the base URL %s://%s must be http or https with a host, and without user, query or fragment", u.Scheme, u.Host)
	}
	return u, nil
}

// baseOf is where an operation's path begins.
func (c *Client) baseOf(op *api.Operation) (*url.URL, error) {
	switch to := c.servers[op.Server]; {
	case to != nil:
		return to, nil
	case op.Server == "" || c.moved:
		return c.base, nil
	}
	return parseBase(op.Server)
}

// Serves reports whether an address is on one of the API's hosts: that of its
// base, or of the server that an operation of it has. What signs calls can tell by
// it whether a secret may go there.
func (c *Client) Serves(u *url.URL) bool {
	if page.SameOrigin(u, c.base) {
		return true
	}
	for _, op := range c.desc.Operations {
		if op.Server == "" {
			continue
		}
		if base, err := c.baseOf(op); err == nil && page.SameOrigin(u, base) {
			return true
		}
	}
	return false
}
