package cache

// This file has the rules of RFC 9111 for one private cache: what may be kept,
// for how long it holds, and how the provider is asked whether it still does.

import (
	"maps"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Forever is a lifetime without an end.
const Forever = time.Duration(math.MaxInt64)

// unkept are headers that say nothing to anybody later, or are the connection's;
// and cookies, which are credentials.
var unkept = []string{
	"Connection", "Keep-Alive", "Proxy-Authenticate", "Proxy-Authentication-Info", "Proxy-Authorization", "Te", "Trailer", "Transfer-Encoding", "Upgrade",
	"Set-Cookie", "Set-Cookie2", "Authentication-Info",
}

// kept is what is kept of an answer's headers.
func kept(h http.Header) http.Header {
	h = h.Clone()
	for _, line := range h["Connection"] {
		for name := range strings.SplitSeq(line, ",") {
			h.Del(strings.TrimSpace(name))
		}
	}
	for _, name := range unkept {
		h.Del(name)
	}
	return h
}

// New is the entry of an answer to a request that was sent at asked.
func New(status int, header http.Header, body []byte, request http.Header, asked time.Time) *Entry {
	e := &Entry{Status: status, Header: kept(header), Body: body, Asked: asked}
	for _, name := range varyNames(header) {
		if e.Vary == nil {
			e.Vary = map[string]string{}
		}
		e.Vary[name] = varyValue(request, name)
	}
	return e
}

// Storable reports whether an answer may be kept. Of statuses it is 200 alone:
// errors are asked for again, and of others a caller wants to hear each time.
// With ignoring, what the answer says of caches does not count.
func Storable(status int, h http.Header, ignoring bool) bool {
	if status != http.StatusOK || slices.Contains(varyNames(h), "*") {
		return false
	}
	_, noStore := Control(h)["no-store"]
	return ignoring || !noStore
}

// varyNames are the request headers that an answer depends on (RFC 9110, 12.5.5).
// What signs a request is not among them: the keys of entries have it in them.
func varyNames(h http.Header) []string {
	var names []string
	for _, line := range h["Vary"] {
		for name := range strings.SplitSeq(line, ",") {
			name = http.CanonicalHeaderKey(strings.TrimSpace(name))
			if name != "" && name != "Authorization" && name != "Cookie" {
				names = append(names, name)
			}
		}
	}
	return names
}

func varyValue(request http.Header, name string) string {
	return Key(request[name]...)
}

// Matches reports whether the entry answers a request with these headers.
func (e *Entry) Matches(request http.Header) bool {
	for name, value := range e.Vary {
		if varyValue(request, name) != value {
			return false
		}
	}
	return true
}

// Age is how old the answer is: since it was asked for, and before that with the
// caches on the way. The difference of its Date to our clock is not taken as age:
// clocks are wrong more often than a cache on the way keeps silent. An answer from
// the future is older than anything.
func (e *Entry) Age(now time.Time) time.Duration {
	since := now.Sub(e.Asked)
	if since < 0 {
		return Forever
	}
	if n, err := strconv.Atoi(e.Header.Get("Age")); err == nil && n > 0 && n < 1<<31 {
		since += time.Duration(n) * time.Second
	}
	return since
}

// Lifetime is how long the answer holds by what it says itself, and false where it
// says nothing of it.
func (e *Entry) Lifetime() (d time.Duration, told bool) {
	c := Control(e.Header)
	if _, never := c["no-cache"]; never {
		return 0, true
	}
	if d, ok := c.Seconds("max-age"); ok {
		return d, true
	}
	if len(c) == 0 && strings.Contains(strings.ToLower(e.Header.Get("Pragma")), "no-cache") {
		return 0, true
	}
	expires := e.Header.Get("Expires")
	if expires == "" {
		return 0, false
	}
	until, err := http.ParseTime(expires)
	from, errFrom := http.ParseTime(e.Header.Get("Date"))
	if err != nil || errFrom != nil {
		return 0, true // such as Expires: 0
	}
	return max(0, until.Sub(from)), true
}

// MustRevalidate reports whether the answer may not be used once it has become
// stale, whatever a caller would allow.
func (e *Entry) MustRevalidate() bool {
	c := Control(e.Header)
	_, must := c["must-revalidate"]
	_, no := c["no-cache"]
	return must || no
}

// Conditions are the request headers that ask whether the answer has changed; nil
// where it has nothing to ask by.
func (e *Entry) Conditions() http.Header {
	h := http.Header{}
	if tag := e.Header.Get("Etag"); tag != "" {
		h.Set("If-None-Match", tag)
	}
	if modified := e.Header.Get("Last-Modified"); modified != "" {
		h.Set("If-Modified-Since", modified)
	}
	if len(h) == 0 {
		return nil
	}
	return h
}

// Confirmed is the entry after an answer of 304 with these headers, which replace
// those that were kept. It is false where the answer is about another version of
// what was asked for than the one kept.
func (e *Entry) Confirmed(h http.Header, asked time.Time) (*Entry, bool) {
	if tag, ours := h.Get("Etag"), e.Header.Get("Etag"); tag != "" && ours != "" && weak(tag) != weak(ours) {
		return nil, false
	}
	fresh := *e
	fresh.Asked = asked
	fresh.Header = e.Header.Clone()
	fresh.Header.Del("Age")
	update := kept(h)
	// What describes the body is of a body that was not sent (RFC 9111, 3.2).
	for _, name := range []string{"Content-Length", "Content-Encoding", "Content-Type", "Content-Range"} {
		update.Del(name)
	}
	maps.Copy(fresh.Header, update)
	return &fresh, true
}

// weak is an entity tag without the mark of a weak one.
func weak(tag string) string { return strings.TrimPrefix(tag, "W/") }
