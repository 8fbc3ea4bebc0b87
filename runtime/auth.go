package runtime

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/weirkit/weir/runtime/api"
)

// Credential signs requests. Its methods may be called concurrently.
type Credential interface {
	// Sign adds the credential to a request that goes to the provider's host.
	Sign(*http.Request) error
	// Secret identifies the credential among others. The runtime hashes it and
	// keeps the hash alone.
	Secret() string
}

// WithCredential signs all calls with cred.
func WithCredential(cred Credential) ClientOption {
	return clientOption(func(c *config) error { c.credential = cred; return nil })
}

// WithBearer signs calls with Authorization: Bearer token.
func WithBearer(token string) ClientOption {
	return headerCredential("WithBearer", "Authorization", "Bearer ", token)
}

// WithBasic signs calls by HTTP basic authentication (RFC 7617).
func WithBasic(user, password string) ClientOption {
	return clientOption(func(c *config) error {
		if user == "" || strings.ContainsAny(user+password, "\r\n\x00") || strings.Contains(user, ":") {
			return errors.New("WithBasic: the user name is empty or has a colon, or user name or password has a line break")
		}
		secret := base64.StdEncoding.EncodeToString([]byte(user + ":" + password))
		c.credential = header{name: "Authorization", value: "Basic " + secret}
		return nil
	})
}

// WithAPIKey signs calls with a key in a header, a query parameter or a cookie:
// in is "header", "query" or "cookie", as OpenAPI has it.
func WithAPIKey(in, name, key string) ClientOption {
	switch in {
	case api.InHeader:
		return headerCredential("WithAPIKey", name, "", key)
	case "cookie":
		return headerCredential("WithAPIKey", "Cookie", name+"=", key)
	case api.InQuery:
		return clientOption(func(c *config) error {
			if key == "" {
				return errors.New("WithAPIKey: the key is empty")
			}
			c.credential = queryKey{name: name, key: key}
			return nil
		})
	default:
		return clientOption(func(*config) error {
			return fmt.Errorf("WithAPIKey: a key cannot stand in %q: say header, query or cookie", in)
		})
	}
}

func headerCredential(option, name, prefix, secret string) ClientOption {
	return clientOption(func(c *config) error {
		if secret == "" {
			return fmt.Errorf("%s: the secret is empty", option)
		}
		if strings.ContainsAny(secret, "\r\n\x00") {
			return fmt.Errorf("%s: the secret has a line break: trim it", option)
		}
		c.credential = header{name: name, value: prefix + secret}
		return nil
	})
}

type header struct{ name, value string }

func (h header) Sign(r *http.Request) error { r.Header.Set(h.name, h.value); return nil }
func (h header) Secret() string             { return h.value }

type queryKey struct{ name, key string }

func (k queryKey) Sign(r *http.Request) error {
	q := r.URL.Query()
	q.Set(k.name, k.key)
	u := *r.URL
	u.RawQuery = q.Encode()
	r.URL = &u
	return nil
}
func (k queryKey) Secret() string { return k.key }
