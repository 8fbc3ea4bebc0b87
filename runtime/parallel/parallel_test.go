package parallel

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

var errBoom = errors.New("boom")

// numbers yields 0 to n-1, then err if there is one.
func numbers(n int, err error) iter.Seq2[int, error] {
	return func(yield func(int, error) bool) {
		for i := range n {
			if !yield(i, nil) {
				return
			}
		}
		if err != nil {
			yield(0, err)
		}
	}
}

// gauge counts calls, and how many there are at once.
type gauge struct {
	mu                 sync.Mutex
	running, most, all int
}

func (g *gauge) enter() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.all++
	g.running++
	g.most = max(g.most, g.running)
}

func (g *gauge) leave() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.running--
}

// work takes a second, less if cancelled.
func (g *gauge) work(ctx context.Context) error {
	g.enter()
	defer g.leave()
	select {
	case <-time.After(time.Second):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func TestEachIsBounded(t *testing.T) {
	for _, n := range []int{1, 4, 100} {
		synctest.Test(t, func(t *testing.T) {
			var g gauge
			start := time.Now()
			err := Each(t.Context(), n, slices.Values(make([]int, 10)), func(ctx context.Context, _ int) error { return g.work(ctx) })
			if err != nil || g.all != 10 || g.most != min(n, 10) || g.running != 0 {
				t.Errorf("n %d: %v, %+v", n, err, g.all)
			}
			if want := time.Duration((10+n-1)/n) * time.Second; time.Since(start) != want {
				t.Errorf("n %d: took %v; want %v", n, time.Since(start), want)
			}
		})
	}
}

func TestFailures(t *testing.T) {
	calls := map[string]func(ctx context.Context, i int) error{
		"error": func(context.Context, int) error { return errBoom },
		"panic": func(context.Context, int) error { panic(errBoom) },
	}
	runs := map[string]func(ctx context.Context, seq iter.Seq2[int, error], do func(context.Context, int) error) error{
		"EachSeq": func(ctx context.Context, seq iter.Seq2[int, error], do func(context.Context, int) error) error {
			return EachSeq(ctx, 3, seq, do)
		},
		"MapSeq": func(ctx context.Context, seq iter.Seq2[int, error], do func(context.Context, int) error) error {
			for _, err := range MapSeq(ctx, 3, seq, func(ctx context.Context, i int) (int, error) { return i, do(ctx, i) }) {
				if err != nil {
					return err
				}
			}
			return nil
		},
	}
	for run, each := range runs {
		for name, fail := range calls {
			t.Run(run+" "+name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					var g gauge
					start := time.Now()
					err := each(t.Context(), numbers(1000, nil), func(ctx context.Context, i int) error {
						if i == 4 {
							time.Sleep(500 * time.Millisecond)
							return fail(ctx, i)
						}
						return g.work(ctx)
					})
					if !errors.Is(err, errBoom) || g.running != 0 || g.all > 6 || time.Since(start) != 1500*time.Millisecond {
						t.Errorf("%v after %v, %d calls, %d running", err, time.Since(start), g.all, g.running)
					}
				})
			})
		}
		t.Run(run+" of the sequence", func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var g gauge
				err := each(t.Context(), numbers(2, errBoom), func(ctx context.Context, _ int) error { return g.work(ctx) })
				if err != errBoom || g.running != 0 || g.all > 2 {
					t.Errorf("%v, %d calls, %d running", err, g.all, g.running)
				}
			})
		})
		t.Run(run+" Goexit", func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				err := each(t.Context(), numbers(5, nil), func(context.Context, int) error { runtime.Goexit(); return nil })
				if !errors.Is(err, errExited) {
					t.Errorf("%v", err)
				}
			})
		})
		t.Run(run+" cancelled", func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), 2500*time.Millisecond)
				defer cancel()
				var g gauge
				err := each(ctx, numbers(1000, nil), func(context.Context, int) error { return g.work(context.Background()) })
				if !errors.Is(err, context.DeadlineExceeded) || g.running != 0 || g.all != 9 {
					t.Errorf("%v, %d calls, %d running", err, g.all, g.running)
				}
			})
		})
		t.Run(run+" sequence that panics", func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var g gauge
				defer func() {
					if v := recover(); v != errBoom || g.running != 0 {
						t.Errorf("recovered %v, %d running", v, g.running)
					}
				}()
				each(t.Context(), func(yield func(int, error) bool) {
					yield(1, nil)
					panic(errBoom)
				}, func(ctx context.Context, _ int) error { return g.work(ctx) })
				t.Error("no panic")
			})
		})
	}
}

// All done when the context ends is done.
func TestContextEndsAfterTheLast(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	err := Each(ctx, 1, slices.Values([]int{1}), func(context.Context, int) error { cancel(); return nil })
	if err != nil {
		t.Errorf("%v", err)
	}
	for got, err := range MapSeq(ctx, 1, numbers(0, nil), func(context.Context, int) (int, error) { return 0, nil }) {
		if err == nil {
			t.Errorf("result %d of nothing", got)
		}
	}
}

func TestPanicErrorTellsWhere(t *testing.T) {
	err := Each(t.Context(), 1, slices.Values([]int{1}), func(context.Context, int) error { panic("oh no") })
	p, ok := errors.AsType[*PanicError](err)
	if !ok || p.Value != "oh no" || p.Unwrap() != nil || !strings.Contains(err.Error(), "TestPanicErrorTellsWhere") {
		t.Errorf("%v", err)
	}
}

func TestNumberMustNotBeNegative(t *testing.T) {
	never := func(context.Context, int) error { t.Error("called"); return nil }
	for _, n := range []int{-1, -100} {
		if err := Each(t.Context(), n, slices.Values([]int{1}), never); err == nil {
			t.Errorf("Each: no error for %d", n)
		}
		for _, err := range MapSeq(t.Context(), n, numbers(1, nil), func(context.Context, int) (int, error) { return 0, nil }) {
			if err == nil {
				t.Errorf("MapSeq: no error for %d", n)
			}
		}
	}
}

func TestMap(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		items := []int{3, 1, 2}
		got, err := Map(t.Context(), 3, items, func(_ context.Context, i int) (string, error) {
			time.Sleep(time.Duration(i) * time.Second)
			return fmt.Sprint("n", i), nil
		})
		if err != nil || !cmp.Equal(got, []string{"n3", "n1", "n2"}) {
			t.Errorf("%v, %v", got, err)
		}
		got, err = Map(t.Context(), 3, items, func(_ context.Context, i int) (string, error) { return "", errBoom })
		if got != nil || err != errBoom {
			t.Errorf("%v, %v", got, err)
		}
		if none, err := Map(t.Context(), 1, nil, func(context.Context, int) (int, error) { return 0, nil }); err != nil || len(none) != 0 {
			t.Errorf("%v, %v", none, err)
		}
	})
}

func TestMapSeqKeepsOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var g gauge
		results := MapSeq(t.Context(), 4, numbers(20, errBoom), func(_ context.Context, i int) (int, error) {
			g.enter()
			defer g.leave()
			time.Sleep(time.Duration(7*i%5) * time.Second)
			return i * i, nil
		})
		for range 2 {
			next := 0
			var failed error
			for square, err := range results {
				if failed = err; err != nil {
					continue
				}
				if square != next*next {
					t.Errorf("result %d; want %d", square, next*next)
				}
				next++
			}
			if next != 20 || failed != errBoom || g.most > 4 {
				t.Errorf("%d results, then %v; %d at once", next, failed, g.most)
			}
		}
	})
}

func TestMapSeqIsLazy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var g gauge
		taken := 0
		seq := func(yield func(int, error) bool) {
			for yield(taken, nil) {
				taken++
			}
		}
		results := MapSeq(t.Context(), 4, seq, func(ctx context.Context, i int) (int, error) { return i, g.work(ctx) })
		if g.all != 0 {
			t.Error("began before the loop")
		}
		for i := range results {
			if i == 10 {
				break
			}
		}
		if g.running != 0 || g.all > 15 {
			t.Errorf("%d calls, %d running", g.all, g.running)
		}
	})
}
