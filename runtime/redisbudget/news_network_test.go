package redisbudget_test

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/budget"
	"github.com/weirkit/weir/runtime/redisbudget"
)

// This file is the channel of news as it is, over a network and in real time.

// eventually waits for a condition, with a generous end.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for range 2000 {
		if holds() {
			return
		}
		<-time.After(10 * time.Millisecond)
	}
	t.Fatalf("it has not come to be in 20 s: %s", what)
}

// listeners is how many hear a namespace's channel.
func listeners(t *testing.T, namespace string) int64 {
	t.Helper()
	channel := "weir:{" + namespace + "}"
	n, err := connect(t, redis.Options{}).PubSubNumSub(context.Background(), channel).Result()
	if err != nil {
		t.Fatal(err)
	}
	return n[channel]
}

// late collects the errors of Late events.
type late struct {
	mu   sync.Mutex
	errs []error
}

func (l *late) option() redisbudget.Option {
	return redisbudget.WithEvents(func(e budget.Event) {
		if e.Kind == redisbudget.Late {
			l.mu.Lock()
			defer l.mu.Unlock()
			l.errs = append(l.errs, e.Err)
		}
	})
}

func (l *late) all() []error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]error(nil), l.errs...)
}

// unlimited is a limit of which only freezes are known: calls need no lease.
var unlimited = &referee{name: "unlimited", shape: api.Unlimited{}}

func refuse(t *testing.T, l *redisbudget.Ledger, d time.Duration) {
	t.Helper()
	ticket, err := l.Admit(t.Context(), unlimited.request(1))
	if err != nil {
		t.Fatal(err)
	}
	ticket.Sent()
	ticket.Answer(budget.Answer{Refusal: &budget.Refusal{Limit: unlimited.name, Until: time.Now().Add(d)}})
	ticket.Done()
}

// stopped reports whether a ledger admits nothing now.
func stopped(t *testing.T, l *redisbudget.Ledger) bool {
	t.Helper()
	r := unlimited.request(1)
	r.NoWait = true
	ticket, err := l.Admit(t.Context(), r)
	if err == nil {
		ticket.Cancel()
		return false
	}
	if !errors.Is(err, budget.ErrWouldWait) {
		t.Fatal(err)
	}
	return true
}

// TestNewsOverTheNetwork has a refusal stop another process long before its next
// heartbeat, and again after all subscriptions were cut; and Close leaves nothing behind.
func TestNewsOverTheNetwork(t *testing.T) {
	const namespace = "news-network"
	admin := connect(t, redis.Options{})
	if err := admin.Ping(t.Context()).Err(); err != nil {
		t.Fatal(err)
	}
	first, second := connect(t, redis.Options{}), connect(t, redis.Options{})
	before := runtime.NumGoroutine()
	var lates late
	join := func(client *redis.Client) *redisbudget.Ledger {
		l, err := redisbudget.New(t.Context(), client, redisbudget.WithNamespace(namespace), lates.option(),
			redisbudget.WithHeartbeat(2*time.Minute), redisbudget.WithTimeout(5*time.Second))
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	a, b := join(first), join(second)
	eventually(t, "both listen", func() bool { return listeners(t, namespace) == 2 })
	if stopped(t, a) || stopped(t, b) {
		t.Fatal("it is stopped from the beginning")
	}
	refuse(t, a, 2*time.Second)
	eventually(t, "the other is stopped", func() bool { return stopped(t, b) })
	eventually(t, "the freeze has ended", func() bool { return !stopped(t, a) && !stopped(t, b) })

	if err := admin.Do(t.Context(), "client", "kill", "type", "pubsub").Err(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "both listen again", func() bool { return listeners(t, namespace) == 2 })
	refuse(t, b, time.Minute)
	eventually(t, "the one is stopped", func() bool { return stopped(t, a) })

	a.Close()
	b.Close()
	eventually(t, "nobody listens", func() bool { return listeners(t, namespace) == 0 })
	eventually(t, "no goroutine is left", func() bool { return runtime.NumGoroutine() <= before })
	if errs := lates.all(); len(errs) > 0 {
		t.Errorf("%v", errs)
	}
}

// TestChannelMayBeDenied has members whose user may not hear, or not tell: they work,
// an event says so, and a refusal is learnt with a heartbeat.
func TestChannelMayBeDenied(t *testing.T) {
	for name, rights := range map[string][]any{
		"no channel":   {"resetchannels", "+@all"},
		"no subscribe": {"&weir:*", "+@all", "-subscribe"},
		"no publish":   {"&weir:*", "+@all", "-publish"},
	} {
		t.Run(name, func(t *testing.T) {
			user := "denied-" + strings.ReplaceAll(name, " ", "-")
			admin := connect(t, redis.Options{})
			if err := admin.Do(t.Context(), append([]any{"acl", "setuser", user, "on", ">secret-4", "~*"}, rights...)...).Err(); err != nil {
				t.Fatal(err)
			}
			var lates late
			var ledgers []*redisbudget.Ledger
			for range 2 {
				l, err := redisbudget.New(t.Context(), connect(t, redis.Options{Username: user, Password: "secret-4"}), lates.option(),
					redisbudget.WithNamespace(user), redisbudget.WithHeartbeat(100*time.Millisecond), redisbudget.WithTimeout(5*time.Second))
				if err != nil {
					t.Fatal(err)
				}
				defer l.Close()
				ledgers = append(ledgers, l)
			}
			stopped(t, ledgers[0])
			stopped(t, ledgers[1])
			refuse(t, ledgers[0], time.Minute)
			eventually(t, "the other is stopped", func() bool { return stopped(t, ledgers[1]) })
			eventually(t, "it is told that news come late", func() bool { return len(lates.all()) > 0 })
			for _, err := range lates.all() {
				text := err.Error()
				if !strings.Contains(text, "must be allowed subscribe and publish") || strings.Contains(text, "secret-4") {
					t.Errorf("%v", err)
				}
			}
		})
	}
}
