package providertest

import (
	"encoding/json"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/weirkit/weir/runtime/api"
)

// works is an API of jobs of two items.
func works() *api.API {
	how := &api.JobStatus{
		State: api.Path{"status"}, Message: api.Path{"message"}, Results: api.Path{"results"},
		States: api.JobStates{Queued: []string{"queued"}, Working: []string{"working"}, Completed: []string{"completed"}, Failed: []string{"failed"}, Killed: []string{"killed"}},
		Result: api.JobItem{ID: api.Path{"id"}, Index: api.Path{"index"}, Success: api.Path{"ok"}, Code: api.Path{"error"}},
	}
	return &api.API{
		Name:         "works",
		Servers:      []api.Server{{URL: "https://{account}.works.example"}},
		Limits:       []api.Limit{{Name: "jobs", Shape: api.Concurrency{Max: 9}, Scope: []api.Scope{api.ScopeAccount}}},
		QuotaHeaders: []api.QuotaHeaders{{Prefix: "limit-", Limit: "total", Remaining: "left", Reset: "resets", Limits: map[string]string{"inflight": "jobs"}}},
		Throttling:   []api.Throttling{{Status: 429}, {Status: 503, When: &api.BodyRule{Path: api.Path{"why"}, In: []string{"jobs"}}, Of: []string{"jobs"}}},
		Operations: []*api.Operation{
			{Name: "make", Method: "POST", Path: "/things", Result: api.Path{"job"}, Job: &api.Job{With: "jobs", ID: api.Path{"job", "id"}, Items: api.Path{"things"}, Max: 2, Limit: "jobs"}},
			{Name: "drop", Method: "DELETE", Path: "/things", Result: api.Path{"job"}, Job: &api.Job{With: "jobs", ID: api.Path{"job", "id"}, Param: "ids", Max: 2, Limit: "jobs"}},
			{Name: "job", Method: "GET", Path: "/jobs/{id}", Result: api.Path{"job"}, JobStatus: how},
			{Name: "jobs", Method: "GET", Path: "/jobs", Result: api.Path{"jobs"}, JobStatus: how,
				Keys: []api.Keys{{Param: api.Param{In: api.InQuery, Name: "ids"}, Join: ",", ID: api.Path{"id"}, Max: 3}}},
		},
	}
}

func TestJobsTakeTheirTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := mustNew(t, works(), Options{})
		book := p.Jobs(JobOptions{
			AtOnce: 2, Wait: 7 * time.Second,
			Lasts: func(*rand.Rand) time.Duration { return 8 * time.Second },
			Fate:  func(n int) JobFate { return []JobFate{JobCompletes, JobDies, JobVanishes}[n-1] },
			Item: func(n, index int, id string, _ json.RawMessage) JobItem {
				if id == "9" {
					return JobItem{Code: "Locked"}
				}
				return JobItem{}
			},
		})
		made := func(items string) (int, string) {
			w := httptest.NewRecorder()
			p.ServeHTTP(w, httptest.NewRequest("POST", "https://a.works.example/things", strings.NewReader(`{"things":`+items+`}`)))
			return w.Code, w.Body.String()
		}
		expect := func(code int, text string, wantCode int, want string) {
			t.Helper()
			if code != wantCode || want != "" && text != want {
				t.Errorf("%d %s, want %d %s", code, text, wantCode, want)
			}
		}
		look := func(target string) (int, string) {
			r := call(p, "GET", "https://a.works.example"+target)
			return r.StatusCode, body(t, r)
		}
		for _, wrong := range []string{`[]`, `[{},{},{}]`, `"none"`} {
			code, text := made(wrong)
			expect(code, text, 400, "")
		}
		code, text := made(`[{"name":"x"},{"id":9}]`)
		expect(code, text, 200, `{"job":{"id":"job-1","status":"queued"}}`)
		if r := call(p, "DELETE", "https://a.works.example/things?ids=5,6"); r.StatusCode != 200 || r.Header.Get("Limit-Inflight") != "total=2; left=0; resets=60" {
			t.Errorf("%d, %v", r.StatusCode, r.Header)
		}
		code, text = made(`[{}]`)
		expect(code, text, 503, `{"description":"Too many jobs are queued or working","error":"TooManyJobs","why":"jobs"}`)
		if code := status(p, "DELETE", "https://b.works.example/things?ids=5"); code != 200 {
			t.Errorf("another account's job: %d", code)
		}

		<-time.After(2 * time.Second)
		code, text = look("/jobs/job-1")
		expect(code, text, 200, `{"job":{"id":"job-1","status":"working"}}`)
		<-time.After(2 * time.Second) // the second dies half way
		code, text = look("/jobs?ids=job-2,none,job-3")
		expect(code, text, 200, `{"jobs":[{"id":"job-2","results":[{"id":5,"ok":true}],"status":"killed"}]}`)
		<-time.After(4 * time.Second)
		code, text = look("/jobs?ids=job-1,job-2")
		expect(code, text, 200, `{"jobs":[{"id":"job-2","results":[{"id":5,"ok":true}],"status":"killed"},`+
			`{"id":"job-1","results":[{"id":1000,"index":0,"ok":true},{"error":"Locked","id":9,"index":1,"ok":false}],"status":"completed"}]}`)
		code, text = look("/jobs?ids=1,2,3,4")
		expect(code, text, 400, "")
		code, text = look("/jobs/job-3")
		expect(code, text, 404, "")

		want := JobsReport{Begun: 3, Items: 5, Highest: 2, Refused: 1, TooLarge: 3, Looks: 4}
		if diff := cmp.Diff(want, book.Report()); diff != "" {
			t.Errorf("report (-want +got):\n%s", diff)
		}
		if r := call(p, http.MethodPost, "https://a.works.example/things"); r.StatusCode != 400 {
			t.Errorf("no body: %d", r.StatusCode)
		}
	})
}
