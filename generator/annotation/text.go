package annotation

// This file parses the small languages that stand in the values: durations,
// rates and paths.

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/weirkit/weir/runtime/api"
)

// maxDuration bounds what a limit may span: no provider counts for longer than
// a month, so a year is a slip of the unit.
const maxDuration = 366 * 24 * time.Hour

var durationForm = regexp.MustCompile(`^[1-9][0-9]{0,8}(ms|s|m|h)$`)

// ParseDuration parses a whole number with one unit, ms, s, m or h: 1s, 10m,
// 24h. One form for one length keeps files easy to search; 90s is not also
// 1m30s.
func ParseDuration(text string) (time.Duration, error) {
	if !durationForm.MatchString(text) {
		return 0, fmt.Errorf("%q is no duration: write a number above zero with ms, s, m or h, as in 1m", text)
	}
	d, err := time.ParseDuration(text)
	if err != nil || d > maxDuration {
		return 0, fmt.Errorf("%s is longer than a year: check the unit", text)
	}
	return d, nil
}

var rateForm = regexp.MustCompile(`^([1-9][0-9]{0,8})/([1-9][0-9]{0,8})?(ms|s|m|h)$`)

// ParseRate parses so many per duration: 300/s, 100/1m, 1/17s.
func ParseRate(text string) (refill int, per time.Duration, err error) {
	m := rateForm.FindStringSubmatch(text)
	if m == nil {
		return 0, 0, fmt.Errorf("%q is no rate: write so many per duration, as in 300/s or 1/17s", text)
	}
	if refill, err = strconv.Atoi(m[1]); err != nil {
		return 0, 0, fmt.Errorf("%q is no rate: %w", text, err)
	}
	count := m[2]
	if count == "" {
		count = "1"
	}
	per, err = ParseDuration(count + m[3])
	return refill, per, err
}

var pathForm = regexp.MustCompile(`^\$(\.[^.\[\]*'"\s$]+)*$`)

// ParsePath parses a path of member names: $.meta.after_cursor. $ alone is the
// whole document.
func ParsePath(text string) (api.Path, error) {
	if !pathForm.MatchString(text) {
		return nil, fmt.Errorf("%q is no path: write member names after $, as in $.meta.next", text)
	}
	if text == "$" {
		return api.Path{}, nil
	}
	return strings.Split(text[len("$."):], "."), nil
}

func pathText(p api.Path) string { return strings.Join(append([]string{"$"}, p...), ".") }
