package zendesk_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"time"

	"github.com/weirkit/weir/runtime"
	"github.com/weirkit/weir/runtime/providertest"
	"github.com/weirkit/weir/sdk/zendesk"
)

// A bulk write takes a hundred items and answers with a job. It is done when the
// job's status says so, which tells how each item has fared.
func ExampleUsersService_CreateOrUpdateMany() {
	p := importer()
	defer p.Close()
	zd, err := zendesk.New("acme", zendesk.OAuthToken("secret"), runtime.WithTransport(p.Transport()))
	if err != nil {
		log.Fatal(err)
	}
	ctx := context.Background()
	job, err := zd.Users.CreateOrUpdateMany(ctx, []zendesk.UserUpsertInput{
		{Name: new("Ada"), ExternalID: runtime.Value("crm-1")},
		{Name: new("Grace"), ExternalID: runtime.Value("crm-2")},
	})
	if err != nil {
		log.Fatal(err)
	}
	// Seconds are a good interval; the stand-in is done sooner.
	for every := time.NewTicker(time.Millisecond); job.Status == "queued" || job.Status == "working"; <-every.C {
		if job, err = zd.JobStatuses.Show(ctx, job.ID); err != nil {
			log.Fatal(err)
		}
	}
	fmt.Println(job.Status, string(job.Results))
	// Output: completed [{"id": 7, "status": "Created"}, {"id": 8, "status": "Updated"}]
}

// importer is a Zendesk in memory whose jobs take two looks.
func importer() *providertest.Provider {
	p, err := providertest.New(&zendesk.API, providertest.Options{})
	if err != nil {
		log.Fatal(err)
	}
	const at = `"id": "8b726e60", "url": "https://acme.zendesk.com/api/v2/job_statuses/8b726e60"`
	p.Single("Users.CreateOrUpdateMany", func(*providertest.Call) (json.RawMessage, bool) {
		return json.RawMessage(`{` + at + `, "status": "queued"}`), true
	})
	states := []string{
		`{` + at + `, "status": "working", "total": 2, "progress": 1}`,
		`{` + at + `, "status": "completed", "results": [{"id": 7, "status": "Created"}, {"id": 8, "status": "Updated"}]}`,
	}
	p.Single("JobStatuses.Show", func(*providertest.Call) (json.RawMessage, bool) {
		state := states[0]
		states = states[1:]
		return json.RawMessage(state), true
	})
	return p
}
