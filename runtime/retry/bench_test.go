package retry

import (
	"net/http"
	"testing"
)

// BenchmarkDo is what retrying costs a call that is not repeated.
func BenchmarkDo(b *testing.B) {
	resp := &http.Response{StatusCode: http.StatusOK, Body: http.NoBody}
	transport := &Transport{Next: roundTripper(func(*http.Request) (*http.Response, error) { return resp, nil })}
	req, err := http.NewRequestWithContext(b.Context(), "GET", "https://api.example.com/tickets", nil)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := transport.Do(req, Call{Repeatable: true}); err != nil {
			b.Fatal(err)
		}
	}
}
