package runtime

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"unicode"

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

// WithBearer signs calls with Authorization: Bearer token. A token that is empty
// or has spaces or line breaks is refused.
func WithBearer(token string) ClientOption {
	if strings.ContainsFunc(strings.TrimSpace(token), unicode.IsSpace) {
		return Invalid(errors.New("WithBearer: the token has a space or a line break within it"))
	}
	return headerCredential("WithBearer", "Authorization", "Bearer ", token)
}

// WithBasic signs calls by HTTP basic authentication (RFC 7617).
func WithBasic(user, password string) ClientOption {
	return clientOption(func(c *config) error {
		if user == "" || strings.Contains(user, ":") || checkFieldValue(user+password) != nil {
			return errors.New("WithBasic: the user name is empty or has a colon, or user name or password has a line break")
		}
		secret := base64.StdEncoding.EncodeToString([]byte(user + ":" + password))
		c.credential = &header{name: "Authorization", value: hide("Basic " + secret)}
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
		if name == "" || strings.ContainsAny(name+key, "=;, \t\"") {
			return Invalid(errors.New("WithAPIKey: the cookie has no name, or name or key has a character that ends it"))
		}
		return headerCredential("WithAPIKey", "Cookie", name+"=", key)
	case api.InQuery:
		return clientOption(func(c *config) error {
			if name == "" || strings.TrimSpace(key) == "" {
				return errors.New("WithAPIKey: the key or its name is empty")
			}
			if err := checkSecret(key); err != nil {
				return fmt.Errorf("WithAPIKey: %w", err)
			}
			c.credential = &queryKey{name: name, key: hide(key)}
			return nil
		})
	default:
		return Invalid(fmt.Errorf("WithAPIKey: a key cannot stand in %q: say header, query or cookie", in))
	}
}

func headerCredential(option, name, prefix, secret string) ClientOption {
	return clientOption(func(c *config) error {
		if strings.TrimSpace(secret) == "" {
			return fmt.Errorf("%s: the secret is empty", option)
		}
		if err := errors.Join(checkFieldName(name), checkSecret(secret)); err != nil {
			return fmt.Errorf("%s: %w", option, err)
		}
		c.credential = &header{name: name, value: hide(prefix + secret)}
		return nil
	})
}

// checkSecret reports what a secret cannot have, without the secret: what was
// read from a file or a prompt often has a line break at its end, and is refused
// by providers with an error that tells of anything but that.
func checkSecret(secret string) error {
	if err := checkFieldValue(secret); err != nil {
		return err
	}
	if strings.TrimSpace(secret) != secret {
		return errors.New("the value begins or ends with a space: trim it")
	}
	return nil
}

// hidden holds a secret where what prints a client does not look: of a func it
// shows the address, and with some verbs fmt follows all pointers.
type hidden func() string

func hide(secret string) hidden { return func() string { return secret } }

type header struct {
	name  string
	value hidden
}

func (h *header) Sign(r *http.Request) error {
	value := h.value()
	if others := r.Header.Get(h.name); h.name == "Cookie" && others != "" {
		value = others + "; " + value
	}
	r.Header.Set(h.name, value)
	return nil
}
func (h *header) Secret() string { return h.value() }

type queryKey struct {
	name string
	key  hidden
}

func (k *queryKey) Sign(r *http.Request) error {
	q := r.URL.Query()
	q.Set(k.name, k.key())
	u := *r.URL
	u.RawQuery = q.Encode()
	r.URL = &u
	return nil
}
func (k *queryKey) Secret() string { return k.key() }

// withoutKey takes the client's own key out of a URL that the provider has
// written it into, as some do with links to next pages: cursors are kept.
func (c *Client) withoutKey(cursor string) string {
	key, ok := c.credential.(*queryKey)
	if !ok || !strings.Contains(cursor, "?") {
		return cursor
	}
	u, err := url.Parse(cursor)
	if err != nil || !u.Query().Has(key.name) {
		return cursor
	}
	query := u.Query()
	query.Del(key.name)
	u.RawQuery = query.Encode()
	return u.String()
}
