package runtime

// This file tells which headers can be sent. net/http would refuse the others
// too, but with each call anew, after it was admitted.

import (
	"errors"
	"fmt"
	"strings"
)

// checkField reports why a header cannot be sent (RFC 9110, 5.5 and 5.6.2). The
// value may be a secret, so the error does not have it.
func checkField(name, value string) error {
	if err := checkFieldName(name); err != nil {
		return err
	}
	return checkFieldValue(value)
}

func checkFieldName(name string) error {
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

func checkFieldValue(value string) error {
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
