// This file has the jobs as users of openai-go do them.

package callsites

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"
)

func openaiGoGetOne(ctx context.Context, w io.Writer, client openai.Client) error {
	store, err := client.VectorStores.Get(ctx, "vs_1")
	if err != nil {
		return err
	}
	fmt.Fprintln(w, store.Name)
	return nil
}

func openaiGoListAll(ctx context.Context, w io.Writer, client openai.Client) error {
	stores := client.VectorStores.ListAutoPaging(ctx, openai.VectorStoreListParams{Limit: openai.Int(100)})
	for stores.Next() {
		fmt.Fprintln(w, stores.Current().Name)
	}
	return stores.Err()
}

func openaiGoCreate(ctx context.Context, w io.Writer, client openai.Client) error {
	store, err := client.VectorStores.New(ctx, openai.VectorStoreNewParams{
		Name:        openai.String("Ada"),
		Description: openai.String("Came by the front door"),
	})
	if err != nil {
		return err
	}
	fmt.Fprintln(w, store.Name)
	return nil
}

func openaiGoErrors(ctx context.Context, w io.Writer, client openai.Client) error {
	_, err := client.VectorStores.Get(ctx, "vs_404")
	if e, ok := errors.AsType[*openai.Error](err); ok && e.StatusCode == http.StatusNotFound {
		fmt.Fprintln(w, "gone")
		return nil
	}
	return err
}

func openaiGoTimeout(ctx context.Context, w io.Writer, client openai.Client) error {
	store, err := client.VectorStores.Get(ctx, "vs_1", option.WithRequestTimeout(10*time.Second))
	if err != nil {
		return err
	}
	fmt.Fprintln(w, store.Name)
	return nil
}

func openaiGoRetries(ctx context.Context, w io.Writer, client openai.Client) error {
	store, err := client.VectorStores.Get(ctx, "vs_1", option.WithMaxRetries(2))
	if err != nil {
		return err
	}
	fmt.Fprintln(w, store.Name)
	return nil
}
