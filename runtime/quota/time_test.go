package quota

import (
	"math"
	"strconv"
	"testing"
	"time"
)

// The present of these tests, and the epoch that goes with it.
var (
	now      = time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC)
	nowEpoch = now.Unix()
)

func TestParseRetryAfter(t *testing.T) {
	epoch := func(d time.Duration) string { return strconv.FormatInt(nowEpoch+int64(d/time.Second), 10) }
	millis := func(d time.Duration) string { return strconv.FormatInt(now.Add(d).UnixMilli(), 10) }
	tests := map[string]struct {
		value string
		date  time.Time
		want  time.Duration
		no    bool
	}{
		"whole seconds":                   {value: "93", want: 93 * time.Second},
		"none":                            {value: "0", want: 0},
		"decimal seconds":                 {value: "2.0", want: 2 * time.Second},
		"decimals":                        {value: "7.66", want: 7660 * time.Millisecond},
		"white space":                     {value: " 30 ", want: 30 * time.Second},
		"quoted":                          {value: `"30"`, want: 30 * time.Second},
		"leading zeros":                   {value: "0030", want: 30 * time.Second},
		"a day":                           {value: "86400", want: 24 * time.Hour},
		"a month":                         {value: "2678400", want: 31 * 24 * time.Hour},
		"epoch seconds":                   {value: epoch(90 * time.Second), want: 90 * time.Second},
		"epoch with decimals":             {value: epoch(90*time.Second) + ".5", want: 90500 * time.Millisecond},
		"epoch just past":                 {value: epoch(-2 * time.Second), want: 0},
		"epoch by the provider's clock":   {value: epoch(90 * time.Second), date: now.Add(time.Minute), want: 30 * time.Second},
		"epoch milliseconds":              {value: millis(1500 * time.Millisecond), want: 1500 * time.Millisecond},
		"date, RFC 1123":                  {value: "Sat, 21 Nov 2026 10:02:00 GMT", want: 2 * time.Minute},
		"date, RFC 850":                   {value: "Saturday, 21-Nov-26 10:02:00 GMT", want: 2 * time.Minute},
		"date, asctime":                   {value: "Sat Nov 21 10:02:00 2026", want: 2 * time.Minute},
		"date past":                       {value: "Sat, 21 Nov 2026 09:00:00 GMT", want: 0},
		"date by the provider's clock":    {value: "Sat, 21 Nov 2026 10:02:00 GMT", date: now.Add(time.Minute), want: time.Minute},
		"RFC 3339":                        {value: "2026-11-21T10:01:30Z", want: 90 * time.Second},
		"RFC 3339 with a zone":            {value: "2026-11-21T12:01:30+02:00", want: 90 * time.Second},
		"RFC 3339 with decimals":          {value: "2026-11-21T10:00:00.250Z", want: 250 * time.Millisecond},
		"ISO 8601 to the minute":          {value: "2026-11-21T10:02Z", want: 2 * time.Minute},
		"ISO 8601 without a zone":         {value: "2026-11-21T10:02:00", want: 2 * time.Minute},
		"duration":                        {value: "6m0s", want: 6 * time.Minute},
		"short duration":                  {value: "120ms", want: 120 * time.Millisecond},
		"empty":                           {value: "", no: true},
		"words":                           {value: "soon", no: true},
		"negative":                        {value: "-5", no: true},
		"negative duration":               {value: "-5s", no: true},
		"not a number":                    {value: "NaN", no: true},
		"infinite":                        {value: "Inf", no: true},
		"hexadecimal":                     {value: "0x10", no: true},
		"exponent":                        {value: "1e3", no: true},
		"two values":                      {value: "30, 60", no: true},
		"many digits":                     {value: "99999999999999999999999999", no: true},
		"an epoch of 2022 is no span":     {value: "1642204800", no: true},
		"an epoch of 2022 in millis":      {value: "1642204800000", no: true},
		"an epoch far off":                {value: epoch(60 * 24 * time.Hour), no: true},
		"a date years off":                {value: "Sat, 21 Nov 2036 10:02:00 GMT", no: true},
		"a date years past":               {value: "Thu, 01 Jan 1970 00:00:00 GMT", no: true},
		"a duration longer than a month":  {value: "1000h", no: true},
		"seconds longer than a month":     {value: "9999999", no: true},
		"a point without digits about it": {value: ".5", no: true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, ok := ParseRetryAfter(tt.value, now, tt.date)
			if ok == tt.no || got != tt.want && ok {
				t.Errorf("ParseRetryAfter(%q) = %v, %v; want %v, %v", tt.value, got, ok, tt.want, !tt.no)
			}
		})
	}
}

// synctest's clock starts in 2000, where an epoch has one digit less.
func TestParseRetryAfterJudgesEpochsByTheClock(t *testing.T) {
	bubble := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, unit := range []int64{1, 1000} {
		value := strconv.FormatInt((bubble.Unix()+60)*unit, 10)
		if got, ok := ParseRetryAfter(value, bubble, time.Time{}); !ok || got != time.Minute {
			t.Errorf("ParseRetryAfter(%q) = %v, %v; want 1m", value, got, ok)
		}
	}
}

func FuzzRetryAfter(f *testing.F) {
	for _, value := range []string{
		"93", "7.66", "-1", "1642204800", "1795255290", "1795255290000", "Sat, 21 Nov 2026 10:02:00 GMT",
		"Saturday, 21-Nov-26 10:02:00 GMT", "Sat Nov 21 10:02:00 2026", "2026-11-21T10:02Z", "6m0s", "NaN", "1e308",
		"9223372036854775807", "0.000000001", `"5"`,
	} {
		f.Add(value, int64(0))
		f.Add(value, nowEpoch)
	}
	f.Fuzz(func(t *testing.T, value string, date int64) {
		var said time.Time
		if date > 0 && date < math.MaxInt32 {
			said = time.Unix(date, 0)
		}
		wait, ok := ParseRetryAfter(value, now, said)
		if wait < 0 || ok && wait > beyondReason {
			t.Errorf("ParseRetryAfter(%q) = %v", value, wait)
		}
	})
}
