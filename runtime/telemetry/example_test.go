package telemetry_test

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"time"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/weirkit/weir/runtime"
	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/retry"
	"github.com/weirkit/weir/runtime/telemetry"
)

// acme is what a generated SDK has ready.
var acme = api.API{Name: "acme"}

var articlesShow = api.Operation{Name: "Articles.Show", Method: "GET", Path: "/api/articles/{article_id}"}

func ExampleInstrument() {
	var requests atomic.Int32
	provider := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if requests.Add(1) == 1 {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
		fmt.Fprint(w, `{"title":"Opening hours"}`)
	}))
	defer provider.Close()

	// A program exports to a collector, by an exporter of go.opentelemetry.io/otel/exporters.
	exporter := tracetest.NewInMemoryExporter()
	tracing := sdktrace.NewTracerProvider(sdktrace.WithSyncer(exporter))

	// Without options Instrument uses the providers that package otel has.
	client, err := runtime.NewClient(&acme, nil, runtime.WithBaseURL(provider.URL),
		telemetry.Instrument(telemetry.WithTracerProvider(tracing)),
		runtime.WithRetry(retry.Policy{MinBackoff: time.Millisecond}))
	if err != nil {
		log.Fatal(err)
	}
	_, err = runtime.Do[struct{ Title string }](context.Background(), client, &articlesShow, runtime.Args{Path: []any{4711}})
	if err != nil {
		log.Fatal(err)
	}
	for _, span := range exporter.GetSpans() {
		fmt.Println(span.Name, span.Status.Code)
		for _, a := range span.Attributes {
			if a.Key == "http.response.status_code" || a.Key == "weir.retry.count" {
				fmt.Println("   ", a.Key, a.Value.AsInt64())
			}
		}
	}
	// Output:
	// GET /api/articles/{article_id} Error
	//     http.response.status_code 503
	// GET /api/articles/{article_id} Unset
	//     http.response.status_code 200
	// Articles.Show Unset
	//     http.response.status_code 200
	//     weir.retry.count 1
}
