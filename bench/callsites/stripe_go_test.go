// This file has the jobs as users of stripe-go do them.

package callsites

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/stripe/stripe-go/v85"
)

func stripeGoGetOne(ctx context.Context, w io.Writer, sc *stripe.Client) error {
	customer, err := sc.V1Customers.Retrieve(ctx, "cus_1", nil)
	if err != nil {
		return err
	}
	fmt.Fprintln(w, customer.Name)
	return nil
}

func stripeGoListAll(ctx context.Context, w io.Writer, sc *stripe.Client) error {
	params := &stripe.CustomerListParams{ListParams: stripe.ListParams{Limit: stripe.Int64(100)}}
	for customer, err := range sc.V1Customers.List(ctx, params).All(ctx) {
		if err != nil {
			return err
		}
		fmt.Fprintln(w, customer.Name)
	}
	return nil
}

func stripeGoCreate(ctx context.Context, w io.Writer, sc *stripe.Client) error {
	customer, err := sc.V1Customers.Create(ctx, &stripe.CustomerCreateParams{
		Name:        stripe.String("Ada"),
		Description: stripe.String("Came by the front door"),
	})
	if err != nil {
		return err
	}
	fmt.Fprintln(w, customer.Name)
	return nil
}

func stripeGoErrors(ctx context.Context, w io.Writer, sc *stripe.Client) error {
	_, err := sc.V1Customers.Retrieve(ctx, "cus_404", nil)
	if e, ok := errors.AsType[*stripe.Error](err); ok && e.HTTPStatusCode == http.StatusNotFound {
		fmt.Fprintln(w, "gone")
		return nil
	}
	return err
}

func stripeGoTimeout(ctx context.Context, w io.Writer, sc *stripe.Client) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	customer, err := sc.V1Customers.Retrieve(ctx, "cus_1", nil)
	if err != nil {
		return err
	}
	fmt.Fprintln(w, customer.Name)
	return nil
}

func stripeGoRetries(ctx context.Context, w io.Writer, key string, client *http.Client) error {
	sc := stripe.NewClient(key, stripe.WithBackends(stripe.NewBackendsWithConfig(&stripe.BackendConfig{
		HTTPClient:        client,
		MaxNetworkRetries: stripe.Int64(2),
	})))
	customer, err := sc.V1Customers.Retrieve(ctx, "cus_1", nil)
	if err != nil {
		return err
	}
	fmt.Fprintln(w, customer.Name)
	return nil
}
