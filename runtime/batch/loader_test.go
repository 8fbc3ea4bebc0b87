package batch_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/weirkit/weir/runtime/batch"
	"github.com/weirkit/weir/runtime/budget"
)

func TestALoneKeyGoesAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(100 * time.Millisecond)
		cfg := d.config(100)
		cfg.Delay = time.Second
		l := newLoader(t, cfg)
		for i := range 5 {
			v, err := l.Load(t.Context(), budget.Normal, 7)
			if v != "user 7" || err != nil {
				t.Errorf("got %q, %v", v, err)
			}
			if took, want := time.Since(d.began), time.Duration(i+1)*100*time.Millisecond; took != want {
				t.Errorf("%d calls after one another took %v, want %v", i+1, took, want)
			}
		}
		for _, r := range d.seen() {
			if !r.one {
				t.Errorf("a lone key went by the request for many: %v", r.keys)
			}
		}
	})
}

// TestManyCallersMakeFewRequests is the reach that the loader is made for.
func TestManyCallersMakeFewRequests(t *testing.T) {
	const keys = 10_000
	latencies := map[string]func(int) time.Duration{
		"even":   func(int) time.Duration { return 50 * time.Millisecond },
		"uneven": func(int) time.Duration { return time.Duration(20+rand.IntN(200)) * time.Millisecond },
	}
	for name, latency := range latencies {
		for callers, most := range map[int]int{512: 120, 64: 180} {
			t.Run(fmt.Sprint(callers, " callers, ", name), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					d := newDesk(0)
					d.latency, d.noise = latency, true
					l := newLoader(t, d.config(100))
					next := make(chan int)
					var group sync.WaitGroup
					for range callers {
						group.Go(func() {
							for key := range next {
								if v, err := l.Load(t.Context(), budget.Normal, key); v != user(key) || err != nil {
									t.Errorf("key %d: %q, %v", key, v, err)
								}
							}
						})
					}
					for _, key := range span(1, keys) {
						next <- key
					}
					close(next)
					group.Wait()
					t.Logf("%d requests in %v", d.count(), time.Since(d.began))
					if d.count() > most {
						t.Errorf("%d requests for %d keys, want at most %d", d.count(), keys, most)
					}
				})
			})
		}
	}
}

func TestEqualKeysShareAFlight(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(100 * time.Millisecond)
		l := newLoader(t, d.config(100))
		keys := []int{1, 2, 1, 2, 3, 1, 3}
		for i, r := range d.calls(t, l, keys, nil) {
			if r.value != user(keys[i]) || r.err != nil {
				t.Errorf("key %d: %+v", keys[i], r)
			}
		}
		for key, times := range d.asked {
			if times != 1 {
				t.Errorf("key %d was asked for %d times", key, times)
			}
		}
		if d.count() != 2 {
			t.Errorf("%d requests, want 2", d.count())
		}
	})
}

// TestAnswersFindTheirKeys has answers in any order, with gaps, strangers and
// doubles.
func TestAnswersFindTheirKeys(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(time.Millisecond)
		d.noise, d.gone = true, map[int]bool{3: true, 50: true, 1_000_001: true}
		l := newLoader(t, d.config(30))
		keys := append(span(1, 100), 1_000_001)
		for i, r := range d.calls(t, l, keys, nil) {
			want := got{value: user(keys[i]), at: r.at}
			if d.gone[keys[i]] {
				want.value, want.err = "", errNoUser
			}
			if keys[i] == 1_000_001 && r.value == "a stranger" {
				continue // the stand-in made one of this id up
			}
			if r != want {
				t.Errorf("key %d: %+v, want %+v", keys[i], r, want)
			}
		}
	})
}

func TestAnItemsOwnError(t *testing.T) {
	own := errors.New("this one is hidden")
	l, err := batch.New(batch.Config[string, int]{Max: 3, Many: func(_ context.Context, _ budget.Class, keys []string) ([]batch.Item[string, int], error) {
		return []batch.Item[string, int]{{Key: "b", Err: own}, {Key: "a", Value: 1}}, nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	results := l.Many(t.Context(), budget.Normal, []string{"a", "b", "c"})
	want := []batch.Result[string, int]{{Key: "a", Value: 1}, {Key: "b", Err: own}, {Key: "c", Err: batch.ErrNotFound}}
	if !slices.Equal(results, want) {
		t.Errorf("got %v, want %v", results, want)
	}
}

func TestKeysThatAreRefused(t *testing.T) {
	never := func(context.Context, budget.Class, []any) ([]batch.Item[any, int], error) {
		return nil, errors.New("it was asked")
	}
	odd := errors.New("ids are even")
	loader := func(check func(any) error) *batch.Loader[any, int] {
		l, err := batch.New(batch.Config[any, int]{
			Max: 3, Many: never, Check: check, MaxSize: 10,
			Size: func(key any) int { return len(fmt.Sprint(key)) },
		})
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	plain := loader(nil)
	for name, c := range map[string]struct {
		l    *batch.Loader[any, int]
		key  any
		want error
		text string
	}{
		"empty":     {plain, nil, batch.ErrEmptyKey, "the key is empty"},
		"NaN":       {plain, math.NaN(), nil, "does not equal itself"},
		"unchecked": {loader(func(any) error { return odd }), 7, odd, "key 7: ids are even"},
		"too large": {plain, "elevenbytes", batch.ErrKeyTooLarge, "it takes 11 of 10"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := c.l.Load(t.Context(), budget.Normal, c.key)
			if err == nil || c.want != nil && !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.text) {
				t.Errorf("got %v, want %v with %q", err, c.want, c.text)
			}
		})
	}
	t.Run("incomparable", func(t *testing.T) {
		defer func() {
			if recover() == nil {
				t.Error("a key that cannot be compared was taken")
			}
			if _, err := plain.Load(t.Context(), budget.Normal, 7); err == nil || err.Error() != "it was asked" {
				t.Errorf("then the loader was stuck: %v", err)
			}
		}()
		plain.Load(t.Context(), budget.Normal, []int{1})
	})
	t.Run("zero where the check allows it", func(t *testing.T) {
		l, err := batch.New(batch.Config[int, int]{
			Max: 3, Check: func(int) error { return nil },
			Many: func(context.Context, budget.Class, []int) ([]batch.Item[int, int], error) {
				return []batch.Item[int, int]{{Key: 0, Value: 5}}, nil
			},
		})
		if err != nil {
			t.Fatal(err)
		}
		if v, err := l.Load(t.Context(), budget.Normal, 0); v != 5 || err != nil {
			t.Errorf("got %d, %v", v, err)
		}
	})
}

func TestPanicsReachTheCallers(t *testing.T) {
	boom := errors.New("boom")
	for name, c := range map[string]struct {
		many  func() ([]batch.Item[int, string], error)
		blame func(error) batch.Blame
		want  string
	}{
		"panic":        {many: func() ([]batch.Item[int, string], error) { panic(boom) }, want: "panic: boom"},
		"Goexit":       {many: func() ([]batch.Item[int, string], error) { runtime.Goexit(); return nil, nil }, want: "Goexit"},
		"in the blame": {many: func() ([]batch.Item[int, string], error) { return nil, boom }, blame: func(error) batch.Blame { panic(boom) }, want: "panic: boom"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := newDesk(time.Millisecond)
				cfg, fails := d.config(100), true
				cfg.Many = func(ctx context.Context, class budget.Class, keys []int) ([]batch.Item[int, string], error) {
					if fails {
						return c.many()
					}
					return d.many(ctx, class, keys)
				}
				if c.blame != nil {
					cfg.Blame = c.blame
				}
				l := newLoader(t, cfg)
				for _, r := range l.Many(t.Context(), budget.Normal, span(1, 20)) {
					if r.Err == nil || !strings.Contains(r.Err.Error(), c.want) {
						t.Errorf("key %d: %v, want %q", r.Key, r.Err, c.want)
					}
					if p, ok := errors.AsType[*batch.PanicError](r.Err); ok && (!errors.Is(r.Err, boom) || len(p.Stack) == 0) {
						t.Errorf("key %d: %v does not tell what panicked and where", r.Key, r.Err)
					}
				}
				fails = false
				synctest.Wait()
				for i, r := range d.calls(t, l, span(1, 20), nil) {
					if r.value != user(i+1) || r.err != nil {
						t.Errorf("afterwards key %d: %+v", i+1, r)
					}
				}
			})
		})
	}
}

func TestOtherErrorsGoToAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(time.Millisecond)
		d.down = func() bool { return true }
		l := newLoader(t, d.config(100))
		for _, r := range l.Many(t.Context(), budget.Normal, span(1, 100)) {
			if r.Err != errDown {
				t.Errorf("key %d: %v", r.Key, r.Err)
			}
		}
		if d.count() != 1 {
			t.Errorf("%d requests, want 1", d.count())
		}
	})
}

func TestNewRefuses(t *testing.T) {
	d := newDesk(0)
	for text, change := range map[string]func(*batch.Config[int, string]){
		"Config.Many is missing":    func(c *batch.Config[int, string]) { c.Many = nil },
		"Config.Max is 0":           func(c *batch.Config[int, string]) { c.Max = 0 },
		"give both or neither":      func(c *batch.Config[int, string]) { c.MaxSize = 8 },
		"a positive Config.MaxSize": func(c *batch.Config[int, string]) { c.Size = func(int) int { return 1 } },
		"Config.AtOnce is -1":       func(c *batch.Config[int, string]) { c.AtOnce = -1 },
		"Config.Delay is -1s":       func(c *batch.Config[int, string]) { c.Delay = -time.Second },
		"Config.Cost.One is -1":     func(c *batch.Config[int, string]) { c.Cost.One = -1 },
		"2 keys costs -1":           func(c *batch.Config[int, string]) { c.Cost.Many = func(int) int { return -1 } },
	} {
		cfg := d.config(100)
		change(&cfg)
		if _, err := batch.New(cfg); err == nil || !strings.Contains(err.Error(), text) {
			t.Errorf("got %v, want %q", err, text)
		}
	}
}

// sizes are how many keys each request had, in the order of time; those of one
// moment come in any order, so the smallest first.
func (d *desk) sizes() []int {
	var sizes []int
	requests := d.seen()
	slices.SortStableFunc(requests, func(a, b *request) int {
		return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(len(a.keys), len(b.keys)))
	})
	for _, r := range requests {
		sizes = append(sizes, len(r.keys))
	}
	return sizes
}

func (d *desk) wantSizes(t *testing.T, want ...int) {
	t.Helper()
	if got := d.sizes(); !slices.Equal(got, want) {
		t.Errorf("keys of the requests: %v, want %v", got, want)
	}
}
