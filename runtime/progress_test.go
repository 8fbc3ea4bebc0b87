package runtime_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/weirkit/weir/runtime"
	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/budget"
	"github.com/weirkit/weir/runtime/page"
)

// taking makes a provider's answers take a while.
func taking(d time.Duration, p *provider) *provider {
	return answering(func(n int, r *http.Request) (*http.Response, error) {
		time.Sleep(d)
		return p.answer(n, r)
	})
}

// A list says how far it is, and how much longer it takes: as long as it does.
func TestProgress(t *testing.T) {
	for name, pages := range map[string]bool{"List": false, "ListPages": true} {
		for _, tt := range []struct {
			name    string
			op      *api.Operation
			options []runtime.Option
			total   int64
			pages   int
		}{
			{"the provider tells the total", byTotal, nil, 250, 25},
			{"the caller does", byCursor, []runtime.Option{runtime.WithTotal(250)}, 250, 25},
			{"nobody does", byCursor, nil, -1, 25},
		} {
			t.Run(name+", "+tt.name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					desc := limited(perMinute("calls", 10))
					op := drawing(tt.op, "calls")
					c := connect(t, desc, taking(100*time.Millisecond, newBook(250).serve()), runtime.WithPageSize(10))
					type told struct {
						runtime.Progress
						at time.Duration
					}
					var got []told
					start := time.Now()
					options := append(tt.options, runtime.WithProgress(func(p runtime.Progress) { got = append(got, told{p, time.Since(start)}) }))
					if pages {
						for _, err := range runtime.ListPages[page.Page[ticket]](t.Context(), c, op, runtime.Args{}, options...) {
							if err != nil {
								t.Fatal(err)
							}
						}
					} else {
						for _, err := range runtime.List[ticket](t.Context(), c, op, runtime.Args{}, options...) {
							if err != nil {
								t.Fatal(err)
							}
						}
					}
					end := time.Since(start)
					if len(got) != tt.pages {
						t.Fatalf("told %d times, want %d", len(got), tt.pages)
					}
					for i, p := range got {
						if p.Operation != op.Name || p.Pages != int64(i+1) || p.Items != int64(10*i+10) || p.Total != tt.total {
							t.Errorf("page %d: %+v", i, p)
						}
						left := end - p.at
						switch {
						case tt.total < 0:
							if p.Left != -1 {
								t.Errorf("page %d: %v left of an unknown total", i, p.Left)
							}
						case (p.Left - left).Abs() > 2*time.Second:
							t.Errorf("page %d: %v left, told were %v", i, left, p.Left)
						}
					}
					if last := got[len(got)-1].Left; tt.total >= 0 && last != 0 {
						t.Errorf("at the end %v left", last)
					}
				})
			})
		}
	}
}

// A loop that takes its time is reckoned with.
func TestProgressOfASlowLoop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := connect(t, desk(), taking(100*time.Millisecond, newBook(100).serve()), runtime.WithPageSize(10))
		var left []time.Duration
		for _, err := range runtime.List[ticket](t.Context(), c, byTotal, runtime.Args{}, runtime.WithProgress(func(p runtime.Progress) { left = append(left, p.Left) })) {
			if err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Second)
		}
		for i, got := range left {
			if want := time.Duration(90-10*i) * time.Second; (got - want).Abs() > time.Second {
				t.Errorf("after page %d %v left, want %v", i+1, got, want)
			}
		}
	})
}

// Pages without items are pages too.
func TestProgressOfAnEmptyList(t *testing.T) {
	c := connect(t, desk(), newBook(0).serve())
	var got []runtime.Progress
	for range runtime.List[ticket](t.Context(), c, byTotal, runtime.Args{}, runtime.WithProgress(func(p runtime.Progress) { got = append(got, p) })) {
		t.Error("an item")
	}
	if diff := cmp.Diff([]runtime.Progress{{Operation: byTotal.Name, Pages: 1}}, got); diff != "" {
		t.Error(diff)
	}
}

func TestWithTotalIsChecked(t *testing.T) {
	c := connect(t, desk(), newBook(1).serve())
	for _, err := range runtime.List[ticket](t.Context(), c, byTotal, runtime.Args{}, runtime.WithTotal(-1)) {
		if err == nil || !strings.Contains(err.Error(), "WithTotal: -1 is negative") {
			t.Errorf("error = %v", err)
		}
	}
}

// A client foretells from where it stands.
func TestClientForecast(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		desc := limited(perMinute("calls", 10), perMinute("method", 5, api.ScopeAccount, api.ScopeOperation))
		shows, lists := drawing(show, "calls", "method"), drawing(byTotal, "calls")
		desc.Operations = []*api.Operation{lists, shows}
		p := taking(100*time.Millisecond, always(200, aTicket))
		c := connect(t, desc, p)
		forecast := func(amounts map[string]int) budget.Outlook {
			t.Helper()
			o, err := c.Forecast(amounts)
			if err != nil {
				t.Fatal(err)
			}
			return o
		}
		for range 2 {
			if _, err := showing(c, shows); err != nil {
				t.Fatal(err)
			}
		}
		o := forecast(map[string]int{"Tickets.Show": 3, "total": 250})
		if len(o.Works) != 2 || o.Works[0].Requests != 3 || o.Works[1].Requests != 3 || !o.Fits(time.Second) {
			t.Errorf("outlook %+v", o) // of 250 items in pages of 100, three pages
		}
		o = forecast(map[string]int{"Tickets.Show": 4})
		if o.Binding.Limit != "method" || o.Works[0].Immediate != 3 || (o.Ends-time.Minute).Abs() > time.Second {
			t.Errorf("outlook %+v", o)
		}
		start := time.Now()
		for range 4 {
			if _, err := showing(c, shows); err != nil {
				t.Fatal(err)
			}
		}
		if took := time.Since(start); (took - o.Ends).Abs() > time.Second {
			t.Errorf("it took %v, foretold were %v", took, o.Ends)
		}
		if _, err := c.Forecast(map[string]int{"Tickets.Shw": 1}); err == nil || !strings.Contains(err.Error(), `no operation "Tickets.Shw"`) {
			t.Errorf("error = %v", err)
		}
		if _, err := c.Forecast(map[string]int{"Tickets.Show": -1}); err == nil || !strings.Contains(err.Error(), "-1 requests") {
			t.Errorf("error = %v", err)
		}
	})
}

// What is left to others is not reckoned with.
func TestClientForecastLeaves(t *testing.T) {
	desc := limited(perMinute("calls", 10))
	desc.Operations = []*api.Operation{drawing(show, "calls")}
	c := connect(t, desc, always(200, aTicket), runtime.WithLeave(0.5))
	o, err := c.Forecast(map[string]int{"Tickets.Show": 10})
	if err != nil || o.Works[0].Immediate != 5 {
		t.Errorf("%s", fmt.Sprint(o, err))
	}
}
