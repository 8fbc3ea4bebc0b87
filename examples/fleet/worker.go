package main

// This file is what each process does. With a queue of its own in place of the
// pipes it is what a user would write.

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/logging"

	"github.com/weirkit/weir/runtime"
	"github.com/weirkit/weir/runtime/budget"
	"github.com/weirkit/weir/runtime/clock"
	"github.com/weirkit/weir/runtime/parallel"
	"github.com/weirkit/weir/runtime/redisbudget"
	"github.com/weirkit/weir/sdk/zendesk"
)

// workerVariable of the environment makes the program a worker. It holds its orders.
const workerVariable = "FLEET_WORKER"

// atOnce is how many articles a worker has at a time.
const atOnce = 32

// orders tell a worker who it is and where everything is.
type orders struct {
	Member string
	Desk   string // its URL
	Redis  string // its address
	Speed  float64
}

// message is what a worker tells: it is ready, it has read an article, or an event
// of its ledger.
type message struct {
	Ready   bool   `json:"ready,omitempty"`
	Article int64  `json:"article,omitempty"`
	Title   string `json:"title,omitempty"`
	Calls   int64  `json:"calls,omitempty"` // to Redis, so far
	Event   string `json:"event,omitempty"`
}

// connect makes a client whose limits are shared through Redis.
func connect(ctx context.Context, o orders, client *redis.Client, events func(budget.Event)) (*zendesk.Client, *redisbudget.Ledger, error) {
	cl := clock.Scaled(o.Speed)
	ledger, err := redisbudget.New(ctx, client,
		redisbudget.WithNamespace("zendesk-example"), redisbudget.WithMember(o.Member),
		redisbudget.WithWait(), redisbudget.WithEvents(events), redisbudget.WithClock(cl, o.Speed),
		// This machine does not run faster than life, and has all of the fleet to serve.
		redisbudget.WithTimeout(250*time.Millisecond))
	if err != nil {
		return nil, nil, err
	}
	zd, err := zendesk.New("example", zendesk.APIToken("agent@example.com", "not-a-secret"), zendesk.OnPlan(zendesk.PlanEnterprise),
		runtime.WithLedger(ledger), runtime.WithClock(cl), zendesk.WithBaseURL(o.Desk),
		runtime.WithAttemptTimeout(time.Duration(float64(time.Minute)*max(o.Speed, 1))))
	if err != nil {
		ledger.Close()
		return nil, nil, err
	}
	return zd, ledger, nil
}

// work reads the articles whose numbers come in, until there are no more: then all
// is read, or whoever has sent them is gone.
func work(ctx context.Context, text string, in io.Reader, out io.Writer) error {
	var o orders
	if err := json.Unmarshal([]byte(text), &o); err != nil {
		return fmt.Errorf("reading %s: %w", workerVariable, err)
	}
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	articles := make(chan int64)
	go receive(in, articles, stop)

	var calls counter
	var mu sync.Mutex
	encoder := json.NewEncoder(out)
	tell := func(m message) {
		mu.Lock()
		defer mu.Unlock()
		m.Calls = calls.made.Load()
		if err := encoder.Encode(m); err != nil {
			stop(errGone)
		}
	}
	logging.Disable() // of each attempt to reach Redis; the ledger's events tell when it is away
	client := redis.NewClient(&redis.Options{
		Addr: o.Redis, MaxRetries: -1, DialerRetries: 1, // the ledger repeats by itself
		PoolSize: 1000, // after so many failures a client dials once in a second only, which is long in the stand-in's time
	})
	defer client.Close()
	client.AddHook(&calls)
	zd, ledger, err := connect(ctx, o, client, func(e budget.Event) {
		switch e.Kind {
		case redisbudget.Away, redisbudget.Back, redisbudget.Recovering, redisbudget.Conflict, redisbudget.NameTaken:
			tell(message{Event: string(e.Kind)})
		}
	})
	if err == nil {
		defer ledger.Close()
		tell(message{Ready: true})
		err = parallel.EachSeq(ctx, atOnce, until(ctx, articles), func(ctx context.Context, id int64) error {
			article, err := zd.Articles.Show(ctx, id, nil)
			if err != nil {
				stop(err)
				return err
			}
			tell(message{Article: article.ID, Title: article.Title})
			return nil
		})
	}
	if errors.Is(context.Cause(ctx), errGone) {
		return nil
	}
	return err
}

var errGone = errors.New("no more work will come")

// receive passes the numbers of articles on, as they come.
func receive(in io.Reader, articles chan<- int64, stop context.CancelCauseFunc) {
	decoder := json.NewDecoder(in)
	for {
		var article int64
		if err := decoder.Decode(&article); err != nil {
			stop(errGone)
			return
		}
		articles <- article
	}
}

// until yields the articles until the context ends.
func until(ctx context.Context, articles <-chan int64) func(func(int64, error) bool) {
	return func(yield func(int64, error) bool) {
		for {
			select {
			case article := <-articles:
				if !yield(article, nil) {
					return
				}
			case <-ctx.Done():
				return
			}
		}
	}
}

// counter counts a client's calls to Redis.
type counter struct{ made atomic.Int64 }

// DialHook implements redis.Hook.
func (c *counter) DialHook(next redis.DialHook) redis.DialHook { return next }

// ProcessHook implements redis.Hook.
func (c *counter) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		c.made.Add(1)
		return next(ctx, cmd)
	}
}

// ProcessPipelineHook implements redis.Hook.
func (c *counter) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		c.made.Add(1)
		return next(ctx, cmds)
	}
}
