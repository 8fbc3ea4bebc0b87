package telemetry_test

import (
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/weirkit/weir/runtime"
	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/providertest"
)

// slow answers after a second.
type slow struct{}

func (slow) RoundTrip(r *http.Request) (*http.Response, error) {
	time.Sleep(time.Second)
	body := `{"book":{"id":1}}`
	if strings.HasSuffix(r.URL.Path, "/many") {
		body = `{"books":[{"id":2},{"id":3},{"id":4}]}`
	}
	return &http.Response{StatusCode: 200, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body))}, nil
}

// TestBatchSpans: a request that callers share is one call, below the first of them
// and linked to the others.
func TestBatchSpans(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, providertest.Options{})
		desc := library()
		one := *show
		one.Draws, one.Batch = nil, &api.Batch{
			With: "Books.ShowMany", Key: api.Param{In: api.InPath, Name: "book_id"}, Items: api.Path{"books"},
			Keys: api.Keys{Param: api.Param{In: api.InQuery, Name: "ids"}, Join: ",", ID: api.Path{"id"}, Max: 10},
		}
		desc.Operations = []*api.Operation{&one, {Name: "Books.ShowMany", Method: "GET", Path: "/books/many"}}
		c, err := runtime.NewClient(desc, map[string]string{"city": "bath"}, runtime.WithTransport(slow{}), w.instrument())
		if err != nil {
			t.Fatal(err)
		}
		var group sync.WaitGroup
		for id := 1; id <= 4; id++ {
			group.Go(func() {
				ctx, own := w.tracers.Tracer("program").Start(t.Context(), "caller")
				defer own.End()
				if _, err := runtime.Do[book](ctx, c, &one, runtime.Args{Path: []any{id}}); err != nil {
					t.Error(err)
				}
			})
			synctest.Wait()
		}
		group.Wait()
		names := map[string]int{}
		for _, span := range w.spans.GetSpans() {
			names[span.Name]++
			if span.Name != "Books.ShowMany" {
				continue
			}
			if len(span.Links) != 2 || !span.Parent.IsValid() || span.Links[0].SpanContext.Equal(span.Parent) {
				t.Errorf("below %v it has the links %v", span.Parent, span.Links)
			}
		}
		if names["caller"] != 4 || names["Books.Show"] != 1 || names["Books.ShowMany"] != 1 {
			t.Errorf("spans %v", names)
		}
	})
}
