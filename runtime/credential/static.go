package credential

// This file has the credentials that stay as they are.

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"unicode"

	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/field"
)

// Bearer signs with Authorization: Bearer token (RFC 6750). A token that is empty
// or has spaces or line breaks is refused when a client is made.
func Bearer(token string) Credential {
	err := checkSecret(token)
	if strings.ContainsFunc(strings.TrimSpace(token), unicode.IsSpace) {
		err = errors.New("the token has a space or a line break within it")
	}
	return newHeader("Authorization", "Bearer ", token, err)
}

// Basic signs by HTTP basic authentication (RFC 7617). A user name that is empty
// or has a colon is refused when a client is made.
func Basic(user, password string) Credential {
	var err error
	if user == "" || strings.Contains(user, ":") || field.CheckValue(user+password) != nil {
		err = errors.New("the user name is empty or has a colon, or user name or password has a line break")
	}
	return newHeader("Authorization", "Basic ", base64.StdEncoding.EncodeToString([]byte(user+":"+password)), err)
}

// APIKey signs with a key in a header, a query parameter or a cookie: in is
// "header", "query" or "cookie", as OpenAPI has it. What cannot be sent so is
// refused when a client is made.
func APIKey(in, name, key string) Credential {
	switch in {
	case api.InHeader:
		return newHeader(name, "", key, errors.Join(field.CheckName(name), checkSecret(key)))
	case "cookie":
		err := checkSecret(key)
		if name == "" || strings.ContainsAny(name+key, "=;, \t\"") {
			err = errors.New("the cookie has no name, or name or key has a character that ends it")
		}
		return newHeader("Cookie", name+"=", key, err)
	case api.InQuery:
		err := checkSecret(key)
		if name == "" {
			err = errors.New("the key's name is empty")
		}
		return &queryKey{name: name, key: hide(key), invalid: err}
	default:
		return newHeader("", "", key, fmt.Errorf("a key cannot stand in %q: say header, query or cookie", in))
	}
}

// checkSecret reports what a secret cannot have, without the secret: what was
// read from a file or a prompt often has a line break at its end, and is refused
// by providers with an error that tells of anything but that.
func checkSecret(secret string) error {
	if strings.TrimSpace(secret) == "" {
		return errors.New("the secret is empty")
	}
	if err := field.CheckValue(secret); err != nil {
		return err
	}
	if strings.TrimSpace(secret) != secret {
		return errors.New("the value begins or ends with a space: trim it")
	}
	return nil
}

type header struct {
	name    string
	value   hidden
	invalid error
}

func newHeader(name, prefix, secret string, invalid error) *header {
	return &header{name: name, value: hide(prefix + secret), invalid: invalid}
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
func (h *header) Check() error   { return h.invalid }

type queryKey struct {
	name    string
	key     hidden
	invalid error
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
func (k *queryKey) Check() error   { return k.invalid }

func (k *queryKey) withoutSecret(address string) string {
	if !strings.Contains(address, "?") {
		return address
	}
	u, err := url.Parse(address)
	if err != nil || !u.Query().Has(k.name) {
		return address
	}
	query := u.Query()
	query.Del(k.name)
	u.RawQuery = query.Encode()
	return u.String()
}
