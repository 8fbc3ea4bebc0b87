package batch_test

import (
	"fmt"
	"math"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/weirkit/weir/runtime/budget"
)

// TestABadKeyIsFound tries a bad key at each place of batches of many sizes.
func TestABadKeyIsFound(t *testing.T) {
	worst := 0.0
	for _, n := range append(span(1, 40), 63, 64, 65, 96, 100, 127, 128) {
		for bad := 1; bad <= n; bad++ {
			d := newDesk(0)
			d.bad[bad] = true
			for _, r := range newLoader(t, d.config(128)).Many(t.Context(), budget.Normal, span(1, n)) {
				if r.Key == bad && r.Err != errBadKey || r.Key != bad && (r.Err != nil || r.Value != user(r.Key)) {
					t.Fatalf("key %d of %d, of which %d is bad: %+v", r.Key, n, bad, r)
				}
			}
			further, most := float64(d.count()-1), 2*math.Log2(float64(n))+1
			if further > most {
				t.Fatalf("%d of %d is bad: %v further requests, want at most %v", bad, n, further, most)
			}
			worst = max(worst, further/most)
		}
	}
	t.Logf("at most %.0f %% of the requests that are allowed", 100*worst)
}

func TestSeveralBadKeys(t *testing.T) {
	for _, bad := range [][]int{{1, 2}, {1, 100}, {49, 50, 51}, {3, 17, 60, 61, 99}, span(1, 100)} {
		t.Run(fmt.Sprint(bad), func(t *testing.T) {
			d := newDesk(0)
			for _, key := range bad {
				d.bad[key] = true
			}
			for _, r := range newLoader(t, d.config(100)).Many(t.Context(), budget.Normal, span(1, 100)) {
				if d.bad[r.Key] && r.Err != errBadKey || !d.bad[r.Key] && (r.Err != nil || r.Value != user(r.Key)) {
					t.Errorf("%+v", r)
				}
			}
			if most := float64(len(bad)) * (2*math.Log2(100) + 1); float64(d.count()-1) > most {
				t.Errorf("%d further requests, want at most %v", d.count()-1, most)
			}
		})
	}
}

// TestAnOutageEndsTheSearch: what is no key's fault is not asked again for each
// part.
func TestAnOutageEndsTheSearch(t *testing.T) {
	d := newDesk(0)
	d.bad[90] = true
	d.down = func() bool { return d.count() >= 4 } // 100, 50, then 25 of the rest go well
	failed := 0
	for _, r := range newLoader(t, d.config(100)).Many(t.Context(), budget.Normal, span(1, 100)) {
		if r.Err == errDown {
			failed++
		} else if r.Err != nil {
			t.Errorf("%+v", r)
		}
	}
	if failed != 25 {
		t.Errorf("%d keys failed, want the 25 that had not been answered", failed)
	}
	d.wantSizes(t, 100, 50, 25, 12)
}

func TestABatchThatIsTooLarge(t *testing.T) {
	d := newDesk(0)
	d.bears = 30
	l := newLoader(t, d.config(100))
	want := func(what string, sizes ...int) {
		t.Helper()
		d.requests = nil
		keys := 0
		for _, n := range sizes {
			keys += n
		}
		for _, r := range l.Many(t.Context(), budget.Normal, span(1, min(keys, 100))) {
			if r.Err != nil || r.Value != user(r.Key) {
				t.Errorf("%s: %+v", what, r)
			}
		}
		seen := map[int]int{}
		for _, n := range d.sizes() {
			seen[n]++
		}
		wanted := map[int]int{}
		for _, n := range sizes {
			wanted[n]++
		}
		if fmt.Sprint(seen) != fmt.Sprint(wanted) {
			t.Errorf("%s: requests of sizes %v, want %v", what, seen, wanted)
		}
	}
	want("at first", 100, 50, 25, 25, 25, 25) // the second 50 is not tried
	want("then", 25, 25)
	for key := range 20 { // which say nothing about larger ones
		if _, err := l.Load(t.Context(), budget.Normal, key+1); err != nil {
			t.Error(err)
		}
	}
	want("after small ones", 25)
	d.bears = 1000
	want("when all is well again", 25, 25, 25, 25)
	want("a little later", 50, 50)
	for range 4 {
		l.Many(t.Context(), budget.Normal, span(1, 100))
	}
	want("in the end", 100)
	d.bears, d.gone[1] = -1, true
	want2 := l.Many(t.Context(), budget.Normal, []int{1, 2})
	if want2[0].Err != errNoUser || want2[1].Err != nil {
		t.Errorf("got %+v", want2)
	}
}

// TestAKeyThatIsTooLargeByItself costs no more requests than any other bad key, and
// the next batches are as large as ever.
func TestAKeyThatIsTooLargeByItself(t *testing.T) {
	for _, bad := range []int{1, 6, 50, 99, 100} {
		d := newDesk(0)
		d.huge = bad
		l := newLoader(t, d.config(100))
		for _, r := range l.Many(t.Context(), budget.Normal, span(1, 100)) {
			if (r.Err == nil) == (r.Key == bad) || r.Err == nil && r.Value != user(r.Key) {
				t.Errorf("%+v", r)
			}
		}
		if further := float64(d.count() - 1); further > 3*math.Log2(100)+1 {
			t.Errorf("%v further requests for key %d: %v", further, bad, d.sizes())
		}
		d.requests, d.huge = nil, 0
		l.Many(t.Context(), budget.Normal, span(1, 100))
		d.wantSizes(t, 100)
	}
}

// What others show of the size is kept, though one key is too large by itself.
func TestASizeIsLearnedBesideAKeyThatIsTooLarge(t *testing.T) {
	d := newDesk(0)
	d.huge, d.bears = 6, 12
	l := newLoader(t, d.config(100))
	l.Many(t.Context(), budget.Normal, span(1, 100))
	d.requests = nil
	l.Many(t.Context(), budget.Normal, span(101, 200))
	sizes := d.sizes()
	slices.Sort(sizes) // they are under way at the same time
	if want := []int{4, 12, 12, 12, 12, 12, 12, 12, 12}; !slices.Equal(sizes, want) {
		t.Errorf("then of sizes %v, want %v", sizes, want)
	}
}

// TestOneKeyThatIsTooLarge gets the error, since nothing is left to split.
func TestOneKeyThatIsTooLarge(t *testing.T) {
	d := newDesk(0)
	cfg := d.config(100)
	cfg.One = nil
	d.bad[7] = true
	l := newLoader(t, cfg)
	if _, err := l.Load(t.Context(), budget.Normal, 7); err != errBadKey {
		t.Errorf("got %v", err)
	}
}

// TestAnErrorOfOneKeyIsItsOwn, though the request was made in search of another.
func TestAnErrorOfOneKeyIsItsOwn(t *testing.T) {
	d := newDesk(0)
	d.bad[2], d.gone[1] = true, true
	results := newLoader(t, d.config(100)).Many(t.Context(), budget.Normal, span(1, 3))
	for i, want := range []error{errNoUser, errBadKey, nil} {
		if results[i].Err != want {
			t.Errorf("key %d: %v, want %v", i+1, results[i].Err, want)
		}
	}
	d.wantSizes(t, 3, 1, 1, 1) // that key 1 is not there is not why they failed
}

// TestASearchThatNobodyWaitsFor is cancelled, though others have had answers of it.
func TestASearchThatNobodyWaitsFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(100 * time.Millisecond)
		d.bad[8] = true
		l := newLoader(t, d.config(100))
		first := d.begin(l, t.Context(), 50)
		var callers []*caller
		for key := 1; key <= 8; key++ {
			callers = append(callers, d.begin(l, t.Context(), key))
		}
		<-first.done
		time.Sleep(50 * time.Millisecond)
		callers[1].cancel() // before its half is asked for
		time.Sleep(100 * time.Millisecond)
		callers[2].cancel() // after that
		<-callers[0].done
		synctest.Wait()
		flight := d.seen()[1].ctx
		for i, c := range callers[4:] {
			if flight.Err() != nil {
				t.Errorf("it was cancelled with %d callers left", 4-i)
			}
			c.cancel()
			synctest.Wait()
		}
		if flight.Err() == nil {
			t.Error("it goes on")
		}
	})
}

// TestWhoLeavesIsNotSearchedFor: parts whose callers have gone are not asked for.
func TestWhoLeavesIsNotSearchedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(100 * time.Millisecond)
		l := newLoader(t, d.config(100))
		d.bad[8] = true
		first := d.begin(l, t.Context(), 50)
		var callers []*caller
		for key := 1; key <= 8; key++ {
			callers = append(callers, d.begin(l, t.Context(), key))
		}
		<-first.done
		time.Sleep(50 * time.Millisecond)
		for _, c := range callers[1:] {
			c.cancel()
		}
		<-callers[0].done
		if callers[0].value != "user 1" {
			t.Errorf("got %+v", callers[0].got)
		}
		d.wantSizes(t, 1, 8, 1)
		if now := d.seen()[2]; len(now.keys) != 1 || now.keys[0] != 1 {
			t.Errorf("then %v was asked for", now.keys)
		}
	})
}
