package zendesk_test

import (
	"context"
	"iter"
	"maps"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/weirkit/weir/runtime"
	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/providertest"
	"github.com/weirkit/weir/sdk/zendesk"
)

// Every operation that answers with a job is known to start one, and takes a
// hundred items if it takes more than one.
func TestJobsAreKnown(t *testing.T) {
	single := []string{"Tickets.Merge", "Tickets.DeletePermanently"}
	for _, op := range zendesk.API.Operations {
		starts := slices.Equal(op.Result, api.Path{"job_status"}) && op.Method != "GET"
		if starts != (op.Job != nil) {
			t.Errorf("%s: its job is %+v", op.Name, op.Job)
			continue
		}
		if want := map[bool]int{true: 0, false: 100}[slices.Contains(single, op.Name)]; starts && op.Job.Max != want {
			t.Errorf("%s takes %d items, want %d", op.Name, op.Job.Max, want)
		}
	}
}

// Each bulk write sends a thousand items in ten jobs, and hears of each.
func TestJobsOfEachBulkWrite(t *testing.T) {
	ctx := context.Background()
	ids := func(yield func(int64) bool) {
		for i := range int64(1000) {
			if !yield(i + 1) {
				return
			}
		}
	}
	things := func(yield func(any) bool) {
		for id := range ids {
			if !yield(map[string]any{"id": id}) {
				return
			}
		}
	}
	writes := func(zd *zendesk.Client) map[string]iter.Seq2[runtime.JobResult, error] {
		return map[string]iter.Seq2[runtime.JobResult, error]{
			"Tickets.CreateMany":                  zd.Tickets.CreateManyBulk(ctx, many(zendesk.TicketCreateInput{})),
			"Tickets.UpdateMany":                  zd.Tickets.UpdateManyBulk(ctx, many(zendesk.TicketBulkUpdateInput{})),
			"Tickets.DestroyMany":                 zd.Tickets.DestroyManyBulk(ctx, ids),
			"Tickets.DestroyManyPermanently":      zd.Tickets.DestroyManyPermanentlyBulk(ctx, ids),
			"Tickets.MarkManyAsSpam":              zd.Tickets.MarkManyAsSpamBulk(ctx, ids),
			"Tickets.ImportMany":                  zd.Tickets.ImportManyBulk(ctx, many(zendesk.TicketImportInput{}), nil),
			"SuspendedTickets.BulkRecover":        zd.SuspendedTickets.BulkRecoverBulk(ctx, ids),
			"Users.CreateMany":                    zd.Users.CreateManyBulk(ctx, many(zendesk.UserCreateInput{})),
			"Users.CreateOrUpdateMany":            zd.Users.CreateOrUpdateManyBulk(ctx, many(zendesk.UserUpsertInput{})),
			"Users.UpdateMany":                    zd.Users.UpdateManyBulk(ctx, many(zendesk.UserBulkUpdateInput{}), nil),
			"Users.DestroyMany":                   zd.Users.DestroyManyBulk(ctx, ids, nil),
			"Organizations.CreateMany":            zd.Organizations.CreateManyBulk(ctx, many(zendesk.OrganizationInput{})),
			"Organizations.UpdateMany":            zd.Organizations.UpdateManyBulk(ctx, many(zendesk.OrganizationBulkUpdateInput{})),
			"Organizations.DestroyMany":           zd.Organizations.DestroyManyBulk(ctx, ids),
			"OrganizationMemberships.CreateMany":  zd.OrganizationMemberships.CreateManyBulk(ctx, many(zendesk.OrganizationMembershipInput{})),
			"OrganizationMemberships.DestroyMany": zd.OrganizationMemberships.DestroyManyBulk(ctx, ids),
			"GroupMemberships.CreateMany":         zd.GroupMemberships.CreateManyBulk(ctx, many(zendesk.GroupMembershipInput{})),
			"GroupMemberships.DestroyMany":        zd.GroupMemberships.DestroyManyBulk(ctx, ids),
			"SkillBasedRouting.UpdateManyAgents":  zd.SkillBasedRouting.UpdateManyAgentsBulk(ctx, zendesk.AgentSkillJob{Action: zendesk.AgentSkillJobActionUpsert}, ids),
			"CustomObjectRecords.UpdateMany":      zd.CustomObjectRecords.UpdateManyBulk(ctx, "car", zendesk.CustomObjectRecordJob{Action: zendesk.CustomObjectRecordJobActionUpdate}, things),
			"ITAMAssets.UpdateMany":               zd.ITAMAssets.UpdateManyBulk(ctx, zendesk.AssetJob{Action: zendesk.AssetJobActionUpdate}, things),
		}
	}
	var all []string
	for _, op := range zendesk.API.Operations {
		if op.Job != nil && op.Job.Max > 0 {
			all = append(all, op.Name)
		}
	}
	if tried := slices.Sorted(maps.Keys(writes(client(t, answering{})))); !slices.Equal(tried, all) {
		t.Fatalf("these are tried:\n%q\nand these there are:\n%q", tried, all)
	}
	for name := range writes(client(t, answering{})) {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p, err := providertest.New(&zendesk.API, providertest.Options{Plan: zendesk.PlanTeam})
				if err != nil {
					t.Fatal(err)
				}
				defer p.Close()
				book := p.Jobs(providertest.JobOptions{AtOnce: 30, Lasts: providertest.Between(time.Second, 5*time.Second)})
				zd, err := zendesk.New("acme", runtime.WithTransport(p.Direct()), zendesk.OnPlan(zendesk.PlanTeam))
				if err != nil {
					t.Fatal(err)
				}
				n := 0
				for result, err := range writes(zd)[name] {
					if err != nil || result.Index != n || result.ID == "" {
						t.Fatalf("%+v, %v", result, err)
					}
					n++
				}
				want := providertest.JobsReport{Begun: 10, Items: 1000, Highest: 10}
				got := book.Report()
				looks := got.Looks
				if got.Looks = 0; n != 1000 || got != want || looks > 10 || p.Report().Refused > 0 {
					t.Errorf("%d results by %d looks: %+v", n, looks, got)
				}
			})
		})
	}
}

// many is a thousand of a thing.
func many[T any](thing T) iter.Seq[T] { return slices.Values(slices.Repeat([]T{thing}, 1000)) }
