package redisbudget_test

import (
	"context"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
)

// channel brings the members of a world what Redis publishes, in virtual time. A
// member's own subscription waits for a network, and time would stand still
// until something comes. So the world has one, reads after each call of the script
// what has come, and hands it on.
type channel struct {
	mu      sync.Mutex
	client  *redis.Client
	sub     *redis.PubSub
	members map[*member]chan string
	heard   int  // messages
	closed  bool // members hear nothing
}

// open subscribes, before the first call of the script.
func (c *channel) open(w *world) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.sub != nil {
		return
	}
	c.client = w.connect()
	c.sub = c.client.Subscribe(context.Background(), "weir:{"+w.namespace+"}")
	w.t.Cleanup(func() {
		c.sub.Close()
		c.client.Close()
	})
}

// pass hands on what has come. Redis answers a ping after all that it published before.
func (c *channel) pass(w *world) {
	c.mu.Lock()
	defer c.mu.Unlock()
	ctx := context.Background()
	if c.sub.Ping(ctx) != nil {
		return
	}
	for {
		message, err := c.sub.Receive(ctx)
		if err != nil {
			return
		}
		switch m := message.(type) {
		case *redis.Pong:
			return
		case *redis.Message:
			c.heard++
			for member, mail := range c.members {
				if !c.closed && !w.cut(member) {
					mail <- m.Payload
				}
			}
		}
	}
}

// ear is a member's.
func (c *channel) ear(w *world, m *member) func(context.Context, string, func(string, error)) {
	return func(ctx context.Context, _ string, heard func(string, error)) {
		mail := make(chan string, 10_000)
		c.mu.Lock()
		if c.members == nil {
			c.members = map[*member]chan string{}
		}
		c.members[m] = mail
		c.mu.Unlock()
		defer func() {
			c.mu.Lock()
			defer c.mu.Unlock()
			delete(c.members, m)
		}()
		heard("", nil)
		for {
			select {
			case message := <-mail:
				time.Sleep(w.delay / 2)
				heard(message, nil)
			case <-ctx.Done():
				return
			}
		}
	}
}
