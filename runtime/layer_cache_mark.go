package runtime

// This file makes what is stored old when something is written.
//
// The keys of a store are hashes, so that the pages of a list cannot be looked up
// in order to remove them. Instead the store has marks, random texts, one for each
// operation and one for each of many parts that paths fall into. An entry remembers
// the marks of its time; a write changes them, and then the provider is asked again,
// by the entry's ETag if it has one. A mark that the store has lost is made anew, and
// so can cost a request, but never bring back what was old; nor does the answer to a
// question that was asked before the write, and comes after it.

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"net/http"
	"net/url"
	"slices"

	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/cache"
	"github.com/weirkit/weir/runtime/page"
)

// pathMark is the key of the mark of a path, whatever its query. Paths share 4,096
// of them, so that a store needs no room for each.
func (l caching) pathMark(u *url.URL) string {
	sum := sha256.Sum256([]byte(pathOf(u)))
	return cache.Key("mark of path", l.client.desc.Name, u.Host, hex.EncodeToString(sum[:2])[:3])
}

// pathOf is what a write to u makes old, whatever is asked for there.
func pathOf(u *url.URL) string { return u.Host + u.EscapedPath() }

// operationMark is the key of the mark of an operation, apart for each account that
// is known: many customers of one app share a store.
func (l caching) operationMark(operation string, cl *call) string {
	account := ""
	if cl.who != nil && !cl.who.guessed[api.ScopeAccount] {
		account = cl.who.identity[api.ScopeAccount]
	}
	return cache.Key("mark of operation", l.client.desc.Name, operation, account)
}

// marks are the marks of now that an answer to the question hangs on.
func (l caching) marks(q *question) []string {
	return []string{
		l.mark(l.pathMark(q.req.URL), q.call),
		l.mark(l.operationMark(q.call.op.Name, q.call), q.call),
	}
}

func sameMarks(then, now []string) bool { return slices.Equal(then, now) && !slices.Contains(now, "") }

// mark reads a mark, and makes it where there is none, or nothing is left of it.
func (l caching) mark(key string, cl *call) string {
	if b, ok := l.get(key, cl); ok && len(b) > 0 {
		return string(b)
	}
	return l.newMark(key, cl)
}

// newMark is empty where it could not be kept: then nothing that hangs on it holds.
func (l caching) newMark(key string, cl *call) string {
	mark := rand.Text()
	if err := l.store.Set(key, []byte(mark)); err != nil {
		l.report(CacheFailed, cl)
		l.store.Delete(key) // the one before would go on to hold; a full disk takes this yet
		return ""
	}
	return mark
}

// get reads the store.
func (l caching) get(key string, cl *call) ([]byte, bool) {
	b, err := l.store.Get(key)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		l.report(CacheFailed, cl)
	}
	return b, err == nil
}

// written makes old what a call has changed, or may have: also one that got no
// answer. One that the provider has rejected has changed nothing.
func (l caching) written(cl *call, req *http.Request, resp *http.Response) {
	if cl.query != nil || cl.attempts == 0 {
		return
	}
	if resp != nil && resp.StatusCode >= 400 && resp.StatusCode < 500 {
		return
	}
	paths, operations := []*url.URL{req.URL}, []string(nil)
	if resp != nil {
		for _, name := range []string{"Location", "Content-Location"} { // RFC 9111, 4.4
			to, err := req.URL.Parse(resp.Header.Get(name))
			if err == nil && resp.Header.Get(name) != "" && page.SameOrigin(to, req.URL) {
				paths = append(paths, to)
			}
		}
	}
	if own := cl.op.Cache; own != nil {
		operations = own.Invalidates
	}
	for _, u := range paths {
		l.newMark(l.pathMark(u), cl)
	}
	for _, name := range operations {
		l.newMark(l.operationMark(name, cl), cl)
	}
	// Who asks from now on wants to see what was written, and so joins no call that
	// was sent before.
	l.flights.Close(func(key flightKey) bool {
		return slices.Contains(operations, key.operation) || slices.ContainsFunc(paths, func(u *url.URL) bool { return pathOf(u) == key.path })
	})
}
