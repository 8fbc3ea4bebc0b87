package page

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// list is a list of numbers to walk, fetched in a second a page. It notes what
// is fetched, and when.
type list struct {
	pages  [][]int
	cursor map[string]string       // other cursors than the next number
	fail   map[string]error        // in place of a page, by cursor
	beside map[string]error        // beside a page
	failed map[string][]*ItemError // items that do not fit
	// admit says whether a page may be fetched ahead; nil means always.
	admit func(cursor string) bool
	panic string // the cursor whose fetch panics

	start   time.Time
	mu      sync.Mutex
	log     []string
	running int
	overlap bool
}

func (l *list) fetch(ctx context.Context, cursor string, ahead bool) (*Page[int], error) {
	if l.running++; l.running > 1 {
		l.overlap = true
	}
	defer func() { l.running-- }()
	kind := "needed"
	if ahead {
		kind = "ahead"
	}
	l.note("fetch %q %s", cursor, kind)
	if ahead && l.admit != nil && !l.admit(cursor) {
		return nil, fmt.Errorf("no room: %w", ErrNotAhead)
	}
	select {
	case <-time.After(time.Second):
	case <-ctx.Done():
		l.note("cancelled %q", cursor)
		return nil, ctx.Err()
	}
	if l.panic != "" && cursor == l.panic {
		panic("fetch " + cursor)
	}
	if err := l.fail[cursor]; err != nil {
		return nil, err
	}
	i, _ := strconv.Atoi(cursor)
	p := &Page[int]{Items: l.pages[i], Total: -1, Cursor: strconv.Itoa(i + 1), Last: i == len(l.pages)-1, Failed: l.failed[cursor]}
	if other, ok := l.cursor[cursor]; ok {
		p.Cursor = other
	}
	if p.Last {
		p.Cursor = ""
	}
	return p, l.beside[cursor]
}

// walk ranges over the items, each of which takes the loop the given time, until
// stop says so. It writes down what comes.
func (l *list) walk(ctx context.Context, each time.Duration, stop func(int, error) bool) []string {
	l.start = time.Now()
	for item, err := range Items(ctx, "", l.fetch) {
		synctest.Wait() // for the fetch ahead to have begun
		l.yielded(item, err)
		if stop != nil && stop(item, err) {
			break
		}
		time.Sleep(each)
	}
	return l.log
}

func (l *list) yielded(item any, err error) {
	if err != nil {
		l.note("%v", err)
	} else {
		l.note("item %v", item)
	}
}

func (l *list) note(format string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.log = append(l.log, time.Since(l.start).String()+" "+fmt.Sprintf(format, args...))
}

func TestItems(t *testing.T) {
	boom := errors.New("boom")
	tests := map[string]struct {
		list *list
		each time.Duration
		stop func(int, error) bool
		want []string
	}{
		"one page ahead": {
			list: &list{pages: [][]int{{1, 2}, {3, 4}, {5}}}, each: 600 * time.Millisecond,
			want: []string{
				`0s fetch "" needed`, `1s item 1`, `1.6s fetch "1" ahead`, `1.6s item 2`,
				`2.6s fetch "2" ahead`, `2.6s item 3`, `3.2s item 4`, `3.8s item 5`,
			},
		},
		"not before a second item is asked for": {
			list: &list{pages: [][]int{{1, 2}, {3}}}, stop: func(int, error) bool { return true },
			want: []string{`0s fetch "" needed`, `1s item 1`},
		},
		"leaving cancels": {
			list: &list{pages: [][]int{{1, 2, 3}, {4}}}, each: 100 * time.Millisecond, stop: func(i int, _ error) bool { return i == 3 },
			want: []string{`0s fetch "" needed`, `1s item 1`, `1.1s fetch "1" ahead`, `1.1s item 2`, `1.2s item 3`, `1.2s cancelled "1"`},
		},
		"not admitted ahead": {
			list: &list{pages: [][]int{{1, 2}, {3}}, admit: func(string) bool { return false }}, each: 100 * time.Millisecond,
			want: []string{`0s fetch "" needed`, `1s item 1`, `1.1s fetch "1" ahead`, `1.1s item 2`, `1.2s fetch "1" needed`, `2.2s item 3`},
		},
		"empty pages": {
			list: &list{pages: [][]int{{}, {}, {7}, {}}},
			want: []string{`0s fetch "" needed`, `1s fetch "1" needed`, `2s fetch "2" needed`, `3s fetch "3" ahead`, `3s item 7`},
		},
		"no items": {list: &list{pages: [][]int{{}}}, want: []string{`0s fetch "" needed`}},
		"items before the error": {
			list: &list{pages: [][]int{{1, 2}, {3}}, fail: map[string]error{"1": boom}},
			want: []string{`0s fetch "" needed`, `1s item 1`, `1s fetch "1" ahead`, `1s item 2`, `2s page 2: boom`},
		},
		"the first page fails": {
			list: &list{pages: [][]int{{1}}, fail: map[string]error{"": boom}},
			want: []string{`0s fetch "" needed`, `1s page 1: boom`},
		},
		"a page from which none can follow": {
			list: &list{pages: [][]int{{1, 2}, {3}}, beside: map[string]error{"": ErrForeignLink}},
			want: []string{`0s fetch "" needed`, `1s item 1`, `1s item 2`, `1s page 1: ` + ErrForeignLink.Error()},
		},
		"back to the first page": {
			list: &list{pages: [][]int{{1}, {2}, {3}}, cursor: map[string]string{"1": ""}},
			want: []string{`0s fetch "" needed`, `1s item 1`, `1s fetch "1" needed`, `2s item 2`, `2s page 2: ` + ErrRepeatedCursor.Error()},
		},
		"the same page again": {
			list: &list{pages: [][]int{{1}, {2}, {3}}, cursor: map[string]string{"1": "1"}},
			want: []string{`0s fetch "" needed`, `1s item 1`, `1s fetch "1" needed`, `2s item 2`, `2s page 2: ` + ErrRepeatedCursor.Error()},
		},
		"items that do not fit, in their places": {
			list: &list{pages: [][]int{{1, 2}, {}}, failed: map[string][]*ItemError{
				"":  {{Index: 0, Err: boom}, {Index: 2, Err: boom}, {Index: 4, Err: boom}},
				"1": {{Index: 0, Err: boom}},
			}},
			want: []string{
				`0s fetch "" needed`, `1s item 0 of the page does not fit its type: boom`, `1s fetch "1" ahead`, `1s item 1`,
				`1s item 2 of the page does not fit its type: boom`, `1s item 2`, `1s item 4 of the page does not fit its type: boom`,
				`2s item 0 of the page does not fit its type: boom`,
			},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := tt.list
				if diff := cmp.Diff(tt.want, l.walk(t.Context(), tt.each, tt.stop)); diff != "" {
					t.Error(diff)
				}
				if l.overlap || l.running != 0 {
					t.Errorf("fetches overlap: %v, still running: %d", l.overlap, l.running)
				}
			})
		})
	}
}

func TestFetchErrorResumes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		boom := errors.New("boom")
		l := &list{pages: [][]int{{1}, {2}, {3}}, fail: map[string]error{"2": boom}}
		var got []int
		var failed *FetchError
		for item, err := range Items(t.Context(), "", l.fetch) {
			if errors.As(err, &failed) {
				break
			}
			got = append(got, item)
		}
		if failed == nil || failed.Cursor != "2" || failed.Page != 3 || !errors.Is(failed, boom) {
			t.Fatalf("failed: %+v", failed)
		}
		l.fail = nil
		for item, err := range Items(t.Context(), failed.Cursor, l.fetch) {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, item)
		}
		if !cmp.Equal(got, []int{1, 2, 3}) {
			t.Errorf("items %v", got)
		}
	})
}

func TestRangingTwice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &list{pages: [][]int{{1, 2}, {3}}}
		items := Items(t.Context(), "", l.fetch)
		for range 2 {
			var got []int
			for item, err := range items {
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, item)
			}
			if !cmp.Equal(got, []int{1, 2, 3}) {
				t.Errorf("items %v", got)
			}
		}
	})
}

// A loop that panics, or whose goroutine exits, leaves no fetch behind. (A
// bubble does not end while one runs.)
func TestLeavingByPanic(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &list{pages: [][]int{{1, 2}, {3}}}
		func() {
			defer func() {
				if v := recover(); v != "enough" || l.running != 0 {
					t.Errorf("recovered %v, %d fetches running", v, l.running)
				}
			}()
			l.walk(t.Context(), 0, func(i int, _ error) bool {
				if i == 2 {
					panic("enough")
				}
				return false
			})
		}()
		next, stop := iter.Pull2(Items(t.Context(), "", l.fetch))
		next()
		next()
		stop()
		if l.running != 0 {
			t.Errorf("%d fetches running after stop", l.running)
		}
	})
}

// A panic of a fetch ahead comes out where the loop is, once the page is needed
// or the loop is left.
func TestFetchThatPanics(t *testing.T) {
	for name, stop := range map[string]func(int, error) bool{
		"needed": nil,
		"left":   func(i int, _ error) bool { time.Sleep(2 * time.Second); return i == 2 },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := &list{pages: [][]int{{1, 2}, {3}}, panic: "1"}
				defer func() {
					if v := recover(); v != "fetch 1" {
						t.Errorf("recovered %v", v)
					}
				}()
				l.walk(t.Context(), 0, stop)
				t.Error("no panic")
			})
		})
	}
}

func TestFetchWithoutPageOrError(t *testing.T) {
	nothing := func(context.Context, string, bool) (*Page[int], error) { return nil, nil }
	for _, err := range Items(t.Context(), "", nothing) {
		if err == nil {
			t.Error("an item of nothing")
		}
	}
}

func TestContextEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 1500*time.Millisecond)
		defer cancel()
		l := &list{pages: [][]int{{1, 2}, {3}}}
		want := []string{
			`0s fetch "" needed`, `1s item 1`, `1s fetch "1" ahead`, `1s item 2`, `1.5s cancelled "1"`, `1.5s page 2: context deadline exceeded`,
		}
		if diff := cmp.Diff(want, l.walk(ctx, 0, nil)); diff != "" {
			t.Error(diff)
		}
	})
}

func TestPages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		boom := errors.New("boom")
		l := &list{
			pages: [][]int{{1}, {2}, {3}, {4}}, fail: map[string]error{"3": boom},
			failed: map[string][]*ItemError{"1": {{Index: 5, Err: boom}}}, start: time.Now(),
		}
		for p, err := range Pages(t.Context(), "", l.fetch) {
			synctest.Wait()
			if (p == nil) != (err != nil) {
				t.Errorf("page %v, error %v", p, err)
			}
			var items any
			if p != nil {
				items = fmt.Sprint(p.Items, " ", p.Cursor)
			}
			l.yielded(items, err)
			time.Sleep(600 * time.Millisecond)
		}
		want := []string{
			`0s fetch "" needed`, `1s item [1] 1`, `1.6s fetch "1" needed`, `2.6s fetch "2" ahead`, `2.6s item [2] 2`,
			`3.2s item 5 of the page does not fit its type: boom`, `3.8s fetch "3" ahead`, `3.8s item [3] 3`, `4.8s page 4: boom`,
		}
		if diff := cmp.Diff(want, l.log); diff != "" {
			t.Error(diff)
		}
		for range Pages(t.Context(), "", l.fetch) {
			break
		}
	})
}

// Any cycle ends, wherever it begins and however long it is.
func TestTrail(t *testing.T) {
	tests := []struct{ lead, length, most int }{
		{0, 1, 1}, {0, 2, 2}, {5, 1, 6}, {5, 7, 12}, {1000, 1000, 2000},
		{remembered - 10, 100, remembered + 90},
		{remembered + 1000, 1, remembered + 1100},
		{remembered + 1000, 70000, remembered + 4*71000},
	}
	for _, tt := range tests {
		var tr trail
		visits := 0
		for {
			at := visits
			if at >= tt.lead {
				at = tt.lead + (at-tt.lead)%tt.length
			}
			if !tr.visit(strconv.Itoa(at)) {
				break
			}
			if visits++; visits > tt.most {
				t.Errorf("a cycle of %d after %d cursors: not noticed after %d", tt.length, tt.lead, visits)
				break
			}
		}
		if visits < tt.lead+tt.length {
			t.Errorf("a cycle of %d after %d cursors: noticed after %d", tt.length, tt.lead, visits)
		}
	}
}
