// This file has the providers that the functions call: in memory, so that a
// test may let their time pass at once.

package callsites

import (
	"net/http"
	"net/http/httptest"
	"sync/atomic"
)

// standIn answers a client's requests by a handler.
type standIn struct{ http.Handler }

func (s standIn) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	recorder := httptest.NewRecorder()
	s.ServeHTTP(recorder, r)
	response := recorder.Result()
	response.Request = r
	return response, nil
}

// client is for libraries that take no transport.
func (s standIn) client() *http.Client { return &http.Client{Transport: s} }

// refusing answers the second request for one path as refuse does, once, and all
// others as the handler does.
func (s standIn) refusing(path string, refuse http.HandlerFunc) standIn {
	var calls atomic.Int64
	return standIn{http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == path && calls.Add(1) == 2 {
			refuse(w, r)
			return
		}
		s.ServeHTTP(w, r)
	})}
}

// unavailable fails the first requests of all, as a load balancer does, without a
// body, and then answers as the handler does.
func (s standIn) unavailable(times int64) standIn {
	var calls atomic.Int64
	return standIn{http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if calls.Add(1) <= times {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		s.ServeHTTP(w, r)
	})}
}

// answers are bodies by the method and path of a request, and what its query or
// form says of the next page.
func answers(bodies map[string]string, missing http.HandlerFunc) standIn {
	return standIn{http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		key := r.Method + " " + r.URL.Path
		next := ""
		for _, name := range []string{"page", "after", "cursor", "starting_after", "page[after]"} {
			if value := r.FormValue(name); value != "" && value != "1" {
				next = " " + value
			}
		}
		body, ok := bodies[key+next]
		if !ok {
			missing(w, r)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		if link, ok := bodies["link "+r.URL.Path+next]; ok {
			w.Header().Set("Link", link)
		}
		w.Write([]byte(body))
	})}
}

func githubProvider() standIn {
	const issues = "/repos/golang/go/issues"
	return answers(map[string]string{
		"GET " + issues + "/1": `{"number": 1, "title": "First"}`,
		"GET " + issues:        `[{"number": 1, "title": "First"}, {"number": 2, "title": "Second"}]`,
		"GET " + issues + " 2": `[{"number": 3, "title": "Third"}]`,
		"link " + issues:       `<https://api.github.com` + issues + `?state=all&per_page=100&page=2>; rel="next"`,
		"POST " + issues:       `{"number": 4, "title": "It breaks"}`,
	}, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusNotFound)
		w.Write([]byte(`{"message": "Not Found"}`))
	})
}

// githubRefuses is GitHub's secondary limit.
func githubRefuses(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Retry-After", "60")
	w.WriteHeader(http.StatusForbidden)
	w.Write([]byte(`{"message": "You have exceeded a secondary rate limit.", "documentation_url": "https://docs.github.com/rest/overview/rate-limits-for-the-rest-api#about-secondary-rate-limits"}`))
}

func slackProvider() standIn {
	bodies := map[string]string{}
	// slack-go posts what weir asks for by GET: Slack takes both.
	for _, method := range []string{"GET ", "POST "} {
		bodies[method+"/api/auth.test"] = `{"ok": true, "team_id": "T1", "user_id": "U1", "bot_id": "B1"}`
		bodies[method+"/api/conversations.list"] = `{"ok": true, "channels": [{"id": "C1", "name": "general"}], "response_metadata": {"next_cursor": "c2"}}`
		bodies[method+"/api/conversations.list c2"] = `{"ok": true, "channels": [{"id": "C2", "name": "random"}], "response_metadata": {"next_cursor": ""}}`
		bodies[method+"/api/conversations.history"] = `{"ok": true, "messages": [{"ts": "2.0", "text": "Tea?"}], "has_more": true, "response_metadata": {"next_cursor": "c2"}}`
		bodies[method+"/api/conversations.history c2"] = `{"ok": true, "messages": [{"ts": "1.0", "text": "Hello"}], "has_more": false}`
		bodies[method+"/api/chat.postMessage"] = `{"ok": true, "channel": "C1", "ts": "3.0"}`
	}
	rest := answers(bodies, func(w http.ResponseWriter, _ *http.Request) {
		w.Write([]byte(`{"ok": false, "error": "user_not_found"}`))
	})
	return standIn{http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if r.URL.Path == "/api/users.info" && r.FormValue("user") == "U1" {
			w.Write([]byte(`{"ok": true, "user": {"id": "U1", "name": "ada"}}`))
			return
		}
		rest.ServeHTTP(w, r)
	})}
}

func slackRefuses(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Retry-After", "30")
	w.WriteHeader(http.StatusTooManyRequests)
	w.Write([]byte(`{"ok": false, "error": "ratelimited"}`))
}

func zendeskProvider() standIn {
	const organizations = "/api/v2/organizations"
	return answers(map[string]string{
		"GET " + organizations + "/1":  `{"organization": {"id": 1, "name": "Ada"}}`,
		"GET " + organizations:         `{"organizations": [{"id": 1, "name": "Ada"}], "meta": {"has_more": true, "after_cursor": "c2"}}`,
		"GET " + organizations + " c2": `{"organizations": [{"id": 2, "name": "Grace"}], "meta": {"has_more": false}}`,
		"POST " + organizations:        `{"organization": {"id": 1, "name": "Ada"}}`,
	}, func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusNotFound)
		w.Write([]byte(`{"error": "RecordNotFound", "description": "Not found"}`))
	})
}

func stripeProvider() standIn {
	const customers = "/v1/customers"
	return answers(map[string]string{
		"GET " + customers + "/cus_1": `{"id": "cus_1", "object": "customer", "name": "Ada"}`,
		"GET " + customers:            `{"object": "list", "data": [{"id": "cus_1", "name": "Ada"}], "has_more": true}`,
		"GET " + customers + " cus_1": `{"object": "list", "data": [{"id": "cus_2", "name": "Grace"}], "has_more": false}`,
		"POST " + customers:           `{"id": "cus_1", "object": "customer", "name": "Ada"}`,
	}, func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusNotFound)
		w.Write([]byte(`{"error": {"type": "invalid_request_error", "code": "resource_missing", "message": "No such customer"}}`))
	})
}

func openaiProvider() standIn {
	const stores = "/v1/vector_stores"
	return answers(map[string]string{
		"GET " + stores + "/vs_1": `{"id": "vs_1", "name": "Ada"}`,
		"GET " + stores:           `{"data": [{"id": "vs_1", "name": "Ada"}], "has_more": true}`,
		"GET " + stores + " vs_1": `{"data": [{"id": "vs_2", "name": "Grace"}], "has_more": false}`,
		"POST " + stores:          `{"id": "vs_1", "name": "Ada"}`,
	}, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusNotFound)
		w.Write([]byte(`{"error": {"message": "No such store", "code": "not_found"}}`))
	})
}
