package page

// This file compares lists whose pages are fetched at once with the same lists,
// fetched in turn.

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/weirkit/weir/runtime/api"
)

// counted is a provider of a counted list.
type counted struct {
	walker  Walker
	sizer   *Sizer
	total   int
	largest int         // the provider's largest page
	hidden  map[int]int // by place in the list: so many items of the page are not shown
	fails   map[int]bool
	heavy   map[int]int // by place: pages larger than this fail
	takes   func(from int) time.Duration

	mu            sync.Mutex
	running, most int
	asked         []int // the places asked for
}

var errGone = errors.New("gone")

func countedBy(style api.PageStyle, size int, tells ...string) *counted {
	p := &api.Pagination{Style: style, Cursor: api.Param{In: api.InQuery, Name: "from"}}
	if style == api.PageNumberStyle {
		p.First = 1
	}
	if size > 0 {
		p.Size = &api.PageSize{Param: api.Param{In: api.InQuery, Name: "size"}, Max: size}
	}
	for _, what := range tells {
		switch what {
		case "total":
			p.Total = api.Path{what}
		case "pages":
			p.Pages = api.Path{what}
		case "more":
			p.More = api.Path{what}
		}
	}
	return &counted{walker: Walker{Pagination: p}, sizer: NewSizer(size), largest: 1000}
}

func (c *counted) enter(from int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.asked = append(c.asked, from)
	c.running++
	c.most = max(c.most, c.running)
}

func (c *counted) leave() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.running--
}

// one is the provider's FetchOne.
func (c *counted) one(ctx context.Context, cursor string, admitted func()) (*Sheet, error) {
	admitted()
	for {
		asked := c.sizer.Size()
		r, err := c.walker.Request(cursor, asked)
		if err != nil {
			return nil, err
		}
		size := r.Size
		if size == 0 {
			size = 7
		}
		size = min(size, c.largest)
		from := r.offset
		if c.walker.Pagination.Style == api.PageNumberStyle {
			from = (r.number - 1) * size
		}
		c.enter(from)
		if c.takes != nil {
			select {
			case <-time.After(c.takes(from)):
			case <-ctx.Done():
				c.leave()
				return nil, ctx.Err()
			}
		}
		c.leave()
		if c.fails[from] {
			return nil, errGone
		}
		if most := c.heavy[from]; most > 0 && r.Size > most && c.sizer.Shrink(asked) {
			continue
		}
		c.sizer.Grow(asked)
		return c.sheet(r, from, size)
	}
}

func (c *counted) sheet(r Request, from, size int) (*Sheet, error) {
	to := min(from+size, c.total)
	s := &Sheet{Total: -1}
	var items []int
	for i := from; i < to-c.hidden[from]; i++ {
		items = append(items, i)
	}
	s.Items, s.Raw = items, make([]json.RawMessage, len(items))
	told := Told{Total: -1, Count: len(items)}
	p := c.walker.Pagination
	if p.Total != nil {
		told.Total = int64(c.total)
	}
	if p.Pages != nil {
		pages := int64((c.total + size - 1) / size)
		told.Pages = &pages
	}
	if p.More != nil {
		more := to < c.total
		told.More = &more
	}
	var err error
	s.Cursor, s.Last, err = c.walker.Next(r, told, http.Header{})
	c.walker.Foresee(s, r, told)
	return s, err
}

// inTurn is the provider's FetchSheet, for one page after another.
func (c *counted) inTurn(ctx context.Context, cursor string, ahead bool) (*Sheet, error) {
	if ahead {
		return nil, ErrNotAhead
	}
	return c.one(ctx, cursor, func() {})
}

// delivered is what a loop sees of a list.
type delivered struct {
	Items   []int
	Cursors []string
	Last    []bool
	Err     string
	At      string // where it failed
}

// loop walks the list and leaves it after so many pages.
func (c *counted) loop(ctx context.Context, cursor string, fetch FetchSheet, leave int) (d delivered) {
	EachSheet(ctx, cursor, fetch, func(s *Sheet, err error) bool {
		if err != nil {
			d.Err = err.Error()
			if failed, ok := errors.AsType[*FetchError](err); ok {
				d.At = failed.Cursor
			}
			return true
		}
		d.Items = append(d.Items, s.Items.([]int)...)
		d.Cursors, d.Last = append(d.Cursors, s.Cursor), append(d.Last, s.Last)
		return len(d.Cursors) != leave
	})
	return d
}

func (c *counted) parallel(ctx context.Context, n int, cursor string, leave int) delivered {
	l := NewLine(ctx, n, c.walker, c.sizer.Size, c.one)
	defer l.Close()
	return c.loop(ctx, cursor, l.Fetch, leave)
}

// Whatever the list, a loop sees the same of it.
func TestParallelIsTheSameList(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		c := countedBy(
			rapid.SampledFrom([]api.PageStyle{api.PageNumberStyle, api.OffsetStyle}).Draw(rt, "style"),
			rapid.SampledFrom([]int{0, 1, 3, 10}).Draw(rt, "size"),
			rapid.SampledFrom([]string{"", "total", "pages", "more"}).Draw(rt, "tells"),
		)
		c.total = rapid.IntRange(0, 60).Draw(rt, "total")
		c.largest = rapid.SampledFrom([]int{1000, 4, 2}).Draw(rt, "the provider's largest page")
		c.hidden = rapid.MapOfN(rapid.IntRange(0, 60), rapid.IntRange(0, 5), 0, 5).Draw(rt, "hidden")
		c.fails = rapid.MapOfN(rapid.IntRange(0, 100), rapid.Just(true), 0, 3).Draw(rt, "fails")
		n := rapid.IntRange(2, 9).Draw(rt, "n")
		leave := rapid.IntRange(1, 40).Draw(rt, "leave after")
		takes := rapid.SliceOfN(rapid.IntRange(0, 4), 10, 10).Draw(rt, "seconds")
		c.takes = func(from int) time.Duration { return time.Duration(takes[from%10]) * time.Second }
		var want, got, resumed delivered
		var wrong string
		synctest.Test(t, func(t *testing.T) {
			want = c.loop(t.Context(), "", c.inTurn, leave)
			inTurn := len(c.asked)
			c.asked, c.most = nil, 0
			got = c.parallel(t.Context(), n, "", leave)
			synctest.Wait()
			switch {
			case c.running != 0:
				wrong = fmt.Sprintf("%d fetches go on", c.running)
			case c.most > n:
				wrong = fmt.Sprintf("%d fetches at once", c.most)
			case len(c.asked) > 3*inTurn+n:
				wrong = fmt.Sprintf("%d fetches for %d", len(c.asked), inTurn)
			}
			if got.At != "" { // from where it failed it goes on
				c.fails = nil
				resumed = c.parallel(t.Context(), n, got.At, -1)
				want := c.loop(t.Context(), got.At, c.inTurn, -1)
				wrong += cmp.Diff(want, resumed)
			}
		})
		if diff := cmp.Diff(want, got); diff != "" || wrong != "" {
			rt.Fatal(wrong + diff)
		}
	})
}

// A size that the provider fails on is halved, whichever of the pages at once
// it is; the items are the same.
func TestParallelWithPagesThatAreTooLarge(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		c := countedBy(rapid.SampledFrom([]api.PageStyle{api.PageNumberStyle, api.OffsetStyle}).Draw(rt, "style"), 16,
			rapid.SampledFrom([]string{"", "total"}).Draw(rt, "tells"))
		c.total = rapid.IntRange(1, 400).Draw(rt, "total")
		c.heavy = rapid.MapOfN(rapid.IntRange(0, 400), rapid.IntRange(1, 15), 0, 60).Draw(rt, "heavy")
		n := rapid.IntRange(2, 9).Draw(rt, "n")
		var got delivered
		synctest.Test(t, func(t *testing.T) {
			c.takes = func(from int) time.Duration { return time.Duration(from%5) * time.Second }
			got = c.parallel(t.Context(), n, "", -1)
		})
		want := delivered{Err: got.Err}
		for i := range c.total {
			want.Items = append(want.Items, i)
		}
		if diff := cmp.Diff(want.Items, got.Items); diff != "" || got.Err != "" {
			rt.Fatal(got.Err, diff)
		}
	})
}

// n pages at once, and no more requests than there are pages where that is told;
// where it is not, the waste is bounded.
func TestParallelIsFaster(t *testing.T) {
	for name, tt := range map[string]struct {
		style    api.PageStyle
		size     int
		tells    string
		total    int
		took     time.Duration
		requests int
	}{
		// A page in 1 s; the first alone, then 8 at once.
		"numbers, total told":     {api.PageNumberStyle, 10, "total", 330, 5 * time.Second, 33},
		"numbers, pages told":     {api.PageNumberStyle, 10, "pages", 330, 5 * time.Second, 33},
		"numbers, no size, pages": {api.PageNumberStyle, 0, "pages", 7 * 33, 5 * time.Second, 33},
		"numbers, no size, total": {api.PageNumberStyle, 0, "total", 7 * 33, 6 * time.Second, 34}, // the end is an empty page
		"offsets, total told":     {api.OffsetStyle, 10, "total", 330, 5 * time.Second, 33},
		"offsets, no size, total": {api.OffsetStyle, 0, "total", 7 * 33, 5 * time.Second, 33},
		// 1, 1, 2, 4, 8, 8, 8 of them in a second each, and then the last.
		"numbers, nothing told": {api.PageNumberStyle, 10, "", 321, 8 * time.Second, 40},
		"offsets, more told":    {api.OffsetStyle, 10, "more", 330, 8 * time.Second, 40},
		"one page":              {api.PageNumberStyle, 10, "", 9, time.Second, 1},
		"two pages":             {api.PageNumberStyle, 10, "", 19, 2 * time.Second, 2},
		"three pages":           {api.PageNumberStyle, 10, "", 29, 3 * time.Second, 4},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := countedBy(tt.style, tt.size, tt.tells)
				c.total, c.takes = tt.total, func(int) time.Duration { return time.Second }
				start := time.Now()
				d := c.parallel(t.Context(), 8, "", -1)
				if took := time.Since(start); took != tt.took || len(c.asked) != tt.requests || len(d.Items) != tt.total || d.Err != "" {
					t.Errorf("%d items in %v by %d requests, %s; want %v and %d", len(d.Items), took, len(c.asked), d.Err, tt.took, tt.requests)
				}
			})
		})
	}
}

// A provider whose pages never lead where one expects costs few requests more.
func TestParallelLearnsWhenItIsOfNoUse(t *testing.T) {
	c := countedBy(api.OffsetStyle, 10, "total")
	c.total, c.hidden = 500, map[int]int{}
	for from := range c.total {
		c.hidden[from] = from % 3
	}
	want := c.loop(t.Context(), "", c.inTurn, -1)
	inTurn := len(c.asked)
	c.asked = nil
	got := c.parallel(t.Context(), 8, "", -1)
	if diff := cmp.Diff(want, got); diff != "" || len(c.asked) > inTurn*3/2+8 {
		t.Errorf("%d requests, in turn %d; %s", len(c.asked), inTurn, diff)
	}
}

// Pages are let go in order, since the first of them is waited for.
func TestParallelAsksInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := countedBy(api.PageNumberStyle, 10, "total")
		c.total = 300
		turn := make(chan struct{}, 1) // one page a second is let go
		var turns sync.WaitGroup
		defer turns.Wait()
		turns.Go(func() {
			for range 30 {
				turn <- struct{}{}
				time.Sleep(time.Second)
			}
		})
		l := NewLine(t.Context(), 8, c.walker, c.sizer.Size, func(ctx context.Context, cursor string, admitted func()) (*Sheet, error) {
			<-turn
			return c.one(ctx, cursor, admitted)
		})
		defer l.Close()
		start := time.Now()
		d := c.loop(t.Context(), "", l.Fetch, -1)
		if took := time.Since(start); took > 30*time.Second || len(d.Items) != 300 {
			t.Errorf("%d items in %v", len(d.Items), took)
		}
		for i, from := range c.asked {
			if from != i*10 {
				t.Fatalf("asked for %v", c.asked)
			}
		}
	})
}

// A panic of a fetch comes out of the loop, wherever the loop is by then.
func TestParallelPanics(t *testing.T) {
	for name, leave := range map[string]int{"at its page": -1, "at the end of the loop": 2} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := countedBy(api.OffsetStyle, 10, "total")
				c.total, c.takes = 100, func(int) time.Duration { return time.Second }
				l := NewLine(t.Context(), 4, c.walker, c.sizer.Size, func(ctx context.Context, cursor string, admitted func()) (*Sheet, error) {
					if cursor == "40" {
						panic("no such page")
					}
					return c.one(ctx, cursor, admitted)
				})
				defer func() {
					if v := recover(); v != "no such page" || c.running != 0 {
						t.Errorf("recovered %v with %d fetches under way", v, c.running)
					}
				}()
				defer l.Close()
				c.loop(t.Context(), "", l.Fetch, leave)
			})
		})
	}
}

func TestCountable(t *testing.T) {
	for style, want := range map[api.PageStyle]bool{
		api.PageNumberStyle: true, api.OffsetStyle: true,
		api.CursorStyle: false, api.LinkStyle: false, api.URLStyle: false, api.KeysetStyle: false,
	} {
		if got := Countable(&api.Pagination{Style: style}); got != want {
			t.Errorf("%s: %v", style, got)
		}
	}
}
