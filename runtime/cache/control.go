package cache

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Directives are what a Cache-Control header says, by name in small letters.
type Directives map[string]string

// Control reads the Cache-Control header of a request or an answer.
func Control(h http.Header) Directives {
	d := Directives{}
	for _, line := range h["Cache-Control"] {
		for part := range fields(line) {
			name, value, _ := strings.Cut(part, "=")
			name = strings.ToLower(strings.TrimSpace(name))
			if _, twice := d[name]; name != "" && !twice {
				d[name] = strings.Trim(strings.TrimSpace(value), `"`)
			}
		}
	}
	return d
}

// Seconds is a directive's time. One that is no number counts as none at all, as
// RFC 9111 (4.2.1) advises, and one that is too large as the largest.
func (d Directives) Seconds(name string) (time.Duration, bool) {
	value, ok := d[name]
	if !ok {
		return 0, false
	}
	n, err := strconv.ParseUint(value, 10, 64)
	switch {
	case err != nil && strings.Trim(value, "0123456789") != "", value == "":
		return 0, true
	case err != nil || n > 1<<31:
		n = 1 << 31
	}
	return time.Duration(n) * time.Second, true
}

// fields are the members of a list, in which commas within quotes do not count.
func fields(line string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for line != "" {
			end, quoted := len(line), false
			for i := range len(line) {
				if line[i] == '"' {
					quoted = !quoted
				}
				if line[i] == ',' && !quoted {
					end = i
					break
				}
			}
			if !yield(line[:end]) {
				return
			}
			line = line[min(end+1, len(line)):]
		}
	}
}
