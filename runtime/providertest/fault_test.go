package providertest

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// strikes tells which of n calls, counted from 1, a fault struck.
func strikes(t *testing.T, n int, f Fault) []int {
	t.Helper()
	p := mustNew(t, unlimitedShop(), Options{Seed: 1})
	f.Effect = Status(503)
	p.Inject(f)
	var struck []int
	for i := range n {
		if status(p, "GET", fmt.Sprint("/things/7?n=", i+1)) == 503 {
			struck = append(struck, i+1)
		}
	}
	if got := p.Report().Struck; got != len(struck) {
		t.Errorf("%d reported, %d struck", got, len(struck))
	}
	return struck
}

func TestWhichCallsAFaultStrikes(t *testing.T) {
	tests := []struct {
		name  string
		fault Fault
		want  []int
	}{
		{"all", Fault{}, []int{1, 2, 3, 4, 5, 6, 7, 8}},
		{"nth", Fault{Nth: 3}, []int{3}},
		{"every", Fault{Every: 3}, []int{3, 6}},
		{"times", Fault{Times: 2}, []int{1, 2}},
		{"every, times", Fault{Every: 2, Times: 3}, []int{2, 4, 6}},
		{"operation", Fault{Operation: "show", Nth: 1}, []int{1}},
		{"other operation", Fault{Operation: "search"}, nil},
		{"when", Fault{When: func(c *Call) bool { return c.Query("n") >= "6" }}, []int{6, 7, 8}},
		{"when, nth", Fault{When: func(c *Call) bool { return c.Query("n") >= "6" }, Nth: 2}, []int{7}},
	}
	for _, tt := range tests {
		if got := strikes(t, 8, tt.fault); !slices.Equal(got, tt.want) {
			t.Errorf("%s: struck %v, want %v", tt.name, got, tt.want)
		}
	}
	if n := len(strikes(t, 1000, Fault{Probability: 0.25})); n < 200 || n > 300 {
		t.Errorf("a chance of 1/4 struck %d of 1000", n)
	}
}

// Each effect, as a client sees it over real HTTP, and how often the call was counted.
func TestEffects(t *testing.T) {
	const data = `{"thing":{"id":7}}`
	tests := []struct {
		name    string
		fault   Fault
		status  int // zero where there is no answer
		body    string
		cut     bool
		header  string // Retry-After
		counted int
		took    time.Duration
	}{
		{name: "none", status: 200, body: data, counted: 1},
		{name: "status", fault: Fault{Effect: Status(503)}, status: 503, body: `{"error":{"code":"ServiceUnavailable","message":"Service Unavailable"}}`, counted: 1},
		{name: "status with Retry-After", fault: Fault{Effect: Status(529).Retry(1500 * time.Millisecond)}, status: 529, body: `{"error":{"code":"ServiceUnavailable","message":""}}`, header: "2", counted: 1},
		{name: "uncounted", fault: Fault{Effect: Status(502), Uncounted: true}, status: 502, body: `{"error":{"code":"ServiceUnavailable","message":"Bad Gateway"}}`},
		{name: "refuse", fault: Fault{Effect: Refuse(7 * time.Second)}, status: 429, body: `{"error":{"code":"TooManyRequests","message":"Rate limit exceeded"}}`, header: "7"},
		{name: "refuse silently", fault: Fault{Effect: RefuseSilently()}, status: 429, body: `{"error":{"code":"TooManyRequests","message":"Rate limit exceeded"}}`},
		{name: "cut", fault: Fault{Effect: Cut(9)}, status: 200, body: data[:9], cut: true, counted: 1},
		{name: "cut before the body", fault: Fault{Effect: Cut(0)}, status: 200, cut: true, counted: 1},
		{name: "drop", fault: Fault{Effect: Drop()}, counted: 1},
		{name: "drop uncounted", fault: Fault{Effect: Drop(), Uncounted: true}},
		{name: "slow", fault: Fault{Effect: Slow(3 * time.Second)}, status: 200, body: data, counted: 1, took: 3 * time.Second},
		{name: "stall", fault: Fault{Effect: Stall(5 * time.Second)}, status: 200, body: data, counted: 1, took: 5 * time.Second},
		{name: "garbage", fault: Fault{Effect: Garbage()}, status: 200, body: `<html><body>Bad day</body></html>`, counted: 1},
		{name: "error in 200", fault: Fault{Effect: ErrorIn200("fatal_error")}, status: 200, body: `{"error":{"code":"fatal_error","message":"The call failed"}}`, counted: 1},
		{name: "huge", fault: Fault{Effect: HugeBody(100_000)}, status: 200, body: `{"padding":"` + strings.Repeat("x", 100_000) + `"}`, counted: 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := mustNew(t, shop(), Options{})
				p.Single("show", func(*Call) (json.RawMessage, bool) { return json.RawMessage(`{"id":7}`), true })
				if tt.name != "none" {
					p.Inject(tt.fault)
				}
				start := time.Now()
				client := &http.Client{Transport: p.Transport()}
				r, err := client.Get("https://acme.shop.example/v1/things/7")
				if (err != nil) != (tt.status == 0) {
					t.Fatalf("error %v", err)
				}
				if err == nil {
					defer r.Body.Close()
					got, err := io.ReadAll(r.Body)
					if r.StatusCode != tt.status || string(got) != tt.body || r.Header.Get("Retry-After") != tt.header {
						t.Errorf("%d %.200s, Retry-After %q", r.StatusCode, got, r.Header.Get("Retry-After"))
					}
					if errors.Is(err, io.ErrUnexpectedEOF) != tt.cut {
						t.Errorf("reading the body: %v", err)
					}
					if told := r.Header.Get("X-Rate-Limit") != ""; told != (tt.counted == 1) {
						t.Errorf("headers of the limit: %v", told)
					}
				}
				if took := time.Since(start); took != tt.took {
					t.Errorf("took %v, want %v", took, tt.took)
				}
				if got := p.Used("account")["account=acme.shop.example"]; got != tt.counted {
					t.Errorf("counted %d times, want %d", got, tt.counted)
				}
				if r := p.Report(); r.Refused != 0 {
					t.Errorf("a fault is reported as a refusal: %+v", r.Refusals)
				}
			})
		})
	}
}

// Faults of pages, as they show in the next cursor or link.
func TestPageEffects(t *testing.T) {
	one, two, three := `{"id":1,"name":"thing 1"}`, `{"id":2,"name":"thing 2"}`, `{"id":3,"name":"thing 3"}`
	tests := []struct {
		effect       Effect
		target, want string
	}{
		{RepeatCursor(), "/cursor?per_page=1&cursor=" + formatCursor(1), `{"things":[` + two + `],"meta":{"next_cursor":"` + formatCursor(1) + `"}}`},
		{RepeatCursor(), "/cursor", `{"things":[` + one + "," + two + "," + three + `],"meta":{"next_cursor":"` + formatCursor(0) + `"}}`},
		{ForeignLink("https://elsewhere.example"), "/url?per_page=1", `{"things":[` + one + `],"links":{"next":"https://elsewhere.example/url?after=` + formatCursor(1) + `\u0026per_page=1"},"count":3}`},
		{ShortPage(1), "/cursor", `{"things":[` + one + `],"meta":{"next_cursor":"` + formatCursor(1) + `"}}`},
		{ShortPage(0), "/cursor", `{"things":[],"meta":{"next_cursor":"` + formatCursor(0) + `"}}`},
	}
	for _, tt := range tests {
		p := mustNew(t, unlimitedShop(), Options{})
		for _, op := range []string{"cursor", "url"} {
			p.Items(op, func(*Call) []json.RawMessage { return things(3) })
		}
		p.Inject(Fault{Effect: tt.effect})
		if got := body(t, call(p, "GET", tt.target)); got != tt.want {
			t.Errorf("%s: %s\nwant %s", tt.target, got, tt.want)
		}
	}
}

func TestFaultsAddUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := mustNew(t, unlimitedShop(), Options{})
		p.Inject(Fault{Effect: Slow(time.Second)})
		p.Inject(Fault{Effect: Slow(2 * time.Second)})
		p.Inject(Fault{Effect: Status(500)})
		p.Inject(Fault{Effect: Status(504)})
		start := time.Now()
		if got := status(p, "GET", "/things/7"); got != 504 || time.Since(start) != 3*time.Second {
			t.Errorf("%d after %v", got, time.Since(start))
		}
	})
}

func TestUnknownOperations(t *testing.T) {
	p := mustNew(t, shop(), Options{})
	for name, f := range map[string]func(){
		"inject": func() { p.Inject(Fault{Operation: "none"}) },
		"single": func() { p.Single("none", nil) },
		"items":  func() { p.Items("show", nil) }, // it has no pages
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			f()
		}()
	}
}
