package batch

import (
	"errors"
	"fmt"

	"github.com/weirkit/weir/runtime/parallel"
)

var (
	// ErrNotFound is the error of a key that an answer has no item for, unless
	// Config.NotFound is another.
	ErrNotFound = errors.New("batch: the answer has no such key")
	// ErrEmptyKey is the error of a key that is the zero value of its type.
	ErrEmptyKey = errors.New("batch: the key is empty")
	// ErrKeyTooLarge is the error of a key that no request has room for.
	ErrKeyTooLarge = errors.New("batch: the key is too large for a request")
)

var (
	errUnequal = errors.New("batch: the key does not equal itself (NaN), so nothing can be found by it")
	errExited  = errors.New("batch: the function that makes the request ended its goroutine (runtime.Goexit) instead of returning")
)

// PanicError is a panic of a function that makes requests. All callers of the
// flight that have no answer yet get it.
type PanicError = parallel.PanicError

// accept refuses a key that cannot be asked for, and says how large it is.
func (l *Loader[K, V]) accept(key K) (size int, err error) {
	if key != key { // also panics, before a lock is held, if it cannot be compared
		return 0, errUnequal
	}
	if l.cfg.Check != nil {
		if err := l.cfg.Check(key); err != nil {
			return 0, fmt.Errorf("batch: key %v: %w", key, err)
		}
	} else if key == *new(K) {
		return 0, fmt.Errorf("%w: %#v is no %T to ask for", ErrEmptyKey, key, key)
	}
	if l.cfg.Size == nil {
		return 0, nil
	}
	if size = max(l.cfg.Size(key), 0); size > l.cfg.MaxSize && l.cfg.One == nil {
		return 0, fmt.Errorf("%w: it takes %d of %d", ErrKeyTooLarge, size, l.cfg.MaxSize)
	}
	return size, nil
}
