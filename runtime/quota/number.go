package quota

// This file reads numbers of calls or units.

import (
	"math"
	"net/http"
	"strconv"
	"strings"
)

// count reads a number: whole, or with decimals that are dropped, or the first
// of a list with parameters (100, 100;w=60). It returns -1 for anything else.
func count(s string) int {
	if s == "" {
		return -1
	}
	s = strings.TrimSpace(s)
	if i := strings.IndexByte(s, ';'); i >= 0 {
		s = s[:i]
	}
	s, _, _ = strings.Cut(s, ", ")
	s = strings.Trim(strings.TrimSpace(s), `"`)
	if !isDecimal(s) {
		return -1
	}
	whole, _, _ := strings.Cut(s, ".")
	n, err := strconv.ParseInt(whole, 10, 64)
	if err != nil || n > math.MaxInt32 {
		return -1
	}
	return int(n)
}

// least is the smallest number of a list, as proxies make one of several
// headers; -1 where any of it is no number.
func least(s string) int {
	if !strings.Contains(s, ",") {
		return count(s)
	}
	n := -1
	for part := range strings.SplitSeq(s, ",") {
		c := count(part)
		if c < 0 {
			return -1
		}
		n = smaller(n, c)
	}
	return n
}

// roundUp reads a cost: a number whose decimals count as one more.
func roundUp(s string) int {
	n := count(s)
	if _, fraction, _ := strings.Cut(strings.TrimSpace(s), "."); n >= 0 && n < math.MaxInt32 && strings.Trim(fraction, "0") != "" {
		n++
	}
	return n
}

// share reads which part of a limit is used: a fraction, or percent.
func share(s string) (float64, bool) {
	s, percent := strings.CutSuffix(strings.TrimSpace(s), "%")
	if s = strings.TrimSpace(s); !isDecimal(s) {
		return 0, false
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return 0, false
	}
	if percent || f > 2 {
		f /= 100
	}
	return f, true
}

// fraction reads 32/40, used of a limit. What follows in parentheses is a remark.
func fraction(s string) (used, most int) {
	s, _, _ = strings.Cut(s, "(")
	u, m, found := strings.Cut(s, "/")
	if !found {
		return -1, -1
	}
	return count(u), count(m)
}

// first is a header's first value. The name must be in canonical form.
func first(h http.Header, name string) string { return nth(h, name, 0) }

func nth(h http.Header, name string, i int) string {
	if name == "" {
		return ""
	}
	if v := h[name]; i < len(v) {
		return v[i]
	}
	return ""
}

// isDecimal reports whether s is digits, perhaps with a point between them.
func isDecimal(s string) bool {
	whole, fraction, dotted := strings.Cut(s, ".")
	return isDigits(whole) && (!dotted || isDigits(fraction))
}

func isDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}
