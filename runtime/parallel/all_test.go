package parallel

// This file tests going on after errors, and results as they come.

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// indexesOf are the places of the items whose errors are joined in err, and how
// many other errors there are beside them.
func indexesOf(err error) (indexes []int, others int) {
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return nil, 1
	}
	for _, e := range joined.Unwrap() {
		if item, ok := e.(*ItemError); ok {
			indexes = append(indexes, item.Index)
		} else {
			others++
		}
	}
	return indexes, others
}

// failing fails in one of several ways for every third item.
func failing(i int) error {
	switch i % 9 {
	case 2:
		return fmt.Errorf("%d: %w", i, errBoom)
	case 5:
		panic(errBoom)
	case 8:
		runtime.Goexit()
	}
	return nil
}

func TestAllErrors(t *testing.T) {
	thirds := []int{2, 5, 8, 11, 14, 17}
	t.Run("EachSeq", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			var g gauge
			err := EachSeq(t.Context(), 4, numbers(20, nil), func(ctx context.Context, i int) error {
				if err := failing(i); err != nil {
					return err
				}
				return g.work(ctx)
			}, WithAllErrors())
			indexes, others := indexesOf(err)
			if !slices.Equal(indexes, thirds) || others != 0 || g.all != 14 || g.running != 0 {
				t.Errorf("errors of %v and %d others, %d calls went well: %v", indexes, others, g.all, err)
			}
			if !errors.Is(err, errBoom) || !errors.Is(err, errExited) || !strings.Contains(err.Error(), "failing(") {
				t.Errorf("error = %v: it lacks a cause, or the stack of the panic", err)
			}
		})
	})
	t.Run("Map", func(t *testing.T) {
		items := slices.Collect(func(yield func(int) bool) {
			for i := range 20 {
				if !yield(i) {
					return
				}
			}
		})
		got, err := Map(t.Context(), 3, items, func(_ context.Context, i int) (int, error) { return i + 100, failing(i) }, WithAllErrors())
		indexes, others := indexesOf(err)
		if !slices.Equal(indexes, thirds) || others != 0 {
			t.Errorf("errors of %v and %d others", indexes, others)
		}
		for i, r := range got {
			want := i + 100
			if slices.Contains(thirds, i) {
				want = 0
			}
			if r != want {
				t.Errorf("result %d is %d, want %d", i, r, want)
			}
		}
	})
	for name, opts := range map[string][]Option{"MapSeq": {WithAllErrors()}, "MapSeq as they come": {WithAllErrors(), WithoutOrder()}} {
		t.Run(name, func(t *testing.T) {
			var good, bad []int
			for r, err := range MapSeq(t.Context(), 3, numbers(20, nil), func(_ context.Context, i int) (int, error) { return i, failing(i) }, opts...) {
				if e, ok := err.(*ItemError); ok {
					bad = append(bad, e.Index)
					if e.Item != e.Index || r != 0 {
						t.Errorf("item %v at %d, result %d", e.Item, e.Index, r)
					}
				} else if err != nil {
					t.Error(err)
				} else {
					good = append(good, r)
				}
			}
			if len(opts) == 1 && !slices.IsSorted(good) {
				t.Errorf("results %v are not in order", good)
			}
			slices.Sort(good)
			slices.Sort(bad)
			if !slices.Equal(bad, thirds) || len(good) != 14 {
				t.Errorf("errors of %v, results %v", bad, good)
			}
		})
	}
}

// What ends the work before its end comes last among all errors.
func TestAllErrorsAndAnEnd(t *testing.T) {
	do := func(_ context.Context, i int) error { return failing(i % 3) }
	err := EachSeq(t.Context(), 2, numbers(6, errors.New("the list broke off")), do, WithAllErrors())
	if indexes, others := indexesOf(err); !slices.Equal(indexes, []int{2, 5}) || others != 1 || !strings.HasSuffix(err.Error(), "\nthe list broke off") {
		t.Errorf("errors of %v and %d others: %v", indexes, others, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	results, err := Map(ctx, 1, []int{0, 1, 2, 3}, func(ctx context.Context, i int) (int, error) {
		if i == 1 {
			cancel()
			return 0, errBoom
		}
		return i + 1, ctx.Err()
	}, WithAllErrors())
	if indexes, _ := indexesOf(err); !errors.Is(err, context.Canceled) || !errors.Is(err, errBoom) || indexes[0] != 1 || !slices.Equal(results, []int{1, 0, 0, 0}) {
		t.Errorf("%v, %v", results, err)
	}
	ctx, cancel = context.WithCancel(t.Context())
	var last error
	for _, err := range MapSeq(ctx, 2, numbers(1000, nil), func(ctx context.Context, i int) (int, error) { cancel(); return 0, errBoom }, WithAllErrors()) {
		last = err
	}
	if last != context.Canceled {
		t.Errorf("the last error = %v", last)
	}
	if err := Each(t.Context(), 1, slices.Values([]int{1}), func(context.Context, int) error { return nil }, WithAllErrors()); err != nil {
		t.Errorf("error of nothing wrong: %v", err)
	}
}

// One slow call holds the results behind it up, or does not.
func TestResultsAsTheyCome(t *testing.T) {
	for name, tt := range map[string]struct {
		opts []Option
		want []int
		took time.Duration
	}{
		"in order":     {nil, []int{0, 1, 2, 3, 4, 5}, 10 * time.Second},
		"as they come": {[]Option{WithoutOrder()}, []int{1, 2, 3, 4, 5, 0}, time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				start := time.Now()
				var got []int
				var first time.Duration
				for r, err := range MapSeq(t.Context(), 2, numbers(6, nil), func(_ context.Context, i int) (int, error) {
					if i == 0 {
						time.Sleep(10 * time.Second)
					} else {
						time.Sleep(time.Second)
					}
					return i, nil
				}, tt.opts...) {
					if err != nil {
						t.Fatal(err)
					}
					if got = append(got, r); len(got) == 1 {
						first = time.Since(start)
					}
				}
				if !cmp.Equal(got, tt.want) || first != tt.took {
					t.Errorf("%v, the first after %v", got, first)
				}
			})
		})
	}
}

// Results that are there do not wait until the line is full.
func TestResultsDoNotWaitForMoreItems(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slow := func(yield func(int, error) bool) { // an item a minute
			for i := range 4 {
				if !yield(i, nil) {
					return
				}
				time.Sleep(time.Minute)
			}
		}
		start := time.Now()
		for r, err := range MapSeq(t.Context(), ByBudget, slow, func(_ context.Context, i int) (int, error) { time.Sleep(time.Second); return i, nil }) {
			if took := time.Since(start); err != nil || took > time.Duration(r+1)*time.Minute+time.Second {
				t.Errorf("result %d after %v, %v", r, took, err)
			}
		}
	})
}

func TestByBudget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var each, seq gauge
		err := Each(t.Context(), ByBudget, slices.Values(make([]int, 250)), func(ctx context.Context, _ int) error { return each.work(ctx) })
		if err != nil || each.most != 100 || each.all != 250 {
			t.Errorf("%d calls, %d at once, %v", each.all, each.most, err)
		}
		for _, err := range MapSeq(t.Context(), ByBudget, numbers(250, nil), func(ctx context.Context, _ int) (int, error) { return 0, seq.work(ctx) }) {
			if err != nil {
				t.Fatal(err)
			}
		}
		if seq.most != 100 || seq.all != 250 {
			t.Errorf("%d calls, %d at once", seq.all, seq.most)
		}
	})
}

func TestWithoutOrderIsForMapSeq(t *testing.T) {
	never := func(context.Context, int) error { t.Error("called"); return nil }
	err := Each(t.Context(), 1, slices.Values([]int{1}), never, nil, WithoutOrder())
	if err == nil || !strings.Contains(err.Error(), "WithoutOrder is for MapSeq") {
		t.Errorf("Each: %v", err)
	}
	if _, err := Map(t.Context(), 1, []int{1}, func(ctx context.Context, i int) (int, error) { return 0, never(ctx, i) }, WithoutOrder()); err == nil {
		t.Error("Map takes it")
	}
}

// The first error is that of the call which failed, not of those that it cancelled.
func TestFirstErrorIsTheCause(t *testing.T) {
	for range 200 {
		for _, err := range MapSeq(t.Context(), 8, numbers(8, nil), func(ctx context.Context, i int) (int, error) {
			if i == 0 {
				return 0, errBoom
			}
			<-ctx.Done()
			return 0, ctx.Err()
		}) {
			if err != errBoom {
				t.Fatalf("error = %v", err)
			}
		}
	}
}

// Whatever the items, bounds, failures and the place where a loop is left: no more
// than n at once, each item once, in order where that is asked for, and nothing
// goes on behind the loop's back.
func TestMapSeqProperties(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		items := rapid.IntRange(0, 60).Draw(rt, "items")
		n := rapid.IntRange(1, 12).Draw(rt, "n")
		anyOrder, all := rapid.Bool().Draw(rt, "any order"), rapid.Bool().Draw(rt, "all errors")
		leave := rapid.IntRange(1, 80).Draw(rt, "leave after")
		takes := rapid.SliceOfN(rapid.IntRange(0, 5), items, items).Draw(rt, "seconds")
		fails := rapid.SliceOfN(rapid.IntRange(0, 15), items, items).Draw(rt, "0 fails")
		var seqErr error
		if rapid.Bool().Draw(rt, "sequence fails") {
			seqErr = errors.New("sequence")
		}
		var opts []Option
		if anyOrder {
			opts = append(opts, WithoutOrder())
		}
		if all {
			opts = append(opts, WithAllErrors())
		}
		var wrong string
		synctest.Test(t, func(t *testing.T) {
			wrong = mapSeqIsRight(t.Context(), n, numbers(items, seqErr), takes, fails, leave, anyOrder, all, seqErr, opts)
		})
		if wrong != "" {
			rt.Fatal(wrong)
		}
	})
}

func mapSeqIsRight(ctx context.Context, n int, seq iter.Seq2[int, error], takes, fails []int, leave int, anyOrder, all bool, seqErr error, opts []Option) string {
	var g gauge
	seen := map[int]bool{}
	last, yielded, failures := -1, 0, 0
	var ended error
	for r, err := range MapSeq(ctx, n, seq, func(ctx context.Context, i int) (int, error) {
		g.enter()
		defer g.leave()
		select {
		case <-time.After(time.Duration(takes[i]) * time.Second):
		case <-ctx.Done():
			return 0, ctx.Err()
		}
		if fails[i] == 0 {
			return 0, errBoom
		}
		return i, nil
	}, opts...) {
		yielded++
		if ended != nil {
			return fmt.Sprintf("%d, %v after the end: %v", r, err, ended)
		}
		at := r
		item, ok := err.(*ItemError)
		switch {
		case ok && all:
			at = item.Index
			failures++
		case err != nil:
			ended = err
		}
		if ended == nil {
			if seen[at] || !anyOrder && at != last+1 {
				return fmt.Sprintf("item %d after %d", at, last)
			}
			seen[at], last = true, at
		}
		if yielded == leave {
			break
		}
	}
	failing := slices.Contains(fails, 0)
	switch {
	case g.running != 0:
		return fmt.Sprintf("%d calls go on", g.running)
	case g.most > n:
		return fmt.Sprintf("%d calls at once, of %d", g.most, n)
	case yielded == leave:
	case failing && !all && ended != errBoom:
		return fmt.Sprintf("a call failed, and the end is %v", ended)
	case (all || !failing) && (len(seen) != len(fails) || ended != seqErr):
		return fmt.Sprintf("%d of %d items, and the end is %v", len(seen), len(fails), ended)
	}
	return ""
}

func BenchmarkMapSeq(b *testing.B) {
	b.ReportAllocs()
	for _, err := range MapSeq(b.Context(), 64, numbers(b.N, nil), func(_ context.Context, i int) (int, error) { return i, nil }) {
		if err != nil {
			b.Fatal(err)
		}
	}
}
