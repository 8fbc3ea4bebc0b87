package zendesk_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	"github.com/weirkit/weir/runtime"
	"github.com/weirkit/weir/sdk/zendesk"
)

// This file has the README's snippets, word for word.

func Example_allArticles() {
	p := standIn()
	defer p.Close()
	zd, err := zendesk.New("acme", zendesk.OAuthToken("secret"), runtime.WithTransport(p.Transport()))
	if err != nil {
		log.Fatal(err)
	}
	if err := printArticles(context.Background(), zd); err != nil {
		log.Fatal(err)
	}
	// Output:
	// 1 Getting started
	// 2 Invoices
	// 3 Refunds
}

func printArticles(ctx context.Context, zd *zendesk.Client) error {
	for article, err := range zd.Articles.List(ctx, nil) {
		if err != nil {
			return err
		}
		fmt.Println(article.ID, article.Title)
	}
	return nil
}

func Example_oneTicket() {
	p := standIn()
	defer p.Close()
	err := printTicket(context.Background(), "agent@acme.example", "secret", runtime.WithTransport(p.Transport()))
	if err != nil {
		log.Fatal(err)
	}
	// Output: Where is my parcel?
}

func printTicket(ctx context.Context, email, token string, opts ...runtime.ClientOption) error {
	opts = append(opts, zendesk.APIToken(email, token), zendesk.OnPlan(zendesk.PlanEnterprise))
	zd, err := zendesk.New("acme", opts...)
	if err != nil {
		return err
	}
	ticket, err := zd.Tickets.Show(ctx, 4711, nil)
	if errors.Is(err, runtime.ErrNotFound) {
		return nil // it was deleted
	}
	if err != nil {
		return err
	}
	fmt.Println(ticket.Subject)
	return nil
}
