package telemetry_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.opentelemetry.io/otel/propagation"

	"github.com/weirkit/weir/runtime"
	"github.com/weirkit/weir/runtime/providertest"
	"github.com/weirkit/weir/runtime/telemetry"
)

const planted = "s3cr3t-9f8e7d6c"

// Nothing that is exported has a credential in it, nor a path's or a query's
// values, nor what the provider says.
func TestNothingTellsASecret(t *testing.T) {
	credentials := map[string]runtime.ClientOption{
		"bearer": runtime.WithBearer(planted),
		"basic":  runtime.WithBasic("user", planted),
		"query":  runtime.WithAPIKey("query", "api_key", planted),
		"header": runtime.WithAPIKey("header", "X-Api-Key", planted),
	}
	says := func(status int, header http.Header) func(*providertest.Call) providertest.Answer {
		return func(*providertest.Call) providertest.Answer {
			body, _ := json.Marshal(map[string]string{"error": "no such key " + planted, "description": "got " + planted})
			return providertest.Answer{Status: status, Header: header, Body: body}
		}
	}
	answers := map[string]func(*providertest.Call) providertest.Answer{
		"fine":        nil,
		"an error":    says(403, http.Header{"X-Request-Id": {"for " + planted}}),
		"unavailable": says(503, nil),
		"a redirect":  says(302, http.Header{"Location": {"/books/8?api_key=" + planted}}),
		"elsewhere":   says(302, http.Header{"Location": {"https://evil.example/" + planted}}),
	}
	transports := map[string]func(http.RoundTripper) http.RoundTripper{
		"": func(rt http.RoundTripper) http.RoundTripper { return rt },
		", broken transport": func(http.RoundTripper) http.RoundTripper {
			return failing{fmt.Errorf("dial https://host.example/?api_key=%s: refused", planted)}
		},
	}
	for kind, credential := range credentials {
		for answer, handle := range answers {
			for how, transport := range transports {
				t.Run(kind+", "+answer+how, func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						w := newWorld(t, providertest.Options{})
						if handle != nil {
							for _, op := range library().Operations {
								w.provider.Handle(op.Name, handle)
							}
						}
						c := w.connect(t, "bath", credential, runtime.WithTransport(transport(w.provider.Transport())), runtime.WithIdentity(runtime.Identity{User: planted}),
							w.instrument(telemetry.WithScopes(), telemetry.WithPropagator(propagation.TraceContext{})))
						for range 3 {
							_, err := runtime.Do[book](t.Context(), c, show, runtime.Args{Path: []any{planted}}, runtime.WithHeader("X-Note", planted))
							failed := runtime.Exec(t.Context(), c, post, runtime.Args{Path: []any{planted}, Body: map[string]string{"text": planted}})
							listed := read(t.Context(), c)
							if works := handle == nil && how == ""; works != (errors.Join(err, failed, listed) == nil) {
								t.Fatalf("errors: %v, %v, %v", err, failed, listed)
							}
						}
						spans := w.spans.GetSpans()
						said := fmt.Sprintf("%+v %v", spans.Snapshots(), w.metrics(t))
						for _, s := range spans {
							said += fmt.Sprintf(" %s %+v %+v %+v %+v", s.Name, s.Attributes, s.Events, s.Links, s.Status)
						}
						if len(spans) < 9 || !strings.Contains(said, "/books/{book_id}") {
							t.Fatalf("%d spans: there is nothing to look at", len(spans))
						}
						for _, secret := range []string{planted, "evil.example", "api_key", "no such key", "cursor="} {
							if at := strings.Index(said, secret); at >= 0 {
								t.Errorf("%q is exported: …%s…", secret, said[max(0, at-100):min(len(said), at+100)])
							}
						}
					})
				})
			}
		}
	}
}

type failing struct{ err error }

func (f failing) RoundTrip(*http.Request) (*http.Response, error) { return nil, f.err }

// What cannot be right is refused as the client is made.
func TestOptions(t *testing.T) {
	for name, option := range map[string]telemetry.Option{
		"WithTracerProvider": telemetry.WithTracerProvider(nil),
		"WithMeterProvider":  telemetry.WithMeterProvider(nil),
		"WithPropagator":     telemetry.WithPropagator(nil),
	} {
		_, err := runtime.NewClient(library(), map[string]string{"city": "bath"}, telemetry.Instrument(option))
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s(nil): error = %v", name, err)
		}
	}
}

// Without providers, and with global ones that export nothing, all works as ever.
func TestGlobalProviders(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, providertest.Options{})
		c := w.connect(t, "bath", telemetry.Instrument(), telemetry.Instrument())
		began := time.Now()
		for range 3 {
			if err := lend(t.Context(), c); err != nil {
				t.Fatal(err)
			}
		}
		if waited := time.Since(began); waited != 60001*time.Millisecond {
			t.Errorf("three calls took %v", waited)
		}
	})
}
