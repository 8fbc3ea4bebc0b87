package main

// This file is what a user would write: one plain call for each ticket.

import (
	"context"

	"github.com/weirkit/weir/runtime/parallel"
	"github.com/weirkit/weir/sdk/zendesk"
)

// ticket is one that was exported before, without its requester's name.
type ticket struct {
	ID, RequesterID int64
	Requester       string
}

// nameRequesters fills in who has asked for each ticket, for so many at a time.
func nameRequesters(ctx context.Context, zd *zendesk.Client, tickets []ticket, goroutines int) error {
	each := func(yield func(*ticket) bool) {
		for i := range tickets {
			if !yield(&tickets[i]) {
				return
			}
		}
	}
	return parallel.Each(ctx, goroutines, each, func(ctx context.Context, t *ticket) error {
		user, err := zd.Users.Show(ctx, t.RequesterID, nil)
		if err != nil {
			return err
		}
		t.Requester = user.Name
		return nil
	})
}
