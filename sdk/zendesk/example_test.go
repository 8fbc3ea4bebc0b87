package zendesk_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"

	"github.com/weirkit/weir/runtime"
	"github.com/weirkit/weir/runtime/providertest"
	"github.com/weirkit/weir/runtime/retry"
	"github.com/weirkit/weir/sdk/zendesk"
)

// standIn is a Zendesk in memory with three articles and one ticket.
func standIn() *providertest.Provider {
	p, err := providertest.New(&zendesk.API, providertest.Options{Plan: zendesk.PlanEnterprise})
	if err != nil {
		log.Fatal(err)
	}
	p.Items("Articles.List", func(*providertest.Call) []json.RawMessage {
		return []json.RawMessage{
			json.RawMessage(`{"id": 1, "title": "Getting started"}`),
			json.RawMessage(`{"id": 2, "title": "Invoices"}`),
			json.RawMessage(`{"id": 3, "title": "Refunds"}`),
		}
	})
	p.Single("Tickets.Show", func(c *providertest.Call) (json.RawMessage, bool) {
		return json.RawMessage(`{"id": 4711, "subject": "Where is my parcel?", "status": "open"}`), c.Path("ticket_id") == "4711"
	})
	return p
}

// A client is for one account. Here a stand-in takes Zendesk's place; without
// WithTransport it would be the account itself.
func ExampleNew() {
	p := standIn()
	defer p.Close()
	email, token := "agent@acme.example", "secret"

	zd, err := zendesk.New("acme", zendesk.APIToken(email, token), zendesk.OnPlan(zendesk.PlanEnterprise),
		runtime.WithTransport(p.Transport()))
	if err != nil {
		log.Fatal(err)
	}
	ticket, err := zd.Tickets.Show(context.Background(), 4711, nil)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(ticket.Subject, ticket.Status)
	// Output: Where is my parcel? open
}

// A list is a loop over the items of all pages.
func ExampleArticlesService_List() {
	p := standIn()
	defer p.Close()
	zd, err := zendesk.New("acme", zendesk.OAuthToken("secret"), runtime.WithTransport(p.Transport()))
	if err != nil {
		log.Fatal(err)
	}
	for article, err := range zd.Articles.List(context.Background(), nil) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(article.ID, article.Title)
	}
	// Output:
	// 1 Getting started
	// 2 Invoices
	// 3 Refunds
}

// ListPages yields whole pages. A cursor that is kept resumes the list after its page.
func ExampleArticlesService_ListPages() {
	p := standIn()
	defer p.Close()
	zd, err := zendesk.New("acme", zendesk.OAuthToken("secret"), runtime.WithTransport(p.Transport()))
	if err != nil {
		log.Fatal(err)
	}
	ctx := context.Background()
	var saved string
	for page, err := range zd.Articles.ListPages(ctx, nil, runtime.WithPageSize(2)) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(len(page.Items), "articles, the first as it came:", string(page.Raw[0]))
		saved = page.Cursor
		break
	}
	for page, err := range zd.Articles.ListPages(ctx, nil, runtime.WithCursor(saved)) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println("later:", page.Items[0].Title)
	}
	// Output:
	// 2 articles, the first as it came: {"id": 1, "title": "Getting started"}
	// later: Refunds
}

// Errors are one type, and sentinels name the usual cases. Options that are
// given to a call hold for it alone.
func Example_errors() {
	p := standIn()
	defer p.Close()
	zd, err := zendesk.New("acme", zendesk.OAuthToken("secret"), runtime.WithTransport(p.Transport()))
	if err != nil {
		log.Fatal(err)
	}
	_, err = zd.Tickets.Show(context.Background(), 1, nil, runtime.WithRetry(retry.Policy{Attempts: 1}))
	if errors.Is(err, runtime.ErrNotFound) {
		fmt.Println("no such ticket")
	}
	if e, ok := errors.AsType[*runtime.Error](err); ok {
		fmt.Println(e.Operation, e.StatusCode)
	}
	// Output:
	// no such ticket
	// Tickets.Show 404
}
