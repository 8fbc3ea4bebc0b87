// Package batch makes one request for many of what callers ask for one by one.
//
//	users := batch.New(batch.Config[int64, User]{
//		One:  func(ctx context.Context, class budget.Class, id int64) (User, error) { … },
//		Many: func(ctx context.Context, class budget.Class, ids []int64) ([]batch.Item[int64, User], error) { … },
//		Max:  100,
//	})
//	user, err := users.Load(ctx, budget.Normal, 7)
//
// A key goes alone, at once, when nothing of its loader is in flight. Otherwise
// keys gather until the batch is full, the flights end, or Config.Delay passes.
// So a program that makes one call after the other notices nothing, and one that
// makes hundreds at once makes few requests.
//
// A flight that answered several keys counts as in flight for a small part of its
// time longer, a thirty-second, and 10 ms at the most (of a quick one an eighth, up
// to a quarter of a millisecond): those it answered come back with their next
// keys, and without this the first of them would go alone each time, which doubles
// the requests. It ends once as many have come as were answered. Where they do come
// back, but later, it grows up to eight times as long, and shrinks again when they
// do not. That is the only delay that a key may have while nothing is under way.
//
// # When requests for many are worth it
//
// Config.Cost says what a request for n keys takes from the budget, and what n
// requests for one take. The rule:
//
//   - A batch that takes no more than single requests for its keys is made: it
//     saves quota, or at least round trips. One that takes more is not made, its
//     keys go one by one.
//   - Where a full batch takes no less than single requests, as with providers
//     that count a batch of 100 as 100, gathering saves only round trips, which is
//     no reason to delay anyone. Then keys go at once as long as there is room for
//     flights (Config.AtOnce), and gather only while there is none, since then they
//     have to wait anyway.
//
// # Whose answer, whose context, whose turn
//
// Equal keys share a flight, also one that is in the air already, so an answer
// can be as old as the beginning of a flight; who must read what they have just
// written asks without a loader. A caller does not join a flight that is less
// urgent than its own call, or may end before its deadline. The value is one for
// all who asked for the key: what it points to is shared.
//
// A caller's cancellation is its own affair. A flight is cancelled once nobody
// waits for it any more. Its context carries the values of the first caller of
// its first key, for some caller's trace and log fields are better than none, and
// neither that caller's cancellation nor deadline; it has the latest deadline of
// all, if all have one, so that the budget can tell at once that it is too short.
// [Callers] has the contexts of the others, to link their traces. Whatever in a
// context decides what is asked for, or in whose name, must be a part of the key.
//
// A batch is of the most urgent class of its keys, and waits only for flights that
// are as urgent: an urgent key takes its batch along.
package batch

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/weirkit/weir/runtime/budget"
	"github.com/weirkit/weir/runtime/clock"
)

// Config is what a Loader works with.
type Config[K comparable, V any] struct {
	// Many gets the values of keys in one request. The keys are distinct, and no
	// more than Max. The items may come in any order: a key without one is not
	// found, of several the first counts, and one that was not asked for is dropped.
	// It must heed its context. Required.
	Many func(ctx context.Context, class budget.Class, keys []K) ([]Item[K, V], error)
	// One gets the value of one key, with the provider's own error. Without it, Many
	// is asked for one key.
	One func(ctx context.Context, class budget.Class, key K) (V, error)

	// Max is how many keys one request may have, as the provider says. Required.
	Max int
	// Size is what a key adds to a request, say the bytes of its text in the URL
	// and of the separator, and MaxSize how much all keys may add. Both or neither.
	// A key that is larger by itself goes by One, or is refused if there is none.
	Size    func(key K) int
	MaxSize int
	// Check refuses keys that cannot be asked for. Without it the zero value is
	// refused, with ErrEmptyKey.
	Check func(key K) error

	// NotFound is the error of keys that the answer has no item for; ErrNotFound
	// unless given.
	NotFound error
	// Blame says what a request's error tells about its keys. Without it an error
	// is that of all.
	Blame func(err error) Blame

	// Cost is what requests take from the budget. Unless given, a request for many
	// takes what one for one takes.
	Cost Cost

	// AtOnce is how many flights there may be at a time, those aside that are less
	// urgent; 16 unless given. It is no rate: that is the budget's.
	AtOnce int
	// Delay is how long a key gathers at the most while flights are under way; 0
	// means until they end, or the batch is full.
	Delay time.Duration
	// Clock is what waits go by; clock.Real unless given.
	Clock clock.Clock
}

// Cost is what requests take from the budget, in the provider's units.
type Cost struct {
	// One is of a request for one key; 0 means 1.
	One int
	// Many is of a request for n keys, 1 < n <= Max. It is asked beforehand. Nil
	// means One, whatever n is.
	Many func(n int) int
}

// Item is what a request for many told about a key: a value, or an error that is
// the key's own.
type Item[K comparable, V any] struct {
	Key   K
	Value V
	Err   error
}

// Blame is what an error of a request tells about its keys.
type Blame int

const (
	// All is an error that has nothing to do with a key: every caller gets it.
	All Blame = iota
	// Key is an error that one of the keys causes. The request is split until that
	// key is alone and gets the error; the others get their values. For each such
	// key that takes 2*log2(n)+1 further requests at the most.
	Key
	// TooLarge is an error that fewer keys avoid: they are asked for in pieces of half
	// the size, as often as that takes, and the next requests are of the size that
	// went well, until eight in a row did.
	TooLarge
)

const (
	defaultAtOnce = 16

	// How long a flight of several keys lands, see landingOf.
	landingPart  = 32 // of its time
	longestLand  = 10 * time.Millisecond
	mostPatience = 8 // times as long, for those who come back late
	quickPart    = 8 // of a quick flight's time
	quickLand    = 250 * time.Microsecond
	shortestLand = 50 * time.Microsecond // less than a timer can tell
)

// New returns a loader. It holds nothing while idle, and needs no end.
func New[K comparable, V any](cfg Config[K, V]) (*Loader[K, V], error) {
	if err := cfg.check(); err != nil {
		return nil, fmt.Errorf("batch: %w", err)
	}
	if cfg.NotFound == nil {
		cfg.NotFound = ErrNotFound
	}
	if cfg.Blame == nil {
		cfg.Blame = func(error) Blame { return All }
	}
	if cfg.AtOnce == 0 {
		cfg.AtOnce = defaultAtOnce
	}
	if cfg.Clock == nil {
		cfg.Clock = clock.Real
	}
	l := &Loader[K, V]{
		cfg:   cfg,
		keys:  map[K]*entry[K, V]{},
		sizer: sizer{most: cfg.Max, now: cfg.Max},
		saves: cfg.Max > 1,
	}
	if err := l.price(); err != nil {
		return nil, fmt.Errorf("batch: %w", err)
	}
	return l, nil
}

// price finds out for which numbers of keys a request for many is worth it.
func (l *Loader[K, V]) price() error {
	one, many := max(l.cfg.Cost.One, 1), l.cfg.Cost.Many
	if many == nil || l.cfg.Max == 1 {
		return nil
	}
	l.dear = make([]bool, l.cfg.Max+1)
	for n := 2; n <= l.cfg.Max; n++ {
		cost := many(n)
		if cost < 0 {
			return fmt.Errorf("a request for %d keys costs %d: it cannot be less than 0", n, cost)
		}
		l.dear[n] = cost > n*one
	}
	l.saves = many(l.cfg.Max) < l.cfg.Max*one
	return nil
}

func (cfg *Config[K, V]) check() error {
	switch {
	case cfg.Many == nil:
		return errors.New("Config.Many is missing")
	case cfg.Max < 1:
		return fmt.Errorf("Config.Max is %d: it must be at least 1", cfg.Max)
	case (cfg.Size == nil) != (cfg.MaxSize == 0) || cfg.MaxSize < 0:
		return errors.New("Config.Size and a positive Config.MaxSize go together: give both or neither")
	case cfg.AtOnce < 0:
		return fmt.Errorf("Config.AtOnce is %d: it must be at least 1, or 0 for %d", cfg.AtOnce, defaultAtOnce)
	case cfg.Delay < 0:
		return fmt.Errorf("Config.Delay is %v: it cannot be negative", cfg.Delay)
	case cfg.Cost.One < 0:
		return fmt.Errorf("Config.Cost.One is %d: it cannot be negative", cfg.Cost.One)
	}
	return nil
}
