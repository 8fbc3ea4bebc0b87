package quota

// This file reads points in time and spans of it, in every form that headers
// have them.

import (
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/weirkit/weir/runtime/api"
)

// A month is the longest that any provider counts. What is further off was
// misread, or is nonsense.
const beyondReason = 32 * 24 * time.Hour

// told is a time as a provider writes it: a span from now on, or a point on the
// provider's clock.
type told struct {
	span  time.Duration
	point time.Time // zero if it is a span
	// coarse is the unit that it is written in: the truth may be that much later
	// or, where it was rounded up, earlier.
	coarse time.Duration
}

// parseAny tells the forms apart by what they look like.
func parseAny(value string, now time.Time) (told, bool) {
	value = strings.Trim(strings.TrimSpace(value), `"`)
	if t, ok := parsePoint(value, now); ok {
		return t, true
	}
	if isDecimal(value) {
		return parseDelta(value, time.Second)
	}
	return parseDuration(value)
}

// parsePoint reads what cannot be meant but as a point in time: a date, or
// digits that as an epoch are near the present, which no span is.
func parsePoint(value string, now time.Time) (told, bool) {
	value = strings.Trim(strings.TrimSpace(value), `"`)
	if isDecimal(value) {
		for _, unit := range [...]time.Duration{time.Second, time.Millisecond, time.Microsecond, time.Nanosecond} {
			if t, ok := parseEpoch(value, unit); ok && near(t.point, now) {
				return t, true
			}
		}
		return told{}, false
	}
	if t, ok := parseHTTPDate(value); ok {
		return t, true
	}
	return parseISO(value)
}

// parseAs reads a value of a known form.
func parseAs(value string, form api.ResetEncoding, now time.Time) (told, bool) {
	value = strings.Trim(strings.TrimSpace(value), `"`)
	switch form {
	case api.DeltaSeconds:
		return parseDelta(value, time.Second)
	case api.DeltaMillis:
		return parseDelta(value, time.Millisecond)
	case api.EpochSeconds:
		return parseEpoch(value, time.Second)
	case api.EpochMillis:
		return parseEpoch(value, time.Millisecond)
	case api.ISO8601:
		return parseISO(value)
	case api.HTTPDate:
		return parseHTTPDate(value)
	case api.GoDuration:
		return parseDuration(value)
	}
	return parseAny(value, now)
}

// near reports whether a point lies within reason of now. (Around 1970 an epoch
// looks like a span; no clock of ours shows that.)
func near(point, now time.Time) bool {
	d := point.Sub(now)
	return now.Unix() > int64(2*beyondReason/time.Second) && d > -beyondReason && d < beyondReason
}

func parseDelta(s string, unit time.Duration) (told, bool) {
	if !isDecimal(s) {
		return told{}, false
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || f*float64(unit) > float64(beyondReason) {
		return told{}, false
	}
	return told{span: time.Duration(math.Round(f * float64(unit))), coarse: coarseness(s, unit)}, true
}

func parseEpoch(s string, unit time.Duration) (told, bool) {
	if !isDecimal(s) {
		return told{}, false
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || f*float64(unit) > math.MaxInt64/2 {
		return told{}, false
	}
	// The whole part apart, since a float has no room for nanoseconds.
	whole, fraction := math.Modf(f)
	point := time.Unix(0, int64(whole)*int64(unit)+int64(fraction*float64(unit)))
	return told{point: point, coarse: coarseness(s, unit)}, true
}

// coarseness is how much a decimal number may fall short of the truth by being
// cut: a unit of its last digit, but for a fraction of zero.
func coarseness(s string, unit time.Duration) time.Duration {
	_, fraction, _ := strings.Cut(s, ".")
	if strings.Trim(fraction, "0") == "" {
		return unit
	}
	for range min(len(fraction), 9) {
		unit /= 10
	}
	return max(unit, time.Millisecond)
}

func parseHTTPDate(s string) (told, bool) {
	t, err := http.ParseTime(s)
	return told{point: t, coarse: time.Second}, err == nil
}

// The forms of ISO 8601 in use, finest first. Without a zone it is UTC.
var isoForms = []struct {
	layout string
	coarse time.Duration
}{
	{"2006-01-02T15:04:05.999999999Z07:00", time.Second},
	{"2006-01-02T15:04:05.999999999Z0700", time.Second},
	{"2006-01-02T15:04:05.999999999", time.Second},
	{"2006-01-02 15:04:05.999999999Z07:00", time.Second},
	{"2006-01-02 15:04:05.999999999", time.Second},
	{"2006-01-02T15:04Z07:00", time.Minute},
	{"2006-01-02T15:04Z0700", time.Minute},
	{"2006-01-02T15:04", time.Minute},
}

func parseISO(s string) (told, bool) {
	for _, form := range isoForms {
		t, err := time.Parse(form.layout, s)
		if err != nil {
			continue
		}
		if t.Nanosecond() != 0 {
			return told{point: t, coarse: time.Millisecond}, true
		}
		return told{point: t, coarse: form.coarse}, true
	}
	return told{}, false
}

func parseDuration(s string) (told, bool) {
	d, err := time.ParseDuration(s)
	if err != nil || d < 0 || d > beyondReason {
		return told{}, false
	}
	coarse := time.Second
	for coarse > time.Millisecond && d%coarse != 0 {
		coarse /= 10
	}
	return told{span: d, coarse: coarse}, true
}
