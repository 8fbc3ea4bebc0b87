// Package cache keeps answers of providers: what is kept of one, how long it
// holds by RFC 9111, and where it is kept, in memory or in a folder.
//
// It knows no calls; the runtime has the layer that uses it, and a client is
// given one by runtime.WithCache.
//
// No library for RFC 9111 is beneath. bartventer/httpcache is the one that is
// well kept, and was the first choice; but it is an http.RoundTripper around
// everything, and what it decides by is internal to it. Its keys are addresses, so
// that one credential would see what another was answered; it reads the machine's
// clock; it knows no lifetime but the answer's, sends a request for each of many
// equal calls, and has no stale answer for a failed connection. Its folder writes
// in place and believes what it reads, and its memory is without a bound. The
// rules are therefore here, for one private cache. [Store] has the methods of its
// backends, so that one made for it fits.
package cache

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"strconv"
)

// Store keeps bytes by key. It may be used by many goroutines and many clients at
// once, and may forget anything at any time: what is not there is asked for. Keys
// are hashes in hexadecimal digits, of which nothing can be read back; what is kept
// is what the provider has answered.
type Store interface {
	// Get returns what was set last for a key, and an error that wraps
	// fs.ErrNotExist where there is nothing. The caller does not change it.
	Get(key string) ([]byte, error)
	// Set keeps a value, in place of the one before. The value is the store's
	// from then on.
	Set(key string, value []byte) error
	// Delete forgets a key. It may fail where there is nothing to forget.
	Delete(key string) error
}

// Key is the key that stands for several texts, told apart from any other's.
func Key(parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		io.WriteString(h, strconv.Itoa(len(p))+":")
		io.WriteString(h, p)
	}
	return hex.EncodeToString(h.Sum(nil))
}
