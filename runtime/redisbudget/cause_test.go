package redisbudget_test

import (
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/clock"
	"github.com/weirkit/weir/runtime/redisbudget"
)

// TestEventsTellTheCause takes Redis from a member in several ways, for as long as
// leases last and longer, and gives it back.
func TestEventsTellTheCause(t *testing.T) {
	own, err := startServer()
	if err != nil {
		t.Fatal(err)
	}
	defer own.stop()
	admin := connect(t, redis.Options{Addr: own.addr})
	do := func(command ...any) {
		t.Helper()
		if err := admin.Do(t.Context(), command...).Err(); err != nil {
			t.Fatal(err)
		}
	}
	do("acl", "setuser", "member", "on", ">secret-1", "~*", "&*", "+@all")
	for name, test := range map[string]struct {
		fail, mend func(w *world)
		lasting    bool // it is told at once
		want, code string
	}{
		"cut": {func(w *world) { w.down.Store(true) }, func(w *world) { w.down.Store(false) }, false,
			"check whether Redis runs", "connection cut"},
		"no right": {func(*world) { do("acl", "setuser", "member", "-evalsha") }, func(*world) { do("acl", "setuser", "member", "+evalsha") }, true,
			"the user must be allowed evalsha", "NOPERM"},
		"no memory": {func(*world) { do("config", "set", "maxmemory", "1") }, func(*world) { do("config", "set", "maxmemory", "0") }, true,
			"raise that Redis's maxmemory", "OOM"},
		"foreign value": {func(w *world) { do("set", "weir:{"+w.namespace+"}:test:minute:", "somebody's") },
			func(w *world) { do("del", "weir:{"+w.namespace+"}:test:minute:") }, true,
			"something else is kept under this key", "WEIR foreign"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				limit := &referee{name: "minute", shape: api.Window{Limit: 100, Per: time.Minute}}
				w := newWorld(t, 1, limit)
				w.redis = redis.Options{Addr: own.addr, Username: "member", Password: "secret-1"}
				m := w.join()
				w.demand(m, 60, limit.request(1))
				time.Sleep(10 * time.Second)
				test.fail(w)
				time.Sleep(5 * time.Second)
				early := w.count(redisbudget.Failing)
				time.Sleep(15 * time.Second)
				test.mend(w)
				time.Sleep(10 * time.Second)
				m.leave()
				w.judge()
				if (early == 1) != test.lasting || w.count(redisbudget.Failing) != early {
					t.Errorf("%d events %q at first, %d in all", early, redisbudget.Failing, w.count(redisbudget.Failing))
				}
				if w.count(redisbudget.Away) != 1 || w.count(redisbudget.Back) != 1 {
					t.Errorf("events: %v", w.events)
				}
				for _, e := range w.events {
					if e.Kind != redisbudget.Away && e.Kind != redisbudget.Failing {
						continue
					}
					if e.Err == nil || !strings.Contains(e.Err.Error(), test.want) || !strings.Contains(e.Err.Error(), test.code) {
						t.Errorf("%s: %v, want %q and %q in it", e.Kind, e.Err, test.code, test.want)
					} else if strings.Contains(e.Err.Error(), "secret-1") {
						t.Errorf("%v tells the password", e.Err)
					}
				}
			})
		})
	}
}

// TestFailingMendsBeforeLeasesEnd has one event for the failure and one for its end.
func TestFailingMendsBeforeLeasesEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		limit := &referee{name: "minute", shape: api.Window{Limit: 100, Per: time.Minute}}
		w := newWorld(t, 1, limit)
		m := w.join()
		w.demand(m, 60, limit.request(1))
		time.Sleep(10 * time.Second)
		admin := redis.NewClient(&redis.Options{Addr: shared.addr})
		defer admin.Close()
		key := "weir:{" + w.namespace + "}:test:minute:"
		if err := admin.Set(t.Context(), key, "somebody's", 0).Err(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(6 * time.Second)
		if err := admin.Del(t.Context(), key).Err(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(6 * time.Second)
		m.leave()
		if w.count(redisbudget.Failing) != 1 || w.count(redisbudget.Back) != 1 || w.count(redisbudget.Away) != 0 {
			t.Errorf("events: %v", w.events)
		}
	})
}

// TestConflictTellsItsError has the event of two shapes carry what calls fail with.
func TestConflictTellsItsError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		window := &referee{name: "limit", shape: api.Window{Limit: 100, Per: time.Minute}}
		bucket := &referee{name: "limit", shape: api.Bucket{Burst: 10, Refill: 1, Per: time.Second}}
		w := newWorld(t, 1, window)
		a, b := w.join(), w.join()
		w.call(a, window.request(1))
		_, failed := b.Admit(b.ctx, bucket.request(1))
		a.leave()
		b.leave()
		for _, e := range w.events {
			if e.Kind == redisbudget.Conflict && errors.Is(failed, e.Err) && errors.Is(e.Err, redisbudget.ErrConflict) {
				return
			}
		}
		t.Errorf("failed with %v, events: %v", failed, w.events)
	})
}

// jumping is a clock that leaves out what it is told to, as a process does that is stopped.
type jumping struct {
	clock.Clock
	by atomic.Int64
}

func (c *jumping) Now() time.Time { return c.Clock.Now().Add(time.Duration(c.by.Load())) }

// TestHeldUpIsNoFailureOfRedis has a member that slept for longer than its leases say so.
func TestHeldUpIsNoFailureOfRedis(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 1)
		c := &jumping{Clock: clock.Real}
		m := w.join(redisbudget.WithClock(c, 1))
		time.Sleep(10 * time.Second)
		c.by.Store(int64(20 * time.Second))
		time.Sleep(10 * time.Second)
		m.leave()
		for _, e := range w.events {
			if e.Kind == redisbudget.Away {
				if e.Err == nil || !strings.Contains(e.Err.Error(), "was held up") {
					t.Errorf("%v", e.Err)
				}
				return
			}
		}
		t.Errorf("events: %v", w.events)
	})
}

// TestContactEndsInTime has calls to Redis go on for a minute, as those of a client
// that goes by timeouts of its own: the contact is given up nevertheless, and
// Close does not wait for it.
func TestContactEndsInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		limit := &referee{name: "minute", shape: api.Window{Limit: 100, Per: time.Minute}}
		w := newWorld(t, 1, limit)
		m := w.join()
		w.demand(m, 60, limit.request(1))
		time.Sleep(10 * time.Second)
		w.mu.Lock()
		w.delay = time.Minute
		w.mu.Unlock()
		time.Sleep(19 * time.Second) // leases end 15 s after the last contact that had a reply
		if w.count(redisbudget.Away) != 1 || w.count(redisbudget.Failing) > 0 {
			t.Errorf("events: %v", w.events)
		}
		for _, e := range w.events {
			if e.Kind == redisbudget.Away && (e.Err == nil || !strings.Contains(e.Err.Error(), "WithTimeout sets the bound")) {
				t.Errorf("%v", e.Err)
			}
		}
		m.cancel()
		m.calls.Wait()
		start := time.Now()
		m.Close()
		if took := time.Since(start); took > 50*time.Millisecond {
			t.Errorf("Close took %v", took)
		}
		time.Sleep(3 * time.Minute) // what was given up ends
		m.client.Close()
		w.judge()
	})
}
