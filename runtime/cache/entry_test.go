package cache

import (
	"bytes"
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

func anEntry() *Entry {
	return &Entry{
		Status: 200, Header: http.Header{"Etag": {`"a"`}, "X-Two": {"1", "2"}}, Body: []byte(`{"id":1}`), Asked: noon,
		Vary: map[string]string{"Accept": "hash"}, Marks: []string{"m", "n"},
	}
}

func TestCacheEntryComesBack(t *testing.T) {
	b, err := anEntry().Encode("key")
	if err != nil {
		t.Fatal(err)
	}
	e, err := Decode("key", b)
	if err != nil {
		t.Fatal(err)
	}
	e.Asked = e.Asked.UTC()
	if diff := cmp.Diff(anEntry(), e); diff != "" {
		t.Error(diff)
	}
}

// Whatever happens to the bytes, an entry is as it was written, or none.
func TestCacheEntryBelievesNothing(t *testing.T) {
	b, err := anEntry().Encode("key")
	if err != nil {
		t.Fatal(err)
	}
	broken := map[string][]byte{"empty": nil, "another's": []byte("GIF89a"), "longer": append(bytes.Clone(b), 'x'), "another version's": bytes.Replace(b, []byte("cache 1"), []byte("cache 2"), 1)}
	for i := range b {
		cut := b[:i]
		if _, err := Decode("key", cut); !errors.Is(err, ErrCorrupt) {
			t.Errorf("cut to %d of %d bytes: error = %v", i, len(b), err)
		}
		flipped := bytes.Clone(b)
		flipped[i] ^= 1
		if _, err := Decode("key", flipped); !errors.Is(err, ErrCorrupt) {
			t.Errorf("byte %d flipped: error = %v", i, err)
		}
	}
	for name, bytes := range broken {
		if _, err := Decode("key", bytes); !errors.Is(err, ErrCorrupt) {
			t.Errorf("%s: error = %v", name, err)
		}
	}
	if _, err := Decode("another key", b); !errors.Is(err, ErrCorrupt) {
		t.Errorf("under another key: error = %v", err)
	}
}

func FuzzCacheDecode(f *testing.F) {
	b, err := anEntry().Encode("key")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Add([]byte(magic))
	f.Add(b[:len(b)-3])
	f.Fuzz(func(t *testing.T, b []byte) {
		e, err := Decode("key", b)
		if (e == nil) == (err == nil) || err != nil && !errors.Is(err, ErrCorrupt) {
			t.Errorf("entry %v, error %v", e, err)
		}
	})
}
