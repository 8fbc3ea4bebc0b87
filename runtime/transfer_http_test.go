package runtime_test

// This file sends transfers over real connections: what a receiver gets of
// content that has another length than was said.

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"github.com/weirkit/weir/runtime"
)

func TestTransferOverHTTP(t *testing.T) {
	var whole atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if n, err := io.Copy(io.Discard, r.Body); err == nil && n == r.ContentLength {
			whole.Add(1)
		}
		w.WriteHeader(http.StatusOK)
	}))
	defer server.Close()
	const size = 1 << 20
	tests := map[string]struct {
		content []byte
		whole   int64
		err     error
	}{
		"exact":         {make([]byte, size), 1, nil},
		"a byte less":   {make([]byte, size-1), 0, runtime.ErrLength},
		"a byte more":   {make([]byte, size+1), 0, runtime.ErrLength},
		"twice as much": {make([]byte, 2*size), 0, runtime.ErrLength},
		"nothing":       {nil, 0, runtime.ErrLength},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			whole.Store(0)
			c, err := runtime.NewClient(desk(), acme, runtime.WithBaseURL(server.URL))
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			_, err = c.Transfer(t.Context(), runtime.Transfer{
				Operation: "Files.Upload", URL: server.URL + "/up", Size: size,
				Content: struct{ io.Reader }{bytes.NewReader(tt.content)}, // which cannot seek
			})
			if !errors.Is(err, tt.err) || (err == nil) != (tt.err == nil) {
				t.Errorf("error = %v, want %v", err, tt.err)
			}
			server.CloseClientConnections() // ends handlers that still read
			if whole.Load() != tt.whole {
				t.Errorf("%d came whole, want %d", whole.Load(), tt.whole)
			}
		})
	}
}
