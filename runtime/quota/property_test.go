package quota

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/weirkit/weir/runtime/api"
)

// encoding writes a reset as some providers do: rounded up to its resolution.
type encoding struct {
	is         api.ResetEncoding
	resolution time.Duration
	write      func(reset, now time.Time) string
}

func up(d, to time.Duration) time.Duration { return (d + to - 1) / to * to }

var encodings = []encoding{
	{api.DeltaSeconds, time.Second, func(reset, now time.Time) string {
		return strconv.FormatInt(int64(up(reset.Sub(now), time.Second)/time.Second), 10)
	}},
	{api.DeltaSeconds, time.Millisecond, func(reset, now time.Time) string {
		return fmt.Sprintf("%.3f", up(reset.Sub(now), time.Millisecond).Seconds())
	}},
	{api.DeltaMillis, time.Millisecond, func(reset, now time.Time) string {
		return strconv.FormatInt(int64(up(reset.Sub(now), time.Millisecond)/time.Millisecond), 10)
	}},
	{api.EpochSeconds, time.Second, func(reset, _ time.Time) string {
		return strconv.FormatInt(reset.Add(time.Second-1).Unix(), 10)
	}},
	{api.EpochSeconds, time.Millisecond, func(reset, _ time.Time) string {
		ms := reset.Add(time.Millisecond - 1).UnixMilli()
		return fmt.Sprintf("%d.%03d", ms/1000, ms%1000)
	}},
	{api.EpochMillis, time.Millisecond, func(reset, _ time.Time) string {
		return strconv.FormatInt(reset.Add(time.Millisecond-1).UnixMilli(), 10)
	}},
	{api.ISO8601, time.Second, func(reset, _ time.Time) string { return reset.Add(time.Second - 1).UTC().Format(time.RFC3339) }},
	{api.ISO8601, time.Second, func(reset, _ time.Time) string {
		return reset.Add(time.Second - 1).In(time.FixedZone("", 5*3600+1800)).Format(time.RFC3339)
	}},
	{api.ISO8601, time.Minute, func(reset, _ time.Time) string { return reset.UTC().Format("2006-01-02T15:04Z") }},
	{api.HTTPDate, time.Second, func(reset, _ time.Time) string { return reset.Add(time.Second - 1).UTC().Format(http.TimeFormat) }},
	{api.HTTPDate, time.Second, func(reset, _ time.Time) string {
		return reset.Add(time.Second - 1).UTC().Format("Monday, 02-Jan-06 15:04:05 GMT")
	}},
	{api.HTTPDate, time.Second, func(reset, _ time.Time) string { return reset.Add(time.Second - 1).UTC().Format(time.ANSIC) }},
	{api.GoDuration, time.Millisecond, func(reset, now time.Time) string { return up(reset.Sub(now), time.Millisecond).String() }},
}

// What a provider tells of its limit is read as it is, whatever the form, to
// the resolution of that form and the time that the answer took; and so it is
// where the form is not annotated, unless it could be another.
func TestEveryEncodingIsReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		enc := rapid.SampledFrom(encodings).Draw(t, "encoding")
		most := rapid.IntRange(1, 1<<31-1).Draw(t, "limit")
		remaining := rapid.IntRange(0, most).Draw(t, "remaining")
		left := time.Duration(rapid.Int64Range(int64(time.Second), int64(time.Hour)).Draw(t, "left"))
		trip := time.Duration(rapid.Int64Range(0, int64(2*time.Second)).Draw(t, "trip"))
		made := time.Duration(rapid.Int64Range(0, int64(trip)).Draw(t, "made"))
		ahead := time.Duration(rapid.Int64Range(-int64(time.Hour), int64(time.Hour)).Draw(t, "clock"))
		year := rapid.SampledFrom([]int{2000, 2026, 2060}).Draw(t, "year")
		annotated := rapid.Bool().Draw(t, "annotated") || enc.is == api.DeltaMillis

		sent := time.Date(year, 1, 1, 0, 0, 0, 123456789, time.UTC)
		answered, theirNow := sent.Add(trip), sent.Add(made+ahead)
		reset := sent.Add(made + left)
		is := enc.is
		if !annotated {
			is = ""
		}
		h := http.Header{}
		h.Set("X-RateLimit-Limit", strconv.Itoa(most))
		h.Set("X-RateLimit-Remaining", strconv.Itoa(remaining))
		h.Set("X-RateLimit-Reset", enc.write(reset.Add(ahead), theirNow))
		h.Set("Date", theirNow.UTC().Format(http.TimeFormat))
		got := NewReader(oneFamily(is)).Readings(drawing("core"), h, nil, sent, answered)
		if len(got) != 1 || got[0].Max != most || got[0].Remaining != remaining {
			t.Fatalf("%v: %+v", h, got)
		}
		rd := got[0]
		if rd.Reset.IsZero() || reset.Before(rd.ResetEarliest) || reset.After(rd.Reset) {
			t.Fatalf("%v: the end %v is not between %v and %v", h, reset, rd.ResetEarliest, rd.Reset)
		}
		// Rounding, the way there and back, and the second that Date has been cut by.
		resolution := enc.resolution
		if text := strings.TrimSuffix(h.Get("X-RateLimit-Reset"), "s"); strings.HasSuffix(text, "0") || !strings.Contains(text, ".") && enc.is == api.GoDuration {
			resolution = max(resolution, time.Second) // zeros may mean that it was rounded
		}
		if width, most := rd.Reset.Sub(rd.ResetEarliest), 2*resolution+2*trip+time.Second; width > most {
			t.Fatalf("%v: known to %v; want %v at most", h, width, most)
		}
		if want := map[bool]Confidence{true: Annotated, false: Likely}[annotated]; rd.Confidence < want {
			t.Fatalf("%v: confidence %v", h, rd.Confidence)
		}
	})
}

// What is read never depends on the letters' case, nor on other headers.
func TestReadingIsStable(t *testing.T) {
	desc := dialects["zendesk"]
	rapid.Check(t, func(t *rapid.T) {
		h := header("X-Rate-Limit: 700", "X-Rate-Limit-Remaining: "+strconv.Itoa(rapid.IntRange(0, 700).Draw(t, "remaining")),
			"zendesk-ratelimit-tickets-index: total=100; remaining=99; resets=41")
		want := NewReader(desc).Observations(drawing("support", "tickets"), h, nil, now, now)
		for _, name := range rapid.SliceOf(rapid.StringMatching(`[A-Z][a-z]{1,8}(-[A-Z][a-z]{1,8}){0,3}`)).Draw(t, "others") {
			if len(h[name]) == 0 {
				h.Set(name, "5")
			}
		}
		got := NewReader(desc).Observations(drawing("support", "tickets"), h, nil, now, now)
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Fatalf("%v: %v; want %v", h, got, want)
		}
	})
}
