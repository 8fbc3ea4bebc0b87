package cache

// This file writes entries as bytes and reads them back. What is read may have
// been cut short, overwritten, or put there by somebody else, so that nothing is
// believed that does not add up.

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"
)

// ErrCorrupt says that what a store has is no entry, or not the key's.
var ErrCorrupt = errors.New("corrupt cache entry")

// Entry is an answer as it is kept.
type Entry struct {
	Status int
	Header http.Header
	Body   []byte
	// Asked is when the request was sent that was so answered, or the last one by
	// which the provider has confirmed the answer.
	Asked time.Time
	// Vary has what the answer says that it depends on in the request's headers:
	// hashes of their values, by name.
	Vary map[string]string
	// Marks are what the answer hangs on beside time, as they were when it was
	// asked for: see the runtime's invalidations.
	Marks []string
}

// magic begins every entry. A change of the format is a change of the number.
const magic = "weir-cache 1\n"

// meta is an entry without its body, as it is written.
type meta struct {
	Status int               `json:"status"`
	Header http.Header       `json:"header"`
	Asked  int64             `json:"asked"` // nanoseconds since 1970
	Vary   map[string]string `json:"vary,omitempty"`
	Marks  []string          `json:"marks,omitempty"`
}

// Encode writes an entry for a key: a checksum over the key and all that follows,
// the length of what is told of the answer, that, and the body.
func (e *Entry) Encode(key string) ([]byte, error) {
	told, err := json.Marshal(meta{e.Status, e.Header, e.Asked.UnixNano(), e.Vary, e.Marks})
	if err != nil {
		return nil, fmt.Errorf("write a cache entry: %w", err)
	}
	begin := len(magic) + sha256.Size
	b := make([]byte, begin, begin+4+len(told)+len(e.Body))
	copy(b, magic)
	b = binary.BigEndian.AppendUint32(b, uint32(len(told)))
	b = append(append(b, told...), e.Body...)
	sum := checksum(key, b[begin:])
	copy(b[len(magic):], sum[:])
	return b, nil
}

// Decode reads an entry back. The body is a part of b. An error wraps [ErrCorrupt].
func Decode(key string, b []byte) (*Entry, error) {
	rest, ok := bytes.CutPrefix(b, []byte(magic))
	if !ok || len(rest) < sha256.Size+4 {
		return nil, fmt.Errorf("%w: it does not begin as one", ErrCorrupt)
	}
	told := [sha256.Size]byte(rest)
	rest = rest[sha256.Size:]
	if told != checksum(key, rest) {
		return nil, fmt.Errorf("%w: its checksum is wrong", ErrCorrupt)
	}
	n := int(binary.BigEndian.Uint32(rest))
	rest = rest[4:]
	if n > len(rest) {
		return nil, fmt.Errorf("%w: it is shorter than it says", ErrCorrupt)
	}
	var m meta
	if err := json.Unmarshal(rest[:n], &m); err != nil {
		return nil, fmt.Errorf("%w: %v", ErrCorrupt, err)
	}
	if m.Header == nil {
		m.Header = http.Header{}
	}
	return &Entry{Status: m.Status, Header: m.Header, Body: rest[n:len(rest):len(rest)], Asked: time.Unix(0, m.Asked), Vary: m.Vary, Marks: m.Marks}, nil
}

// checksum has the key in it, so that an entry under another one's name is none.
func checksum(key string, rest []byte) [sha256.Size]byte {
	h := sha256.New()
	h.Write([]byte(key))
	h.Write(rest)
	return [sha256.Size]byte(h.Sum(nil))
}
