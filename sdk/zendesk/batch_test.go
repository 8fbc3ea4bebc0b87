package zendesk_test

// This file tests every operation that has another one for many, and every one that
// is asked for many, against a stand-in that knows nothing of either.

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/weirkit/weir/runtime"
	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/providertest"
	"github.com/weirkit/weir/sdk/zendesk"
)

// crowdAt is a stand-in and a client of it. Answers take 100 ms.
func crowdAt(t *testing.T) (*providertest.Provider, *zendesk.Client) {
	t.Helper()
	p, err := providertest.New(&zendesk.API, providertest.Options{
		Plan: zendesk.PlanEnterprise, Latency: providertest.Between(100*time.Millisecond, 100*time.Millisecond),
	})
	if err != nil {
		t.Fatal(err)
	}
	zd, err := zendesk.New("acme", zendesk.OAuthToken("secret"), zendesk.OnPlan(zendesk.PlanEnterprise), runtime.WithTransport(p.Transport()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	return p, zd
}

// thing has its key where items have it.
func thing(id api.Path, key string) json.RawMessage {
	if _, err := json.Marshal(json.Number(key)); err != nil {
		key = fmt.Sprintf("%q", key)
	}
	return fmt.Appendf(nil, `{%q:%s}`, id[0], key)
}

// answerMany has the stand-in answer an operation for many, the last key first.
func answerMany(p *providertest.Provider, name, parameter string, items, id api.Path, most int) {
	p.Handle(name, func(c *providertest.Call) providertest.Answer {
		keys := strings.Split(c.Query(parameter), ",")
		if len(keys) > most {
			return p.Error(400, "TooManyValues", "")
		}
		var list [][]byte
		for _, key := range slices.Backward(keys) {
			list = append(list, thing(id, key))
		}
		return providertest.Answer{Body: fmt.Appendf(nil, `{%q:[%s]}`, items[0], bytes.Join(list, []byte(",")))}
	})
}

// TestBatchOfEveryOperation makes 40 calls of each at the same time.
func TestBatchOfEveryOperation(t *testing.T) {
	var names []string
	for _, op := range zendesk.API.Operations {
		if op.Batch == nil {
			continue
		}
		names = append(names, op.Name)
		synctest.Test(t, func(t *testing.T) {
			p, zd := crowdAt(t)
			b := op.Batch
			answerMany(p, b.With, b.Keys.Name, b.Items, b.Keys.ID, b.Keys.Max)
			p.Single(op.Name, func(c *providertest.Call) (json.RawMessage, bool) { return thing(b.Keys.ID, c.Path(b.Key.Name)), true })
			var wg sync.WaitGroup
			for i := range 40 {
				wg.Go(func() {
					got, err := runtime.Do[json.RawMessage](t.Context(), zd.Runtime(), op, runtime.Args{Path: []any{i + 1}})
					if want := thing(b.Keys.ID, fmt.Sprint(i+1)); err != nil || !bytes.Equal(got, want) {
						t.Errorf("%s of %d is %s: %v", op.Name, i+1, got, err)
					}
				})
			}
			wg.Wait()
			most := 1 + (39+b.Keys.Max-1)/b.Keys.Max
			if op.Name == "Views.Count" {
				most = 40 // 6 a minute for 20 views each is less than 700 for one each
			}
			if r := p.Report(); r.Refused != 0 || r.Requests > most {
				t.Errorf("%s: %d requests, want %d; %d refused", op.Name, r.Requests, most, r.Refused)
			}
		})
	}
	want := []string{
		"JobStatuses.Show", "Organizations.Show", "TicketFields.Show", "TicketForms.Show", "Tickets.Show",
		"Users.Show", "Views.Count", "Views.Show",
	}
	if !slices.Equal(names, want) {
		t.Errorf("tested %q, want %q", names, want)
	}
}

// TestBatchOfEveryOperationForMany asks each for 250 things in one call, by each of
// its parameters.
func TestBatchOfEveryOperationForMany(t *testing.T) {
	keys := make([]string, 250)
	for i := range keys {
		keys[i] = fmt.Sprint(i + 1)
	}
	var asked []string
	for _, op := range zendesk.API.Operations {
		for _, k := range op.Keys {
			asked = append(asked, op.Name+" "+k.Name)
			synctest.Test(t, func(t *testing.T) {
				p, zd := crowdAt(t)
				id := k.ID
				if len(id) == 0 {
					id = api.Path{"id"}
				}
				answerMany(p, op.Name, k.Name, op.Result, id, k.Max)
				by := *op
				by.Path += "?" + k.Name + "=" + strings.Join(keys, "%2C")
				got, err := runtime.Do[[]json.RawMessage](t.Context(), zd.Runtime(), &by, runtime.Args{})
				if err != nil || len(got) != len(keys) {
					t.Fatalf("%s by %s: %d items, %v", op.Name, k.Name, len(got), err)
				}
				for i, key := range keys {
					if len(k.ID) > 0 && !bytes.Equal(got[i], thing(id, key)) {
						t.Errorf("%s by %s: item %d is %s", op.Name, k.Name, i, got[i])
						break
					}
				}
				if r := p.Report(); r.Refused != 0 || r.Requests != (len(keys)+k.Max-1)/k.Max {
					t.Errorf("%s by %s: %d requests, %d refused", op.Name, k.Name, r.Requests, r.Refused)
				}
			})
		}
	}
	want := []string{
		"DynamicContent.ShowMany identifiers", "JobStatuses.ShowMany ids", "Organizations.ShowMany external_ids", "Organizations.ShowMany ids",
		"TicketFields.ShowMany keys", "TicketFields.ShowMany ids", "TicketFormStatuses.ShowMany ids", "TicketForms.ShowMany ids", "Tickets.ShowMany ids",
		"UserFields.ShowMany keys", "Users.ShowMany external_ids", "Users.ShowMany ids", "Views.CountMany ids", "Views.ShowMany ids",
	}
	slices.Sort(asked)
	slices.Sort(want)
	if !slices.Equal(asked, want) {
		t.Errorf("asked %q\nwant %q", asked, want)
	}
}

// TestBatchOfDeletedUsers: Users.Show tells of deleted users, alone or with others.
func TestBatchOfDeletedUsers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, zd := crowdAt(t)
		deleted := json.RawMessage(`{"id":3,"name":"Gone","active":false}`)
		p.Single("Users.Show", func(*providertest.Call) (json.RawMessage, bool) { return deleted, true })
		p.Handle("Users.ShowMany", func(c *providertest.Call) providertest.Answer {
			if c.Query("include_deleted") != "true" {
				return providertest.Answer{Body: []byte(`{"users":[]}`)}
			}
			return providertest.Answer{Body: fmt.Appendf(nil, `{"users":[%s]}`, deleted)}
		})
		var wg sync.WaitGroup
		for _, id := range []int64{1, 3, 5} {
			wg.Go(func() {
				user, err := zd.Users.Show(context.Background(), id, nil)
				switch {
				case id == 3 && (err != nil || user.Name != "Gone"):
					t.Errorf("user 3 is %v: %v", user, err)
				case id == 5 && !errors.Is(err, runtime.ErrNotFound):
					t.Errorf("user 5: %v", err)
				}
			})
			synctest.Wait()
		}
		wg.Wait()
	})
}
