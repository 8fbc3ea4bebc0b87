package redisbudget

import (
	"context"
	"encoding/json"
	"math/rand/v2"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/weirkit/weir/runtime/budget"
)

// This file is how a member hears at once what may not wait for its next contact:
// that the provider has refused somebody's call, told a smaller limit, or told
// that nothing is left of a window. The script publishes it as it takes note of it
// (4_news.lua). A member that cannot hear learns the same from its next contact.
//
// The news itself is in the message. To send only a nod, and have all make a
// contact, would be less to write; but a hundred members would then call Redis in one
// moment, and the last of them would go on for as long as that takes.

// headline is a message. Times count from its sending, in the ledger's milliseconds.
type headline struct {
	Key    string  `json:"k"`           // of the counter, in Redis
	By     string  `json:"by"`          // the member that has told it
	Freeze float64 `json:"f,omitempty"` // nothing is admitted for so long
	Told   int     `json:"t,omitempty"` // the limit is now this
	Empty  bool    `json:"z,omitempty"` // nothing is left of the window
}

// ear is where a member hears: it calls heard with each message on the channel, until
// ctx ends; with "" when it begins to hear, and again after it has not for a while;
// and with an error when it cannot.
type ear func(ctx context.Context, channel string, heard func(message string, err error))

// listen is the ear that hears Redis's own messages. go-redis can repeat a lost
// subscription by itself, but then swallows the error of one that is denied.
func (l *Ledger) listen(ctx context.Context, channel string, heard func(string, error)) {
	for ctx.Err() == nil {
		err := l.subscribed(ctx, channel, heard)
		if ctx.Err() != nil {
			return
		}
		wait := l.pulse()
		if heard("", err); lasting(err) {
			wait *= 5
		}
		timer := l.clock.NewTimer(wait)
		select {
		case <-timer.C():
		case <-ctx.Done():
			timer.Stop()
		}
	}
}

// pulse is how often a subscription shows that it is alive: in three seconds of the
// machine's time. It is not a matter of the ledger's.
func (l *Ledger) pulse() time.Duration { return time.Duration(l.speed * float64(3*time.Second)) }

// subscribed hears until the subscription breaks.
func (l *Ledger) subscribed(ctx context.Context, channel string, heard func(string, error)) error {
	ctx, cancel := context.WithCancel(ctx)
	sub := l.client.Subscribe(ctx, channel)
	stopped := make(chan struct{})
	sign := make(chan struct{}, 1)
	go func() {
		defer close(stopped)
		defer sub.Close()
		l.check(ctx, sub, sign)
	}()
	defer func() {
		cancel()
		<-stopped
	}()
	for {
		message, err := sub.Receive(ctx)
		if err != nil {
			return err
		}
		select {
		case sign <- struct{}{}:
		default:
		}
		switch m := message.(type) {
		case *redis.Subscription:
			heard("", nil)
		case *redis.Message:
			heard(m.Payload, nil)
		}
	}
}

// check returns when the subscription has given no sign of life, or ctx ends.
func (l *Ledger) check(ctx context.Context, sub *redis.PubSub, sign <-chan struct{}) {
	for {
		timer := l.clock.NewTimer(l.pulse())
		select {
		case <-timer.C():
		case <-ctx.Done():
			timer.Stop()
			return
		}
		select {
		case <-sign:
		default:
			return
		}
		if sub.Ping(ctx) != nil {
			return
		}
	}
}

// heard takes in what the ear hears.
func (l *Ledger) heard(text string, err error) {
	var m headline
	switch {
	case err != nil:
		if lasting(err) {
			l.late(err)
		}
		return
	case text == "": // something may have been missed
		l.mu.Lock()
		if l.hears {
			l.expect(l.clock.Now().Add(l.soon(l.heartbeat)))
		}
		l.hears, l.toldLate = true, false
		l.mu.Unlock()
		return
	case json.Unmarshal([]byte(text), &m) != nil || m.By == l.member:
		return // somebody else's, or our own
	}
	news := news{}
	l.paused(func() {
		now := l.clock.Now()
		until := now.Add(duration(min(m.Freeze, 1e12)))
		if m.Freeze > 0 {
			l.froze(m.Key, now, until)
		}
		for _, p := range l.active {
			if p.id == m.Key {
				p.hear(now, until, &m, &news)
			}
		}
	})
	l.deliver(news)
}

// hear takes in news of the portion's counter.
func (p *portion) hear(now, until time.Time, m *headline, n *news) {
	if until.After(p.frozen) && m.Freeze > 0 {
		p.slows(until, n)
		p.frozen = until
		p.drop(now)
		p.wants(now.Add(p.ledger.soon(until.Sub(now)))) // what was dropped is to be known before the thaw
	}
	if m.Told > 0 && m.Told < p.size && m.Told != p.max {
		p.max = m.Told
		n.observations = append(n.observations, budget.Observation{Key: p.key, Max: m.Told, Remaining: -1})
		p.drop(now)
		p.wants(now.Add(p.ledger.soon(p.ledger.heartbeat)))
	}
	if m.Empty {
		p.ready = min(p.ready, 0)
		p.retry = now.Add(p.ledger.soon(p.ledger.heartbeat))
	}
	n.keys = append(n.keys, p.key)
}

// slows has a limit without numbers slow down for a refusal of others: for a freeze
// that is not our own, and was not heard of before.
func (p *portion) slows(until time.Time, n *news) {
	same := p.ledger.heartbeat / 30
	if p.kind == numberless && until.Sub(p.frozen) > same && until.Sub(p.refused) > same {
		n.slowed = append(n.slowed, p.key)
	}
}

// soon is a while to wait before a contact that all members are to make: within a
// part of so long, but not all at one moment.
func (l *Ledger) soon(d time.Duration) time.Duration {
	return time.Duration(rand.Float64() * float64(min(d, l.heartbeat)/2))
}

// froze keeps a freeze of a counter that may not be active: where no number bounds
// it, calls would go on until the next contact.
func (l *Ledger) froze(id string, now, until time.Time) {
	for other, u := range l.frozen {
		if !u.After(now) {
			delete(l.frozen, other)
		}
	}
	if until.After(l.frozen[id]) {
		l.frozen[id] = until
	}
}

// late tells that news come with contacts only.
func (l *Ledger) late(err error) {
	l.mu.Lock()
	tell := !l.toldLate
	l.toldLate = true
	l.mu.Unlock()
	if tell {
		l.tell(budget.Event{Kind: Late, Err: l.explain("the channel of news", err)})
	}
}

// deliver brings news to the local ledger.
func (l *Ledger) deliver(n news) {
	l.tell(n.events...)
	l.Observe(n.observations...)
	for key, err := range n.denied {
		l.Deny(key, err)
	}
	for _, key := range n.slowed {
		l.RefusedElsewhere(key)
	}
	if n.sharers > 0 {
		l.Sharers(n.sharers)
	}
	for _, s := range n.shared {
		l.Apportion(s.key, s.uses, s.parts)
	}
	l.Supplied(n.keys...)
}
