package zendesk_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"log"
	"time"

	"github.com/weirkit/weir/runtime"
	"github.com/weirkit/weir/runtime/clock"
	"github.com/weirkit/weir/runtime/providertest"
	"github.com/weirkit/weir/sdk/zendesk"
)

// An import of any length goes in jobs of a hundred, of which an account may have
// thirty under way. What came of each user comes in their order.
func ExampleUsersService_CreateOrUpdateManyBulk() {
	zd, done := importer()
	defer done()
	ctx := context.Background()

	imported := 0
	for result, err := range zd.Users.CreateOrUpdateManyBulk(ctx, crm()) {
		if failed, ok := errors.AsType[*runtime.JobError](err); ok {
			fmt.Printf("user %d: %s: %s\n", failed.Index, failed.Code, failed.Message)
			continue
		}
		if err != nil { // a *runtime.JobsError, with the jobs that are open
			log.Fatal(err)
		}
		if imported++; imported == 1 {
			fmt.Printf("user %d: %s\n", result.Index, result.Status)
		}
	}
	fmt.Println(imported, "imported")
	// Output:
	// user 0: Created
	// user 1234: InvalidName: Name: is too short
	// 2499 imported
}

// Jobs outlive the process that began them. Those that are open when it ends are
// waited for by another one.
func ExampleJobStatusesService_Wait() {
	zd, done := importer()
	defer done()
	ctx, stop := context.WithCancel(context.Background())
	var kept []runtime.Job // in a file, say
	keep := runtime.WithJobs(func(j runtime.Job) {
		if kept = append(kept, j); len(kept) == 25 {
			stop() // a bad moment
		}
	})

	imported := 0
	var ended *runtime.JobsError
	for _, err := range zd.Users.CreateOrUpdateManyBulk(ctx, crm(), keep) {
		if err == nil {
			imported++
		} else if errors.As(err, &ended) {
			fmt.Println("begun:", len(kept), "not begun:", len(ended.Unsure)+len(ended.Unsent))
		}
	}
	for _, err := range zd.JobStatuses.Wait(context.Background(), ended.Open) {
		if err == nil {
			imported++
		}
	}
	fmt.Println(imported, "imported")
	// Output:
	// begun: 25 not begun: 0
	// 2499 imported
}

// crm is 2,500 users.
func crm() iter.Seq[zendesk.UserUpsertInput] {
	return func(yield func(zendesk.UserUpsertInput) bool) {
		for i := range 2500 {
			name := fmt.Sprintf("Customer %d", i)
			if i == 1234 {
				name = "X"
			}
			if !yield(zendesk.UserUpsertInput{Name: &name, ExternalID: runtime.Value(fmt.Sprintf("crm-%d", i))}) {
				return
			}
		}
	}
}

// importer is a client of a Zendesk in memory whose jobs take some seconds, and
// which is twenty times as fast as life.
func importer() (zd *zendesk.Client, done func()) {
	fast := clock.Scaled(20)
	p, err := providertest.New(&zendesk.API, providertest.Options{Clock: fast})
	if err != nil {
		log.Fatal(err)
	}
	p.Jobs(providertest.JobOptions{
		AtOnce: 30, Lasts: providertest.Between(2*time.Second, 4*time.Second),
		Item: func(_, _ int, _ string, item json.RawMessage) providertest.JobItem {
			var user struct{ Name string }
			if json.Unmarshal(item, &user) != nil || len(user.Name) < 2 {
				return providertest.JobItem{Code: "InvalidName", Message: "Name: is too short"}
			}
			return providertest.JobItem{}
		},
	})
	zd, err = zendesk.New("acme", zendesk.OAuthToken("secret"), runtime.WithTransport(p.Direct()), runtime.WithClock(fast))
	if err != nil {
		log.Fatal(err)
	}
	return zd, func() { zd.Runtime().Close(); p.Close() }
}
