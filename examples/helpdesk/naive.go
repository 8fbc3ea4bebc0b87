package main

// This file is the client that one writes first: 50 requests at once, and a
// minute's pause at each 429. It is here for comparison.

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/weirkit/weir/runtime/clock"
	"github.com/weirkit/weir/runtime/parallel"
)

const (
	naiveWorkers = 50
	naivePause   = time.Minute
)

// naiveClient knows nothing of the provider's limits.
type naiveClient struct {
	base  string
	http  *http.Client
	clock clock.Clock
	bar   *progress
}

func (c *naiveClient) sync(ctx context.Context, out *store) error {
	categories, err := c.ids(ctx, "/api/v2/help_center/categories", "categories", 10)
	if err != nil {
		return err
	}
	lists, err := parallel.Map(ctx, naiveWorkers, categories, func(ctx context.Context, id int64) ([]int64, error) {
		return c.ids(ctx, fmt.Sprintf("/api/v2/help_center/categories/%d/articles", id), "articles", 100)
	})
	if err != nil {
		return err
	}
	var articles []int64
	for _, list := range lists {
		articles = append(articles, list...)
	}
	_, err = parallel.Map(ctx, naiveWorkers, articles, func(ctx context.Context, id int64) (struct{}, error) {
		var body struct{ Article json.RawMessage }
		err := c.get(ctx, fmt.Sprintf("/api/v2/help_center/articles/%d", id), &body)
		if err == nil {
			err = out.put(id, body.Article)
		}
		return struct{}{}, err
	})
	return err
}

// ids reads the ids of all items of a list.
func (c *naiveClient) ids(ctx context.Context, path, member string, size int) ([]int64, error) {
	var ids []int64
	for cursor := ""; ; {
		var body map[string]json.RawMessage
		query := url.Values{"page[size]": {strconv.Itoa(size)}}
		if cursor != "" {
			query.Set("page[after]", cursor)
		}
		if err := c.get(ctx, path+"?"+query.Encode(), &body); err != nil {
			return nil, err
		}
		var items []struct{ ID int64 }
		var meta struct {
			HasMore bool   `json:"has_more"`
			After   string `json:"after_cursor"`
		}
		if err := errors.Join(json.Unmarshal(body[member], &items), json.Unmarshal(body["meta"], &meta)); err != nil {
			return nil, err
		}
		for _, item := range items {
			ids = append(ids, item.ID)
		}
		if cursor = meta.After; !meta.HasMore {
			return ids, nil
		}
	}
}

func (c *naiveClient) get(ctx context.Context, path string, result any) error {
	for {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.base+path, nil)
		if err != nil {
			return err
		}
		resp, err := c.http.Do(req)
		if err != nil {
			return err
		}
		body, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if err != nil {
			return err
		}
		if resp.StatusCode == http.StatusOK {
			c.bar.step()
			return json.Unmarshal(body, result)
		}
		if resp.StatusCode != http.StatusTooManyRequests {
			return fmt.Errorf("GET %s: %s", req.URL.Path, resp.Status)
		}
		timer := c.clock.NewTimer(naivePause)
		select {
		case <-timer.C():
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		}
	}
}
