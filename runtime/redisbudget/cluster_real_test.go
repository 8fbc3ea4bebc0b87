package redisbudget_test

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/redisbudget"
)

// cluster starts three nodes that have a third of the slots each.
func cluster(t *testing.T) (nodes []*server, clients []*redis.Client) {
	t.Helper()
	var buses []string
	for i := range 3 {
		bus, err := freeAddress()
		if err != nil {
			t.Fatal(err)
		}
		_, port, _ := net.SplitHostPort(bus)
		buses = append(buses, port)
		nodes = append(nodes, serve(t, "--cluster-enabled", "yes", "--cluster-port", port, "--cluster-node-timeout", "2000",
			"--cluster-require-full-coverage", "no", "--cluster-config-file", "{dir}/nodes.conf"))
		clients = append(clients, connect(t, redis.Options{Addr: nodes[i].addr}))
		for _, command := range [][]any{
			{"cluster", "set-config-epoch", i + 1},
			{"cluster", "addslotsrange", i * 16384 / 3, (i+1)*16384/3 - 1},
		} {
			if err := clients[i].Do(t.Context(), command...).Err(); err != nil {
				t.Fatal(err)
			}
		}
	}
	for i := range nodes[1:] {
		host, port, _ := net.SplitHostPort(nodes[i+1].addr)
		if err := clients[0].Do(t.Context(), "cluster", "meet", host, port, buses[i+1]).Err(); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range clients {
		waitFor(t, "the nodes to know each other", func() bool {
			info := c.ClusterInfo(t.Context()).Val()
			return strings.Contains(info, "cluster_state:ok") && strings.Contains(info, "cluster_slots_ok:16384") && strings.Contains(info, "cluster_known_nodes:3")
		})
	}
	return nodes, clients
}

// TestCluster has a namespace on each node of a Cluster. All keys of one are on its
// node, whatever counters a call has; a node that is lost is lost to its namespace alone.
func TestCluster(t *testing.T) {
	t.Parallel()
	nodes, clients := cluster(t)
	addrs := []string{nodes[0].addr, nodes[1].addr, nodes[2].addr}
	var providers []*provider
	var told []*happenings
	for i := range nodes {
		namespace := ""
		for n := 0; namespace == ""; n++ {
			name := fmt.Sprintf("cluster%d", n)
			slot, err := clients[0].ClusterKeySlot(t.Context(), "weir:{"+name+"}").Result()
			if err != nil {
				t.Fatal(err)
			}
			if int(slot) >= i*16384/3 && int(slot) < (i+1)*16384/3 {
				namespace = name
			}
		}
		p := newProvider(t, fast, &referee{name: "limit", shape: api.Window{Limit: 60, Per: 10 * time.Second}})
		other := &referee{name: "other", shape: api.Concurrency{Max: 50}}
		request := p.limit.request(1)
		request.Alternatives[0] = append(request.Alternatives[0], other.charge(1))
		h := &happenings{}
		for _, name := range []string{"a", "b"} {
			client := redis.NewUniversalClient(&redis.UniversalOptions{Addrs: addrs})
			t.Cleanup(func() { client.Close() })
			p.calls(p.member(client, h, redisbudget.WithNamespace(namespace)), name, 2, request)
		}
		p.runs("both to call", "a", 60)
		p.runs("both to call", "b", 60)
		for j, c := range clients {
			keys, err := c.Keys(context.Background(), "weir:{"+namespace+"}*").Result()
			if want := map[bool]int{true: 3}[i == j]; err != nil || len(keys) != want {
				t.Errorf("namespace %d has the keys %q on node %d: want %d of them (%v)", i, keys, j, want, err)
			}
		}
		providers, told = append(providers, p), append(told, h)
	}
	nodes[2].kill()
	tells(t, providers[2].happens(told[2], redisbudget.Away, 0).Err, "redisbudget: a contact: ")
	providers[0].runs("the others to go on", "", 100)
	providers[1].runs("the others to go on", "", 100)
	for i, p := range providers {
		p.judge(0, 60)
		if n := len(told[i].of(redisbudget.Conflict)); n > 0 {
			t.Errorf("conflicts: %v", told[i].events)
		}
	}
}

// TestSentinel has the master of a Redis with a replica and a Sentinel killed: the
// members find the one that is promoted.
func TestSentinel(t *testing.T) {
	t.Parallel()
	master := serve(t, "--repl-diskless-sync-delay", "0")
	host, port, _ := net.SplitHostPort(master.addr)
	replica := serve(t, "--replicaof", host+" "+port)
	waitFor(t, "the replica to follow", func() bool {
		return strings.Contains(connect(t, redis.Options{Addr: replica.addr}).Info(t.Context(), "replication").Val(), "master_link_status:up")
	})
	file := filepath.Join(t.TempDir(), "sentinel.conf") // it cannot do without
	if err := os.WriteFile(file, []byte("sentinel monitor weir "+host+" "+port+" 1\nsentinel down-after-milliseconds weir 500\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	sentinel := serve(t, file, "--sentinel")
	s := redis.NewSentinelClient(&redis.Options{Addr: sentinel.addr})
	t.Cleanup(func() { s.Close() })
	waitFor(t, "the sentinel to find the replica", func() bool { return len(s.Replicas(t.Context(), "weir").Val()) == 1 })

	p := newProvider(t, fast, &referee{name: "limit", shape: api.Window{Limit: 60, Per: 10 * time.Second}})
	var h happenings
	for _, name := range []string{"a", "b"} {
		client := redis.NewFailoverClient(&redis.FailoverOptions{MasterName: "weir", SentinelAddrs: []string{sentinel.addr}})
		t.Cleanup(func() { client.Close() })
		p.calls(p.member(client, &h), name, 3, p.limit.request(1))
	}
	p.runs("both to call", "a", 60)
	p.runs("both to call", "b", 60)
	master.kill()
	p.happens(&h, redisbudget.Recovering, 0)
	p.runs("the first to go on", "a", 100)
	p.runs("the other to go on", "b", 100)
	p.judge(0, 60)
}
