// Package field tells which headers can be sent. net/http would refuse the others
// too, but with each call anew, after it was admitted.
package field

import (
	"errors"
	"fmt"
	"strings"
)

// Check reports why a header cannot be sent (RFC 9110, 5.5 and 5.6.2). The value
// may be a secret, so the error does not have it.
func Check(name, value string) error {
	if err := CheckName(name); err != nil {
		return err
	}
	return CheckValue(value)
}

// CheckName reports why a header cannot have this name.
func CheckName(name string) error {
	const others = "!#$%&'*+-.^_`|~"
	for _, c := range []byte(name) {
		alphanumeric := 'a' <= c|0x20 && c|0x20 <= 'z' || '0' <= c && c <= '9'
		if !alphanumeric && !strings.ContainsRune(others, rune(c)) {
			return fmt.Errorf("%q is not a header's name", name)
		}
	}
	if name == "" {
		return errors.New("the header has no name")
	}
	return nil
}

// CheckValue reports why a header cannot have this value, without the value.
func CheckValue(value string) error {
	for _, c := range []byte(value) {
		switch {
		case c == '\r' || c == '\n':
			return errors.New("the value has a line break: trim it")
		case c < ' ' && c != '\t' || c == 0x7f:
			return errors.New("the value has a control character")
		}
	}
	return nil
}
