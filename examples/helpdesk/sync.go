package main

// This file is the main job: every article of a help desk, read with weir.

import (
	"context"
	"encoding/json"

	"github.com/weirkit/weir/runtime"
	"github.com/weirkit/weir/runtime/parallel"
	"github.com/weirkit/weir/sdk/zendesk"
)

// syncArticles reads all articles, in one of two ways.
func syncArticles(ctx context.Context, zd *zendesk.Client, pages bool, out *store, bar *progress) error {
	bar.of(zd.Runtime())
	if pages {
		return syncPages(ctx, zd, out, bar)
	}
	return syncSingly(ctx, zd, out, bar)
}

// syncSingly reads the categories, lists the articles of each, and gets the
// articles one by one: as many requests as there are articles, and more. Many
// connectors have to work so, since their lists lack what single gets have.
func syncSingly(ctx context.Context, zd *zendesk.Client, out *store, bar *progress) error {
	var categories []int64
	for page, err := range zd.Categories.ListPages(ctx, nil, runtime.WithPageSize(10)) {
		if err != nil {
			return err
		}
		bar.expect(1 + len(page.Items))
		bar.step()
		for _, c := range page.Items {
			categories = append(categories, c.ID)
		}
	}
	return parallel.EachSeq(ctx, parallel.ByBudget, missing(ctx, zd, categories, out, bar), func(ctx context.Context, id int64) error {
		var raw json.RawMessage
		if _, err := zd.Articles.Show(ctx, id, nil, runtime.WithRaw(&raw)); err != nil {
			return err
		}
		bar.step()
		return out.put(id, raw)
	})
}

// missing yields the ids of the categories' articles that have not arrived yet.
func missing(ctx context.Context, zd *zendesk.Client, categories []int64, out *store, bar *progress) func(func(int64, error) bool) {
	return func(yield func(int64, error) bool) {
		lists, err := parallel.Map(ctx, parallel.ByBudget, categories, func(ctx context.Context, category int64) ([]int64, error) {
			var ids []int64
			for article, err := range zd.Articles.ListByCategory(ctx, category, nil) {
				if err != nil {
					return nil, err
				}
				if !out.has(article.ID) {
					ids = append(ids, article.ID)
				}
			}
			bar.expect(len(ids))
			bar.step()
			return ids, nil
		})
		if err != nil {
			yield(0, err)
			return
		}
		for _, ids := range lists {
			for _, id := range ids {
				if !yield(id, nil) {
					return
				}
			}
		}
	}
}

// syncPages reads the categories and then the articles in pages of the largest
// size, which hold the articles whole.
func syncPages(ctx context.Context, zd *zendesk.Client, out *store, bar *progress) error {
	for _, err := range zd.Categories.List(ctx, nil) {
		if err != nil {
			return err
		}
	}
	for page, err := range zd.Articles.ListPages(ctx, nil) {
		if err != nil {
			return err
		}
		bar.expect(1)
		bar.step()
		for i, article := range page.Items {
			if err := out.put(article.ID, page.Raw[i]); err != nil {
				return err
			}
		}
	}
	return nil
}
