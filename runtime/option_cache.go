package runtime

// This file has the options of the cache.

import (
	"errors"
	"fmt"
	"time"

	"github.com/weirkit/weir/runtime/cache"
)

// cacheConfig is what one call may differ in. It is compared: calls on other terms
// do not share an answer.
type cacheConfig struct {
	off          bool
	aged         bool // maxAge was given
	maxAge       time.Duration
	staleIfError time.Duration
}

// with is what a call's options and its request's own Cache-Control say together.
func (c cacheConfig) with(told cache.Directives) cacheConfig {
	if d, ok := told.Seconds("max-age"); ok {
		c.aged, c.maxAge = true, d
	}
	if d, ok := told.Seconds("stale-if-error"); ok {
		c.staleIfError = d
	}
	if _, ok := told["no-cache"]; ok {
		c.aged, c.maxAge = true, 0
	}
	return c
}

// WithCache stores answers of reading operations, as far as the API's annotations
// allow, and answers from there what still holds: without a request, or by asking
// whether it has changed, which some providers do not count. Of equal calls at the
// same time one is sent. What is stored is one credential's alone; several clients
// may share a store. A write makes old what is stored of its path, and of the
// operations that annotations name.
//
//	zd, err := zendesk.New("acme", token, runtime.WithCache(cache.Memory(64<<20)))
//
// A [Transport] with a cache holds answers of up to 16 MiB in memory until they
// are whole; longer ones are streamed as without it. There the Cache-Control of a
// request says for one call what these options do: no-store, no-cache, max-age,
// stale-if-error. Responses from the cache have an Age header.
func WithCache(store cache.Store) ClientOption {
	return clientOption(func(c *config) error {
		if store == nil {
			return errors.New("WithCache: the store is nil: give cache.Memory or cache.Folder")
		}
		c.cache = store
		return nil
	})
}

// WithMaxAge takes an answer from the cache that is younger than d, instead of one
// that is within its operation's lifetime: 0 asks the provider in any case, though
// only whether it has changed where that can be asked. An answer that says that it
// must be revalidated is not taken beyond its own lifetime. With it operations are
// stored too of which annotations say nothing. Without a cache it does nothing.
func WithMaxAge(d time.Duration) Option {
	return option(func(c *callConfig) error {
		if d < 0 {
			return fmt.Errorf("WithMaxAge: %v is negative", d)
		}
		c.cache.aged, c.cache.maxAge = true, d
		return nil
	})
}

// WithStaleIfError takes an answer from the cache that has been out of its lifetime
// for up to d, where the call would otherwise fail, after all of its attempts: by the
// provider's own error (5xx), a broken connection, a refusal, or a wait for budget
// that is too long. It is marked so in [Response], and by a [ServedStale] event. What
// a write of ours has made old is not taken. Without a cache it does nothing.
func WithStaleIfError(d time.Duration) Option {
	return option(func(c *callConfig) error {
		if d < 0 {
			return fmt.Errorf("WithStaleIfError: %v is negative", d)
		}
		c.cache.staleIfError = d
		return nil
	})
}

// WithoutCache neither takes an answer from the cache, nor stores it.
func WithoutCache() Option {
	return option(func(c *callConfig) error { c.cache.off = true; return nil })
}
