package redisbudget_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/budget"
	"github.com/weirkit/weir/runtime/clock"
	"github.com/weirkit/weir/runtime/redisbudget"
)

// TestTroubleWithRedis has a Redis of their own emptied, restarted, made a replica
// and written to by others while two members call. Each says what it is, and
// nothing is above the limit.
func TestTroubleWithRedis(t *testing.T) {
	t.Parallel()
	type trouble struct {
		*testing.T
		s   *server
		do  func(command ...any)
		key string
		p   *provider
		h   *happenings
	}
	restart := func(x *trouble) {
		x.p.happens(x.h, redisbudget.Away, 1)
		if err := x.s.start(); err != nil {
			x.Fatal(err)
		}
	}
	for name, test := range map[string]struct {
		fail  func(x *trouble)
		mend  func(x *trouble)
		event budget.EventKind
		want  string
	}{
		"emptied":         {func(x *trouble) { x.do("flushall") }, nil, redisbudget.Recovering, ""},
		"restarted empty": {func(x *trouble) { x.s.kill() }, restart, redisbudget.Away, "check whether Redis runs"},
		"restarted with its data": {func(x *trouble) {
			x.do("save")
			x.s.kill()
		}, restart, redisbudget.Away, "check whether Redis runs"},
		"a replica": {func(x *trouble) { x.do("replicaof", "127.0.0.1", 1) }, func(x *trouble) { x.do("replicaof", "no", "one") },
			redisbudget.Away, "the client has found a replica"},
		"foreign list": {func(x *trouble) {
			x.do("eval", "redis.call('del', KEYS[1]); redis.call('rpush', KEYS[1], 'other'); return 1", 1, x.key)
		}, func(x *trouble) { x.do("del", x.key) },
			redisbudget.Failing, "something else is kept under this key"},
		"other version": {func(x *trouble) { x.do("set", x.key, "weir2...") }, func(x *trouble) { x.do("del", x.key) },
			redisbudget.Failing, "another version of weir"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			x := &trouble{T: t, s: serve(t), h: &happenings{}, key: "weir:{" + t.Name() + "}"}
			admin := connect(t, redis.Options{Addr: x.s.addr})
			x.do = func(command ...any) {
				t.Helper()
				if err := admin.Do(context.Background(), command...).Err(); err != nil {
					t.Fatal(err)
				}
			}
			x.p = newProvider(t, fast, &referee{name: "limit", shape: api.Window{Limit: 60, Per: 10 * time.Second}})
			for _, name := range []string{"a", "b"} {
				l := x.p.member(connect(t, redis.Options{Addr: x.s.addr}), x.h)
				x.p.calls(l, name, 3, x.p.limit.request(1))
			}
			x.p.runs("both to call", "a", 60)
			x.p.runs("both to call", "b", 60)
			before := len(x.h.of(test.event))
			test.fail(x)
			if e := x.p.happens(x.h, test.event, before); test.want != "" {
				tells(t, e.Err, test.want)
			}
			if test.mend != nil {
				if test.event == redisbudget.Failing { // nobody else may join meanwhile
					_, err := redisbudget.New(t.Context(), connect(t, redis.Options{Addr: x.s.addr}), redisbudget.WithNamespace(t.Name()),
						redisbudget.WithClock(x.p.clock, fast), redisbudget.WithHeartbeat(9*time.Second))
					tells(t, err, test.want)
				}
				back := len(x.h.of(redisbudget.Back))
				test.mend(x)
				x.p.happens(x.h, redisbudget.Back, back)
			}
			x.p.runs("the first to go on", "a", 100)
			x.p.runs("the other to go on", "b", 100)
			x.p.judge(0, 60)
		})
	}
}

// TestRedisThatIsLoading has Redis start with a dump that takes it a while to load.
func TestRedisThatIsLoading(t *testing.T) {
	t.Parallel()
	s := serve(t)
	admin := connect(t, redis.Options{Addr: s.addr})
	for i := range 300 {
		if err := admin.Set(t.Context(), fmt.Sprint("key", i), strings.Repeat("x", 100), 0).Err(); err != nil {
			t.Fatal(err)
		}
	}
	if err := admin.Save(t.Context()).Err(); err != nil {
		t.Fatal(err)
	}
	s.kill()
	s.args = append(s.args, "--key-load-delay", "10000", "--loading-process-events-interval-bytes", "1024") // three seconds
	if err := s.start(); err != nil {
		t.Fatal(err)
	}
	_, err := redisbudget.New(t.Context(), connect(t, redis.Options{Addr: s.addr}))
	tells(t, err, "WithWait")
	l, err := redisbudget.New(t.Context(), connect(t, redis.Options{Addr: s.addr}), redisbudget.WithClock(clock.Scaled(fast), fast), redisbudget.WithWait())
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
}

// TestOldRedis has servers that answer as old ones do. There is none to be had, so
// these are ours, with the texts of Redis 4.0.14 and of 2.4, which had no scripts.
func TestOldRedis(t *testing.T) {
	t.Parallel()
	for name, reply := range map[string]string{
		"4.0": "-ERR Error running script (call to f_a1b2): @user_script:30: @user_script: 30: Write commands not allowed after non deterministic commands. " +
			"Call redis.replicate_commands() at the start of your script in order to switch to single commands replication mode.",
		"2.4": "-ERR unknown command 'EVALSHA'",
	} {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { l.Close() })
		go func() {
			for {
				conn, err := l.Accept()
				if err != nil {
					return
				}
				go oldRedis(conn, reply)
			}
		}()
		ledger, err := redisbudget.New(t.Context(), connect(t, redis.Options{Addr: l.Addr().String()}))
		if err == nil {
			ledger.Close()
		}
		if tells(t, err, "Redis 5 or later is needed"); t.Failed() {
			t.Log(name)
		}
	}
}

// oldRedis answers each command with an error: scripts with the one given.
func oldRedis(conn net.Conn, reply string) {
	defer conn.Close()
	in := bufio.NewReader(conn)
	var words, length int
	for {
		if _, err := fmt.Fscanf(in, "*%d\r\n", &words); err != nil {
			return
		}
		answer := "-ERR unknown command"
		for range words {
			if _, err := fmt.Fscanf(in, "$%d\r\n", &length); err != nil {
				return
			}
			word := make([]byte, length+2)
			if _, err := io.ReadFull(in, word); err != nil {
				return
			}
			if strings.EqualFold(string(word[:length]), "evalsha") {
				answer = reply
			}
		}
		if _, err := conn.Write([]byte(answer + "\r\n")); err != nil {
			return
		}
	}
}
