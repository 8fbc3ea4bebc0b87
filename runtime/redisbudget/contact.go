package redisbudget

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/weirkit/weir/runtime/budget"
)

// contact is what a member knows of its exchange with Redis.
//
// A call may be lost on its way, or its reply; and one that was given up may still
// arrive. So calls are numbered, and Redis takes none that is older than one it
// has seen. What is out is stated whole. News are numbered in batches, and one
// without a reply is sent again as it was, until it has one. What was granted
// in a reply that is lost is not in what is stated next, and so is given back.
type contact struct {
	gen       string
	attempt   int           // the last call
	received  int           // the last call that had a reply
	lag       time.Duration // how long that took
	replied   time.Time     // when that came
	batch     int           // of the news under way
	acked     int           // the last batch that had a reply
	restating bool
	members   int
	others    []string
	recovery  bool  // it was said that there is one
	toldAway  bool  // Away was told
	toldCause bool  // Failing was told
	cause     error // why Redis was not reached last; nil when it was
}

// talk makes one contact and takes in its reply.
func (l *Ledger) talk(ctx context.Context) {
	uses := l.uses()
	l.mu.Lock()
	sent := l.clock.Now()
	l.isAway(sent)
	a, portions := l.compose(sent, uses)
	var events []budget.Event
	if l.away && !l.toldAway {
		l.toldAway = true
		events = append(events, budget.Event{Kind: Away, Err: l.why()})
	}
	l.mu.Unlock()
	l.tell(events...)
	ctx, cancel := context.WithTimeout(ctx, l.timeout)
	reply, err := l.call(ctx, a, portions)
	cancel()
	l.take(sent, a, portions, reply, err)
}

// exchange runs the script.
func (l *Ledger) exchange(ctx context.Context, a *ask, keys []string) (*answer, error) {
	body, err := json.Marshal(a)
	if err != nil {
		return nil, err
	}
	text, err := l.script.Run(ctx, l.client, keys, body).Text()
	if err != nil {
		return nil, err
	}
	var reply answer
	if err := json.Unmarshal([]byte(text), &reply); err != nil {
		return nil, fmt.Errorf("reading Redis's reply: %w", err)
	}
	return &reply, nil
}

// key is what is known of the members; all keys of a namespace share its hash tag.
func (l *Ledger) key() string { return "weir:{" + l.namespace + "}" }

func (l *Ledger) keyOf(k budget.Key) string {
	return l.key() + ":" + k.API + ":" + k.Limit + ":" + k.Scope
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

func duration(ms float64) time.Duration { return time.Duration(ms * float64(time.Millisecond)) }

// ownEpoch is what Redis's clock counts from where it goes by the ledger's own.
var ownEpoch = time.Date(1999, 1, 1, 0, 0, 0, 0, time.UTC)

// compose writes the next call, under the lock.
func (l *Ledger) compose(now time.Time, uses map[budget.Key][]budget.Use) (*ask, []*portion) {
	fresh := l.batch == l.acked // nothing is to be sent again
	if fresh {
		l.batch++
	}
	l.attempt++
	a := &ask{
		Name: l.member, Incarnate: l.inc, Fresh: fmt.Sprintf("%s-%d", l.inc, l.attempt), Gen: l.gen,
		Attempt: l.attempt, Received: l.received, Lag: milliseconds(l.lag), Since: milliseconds(now.Sub(l.replied)), Batch: l.batch, Acked: l.acked,
		Speed: l.speed, Heartbeat: milliseconds(l.heartbeat), Linger: milliseconds(l.linger),
		Away: l.away, Restate: l.restating && !l.away, Others: append([]string{}, l.others...), Counters: []counterAsk{},
	}
	if l.ownTime {
		a.Now = milliseconds(now.Sub(ownEpoch))
	}
	var portions []*portion
	for _, p := range l.active {
		p.prune(now, l.isAway(now))
		switch {
		case a.Restate:
			p.restate()
		case fresh && !l.away:
			p.giveBack(now)
			p.sending, p.pending = p.pending, report{}
		}
		a.Longest = max(a.Longest, milliseconds(p.turnover()))
		if fresh && p.forgettable(now) {
			p.active = false
			delete(l.active, p.key)
			continue
		}
		p.due = time.Time{}
		p.reckon(now)
		a.Counters = append(a.Counters, p.ask(now, uses[p.key]))
		portions = append(portions, p)
	}
	l.next = now.Add(l.heartbeat)
	return a, portions
}

// take takes in a reply.
func (l *Ledger) take(sent time.Time, a *ask, portions []*portion, reply *answer, err error) {
	l.mu.Lock()
	now := l.clock.Now()
	if err != nil {
	}
	if err != nil || reply.Stale {
		l.notBefore = now.Add(l.heartbeat / 8)
		l.next = now.Add(l.heartbeat / 4)
		l.missed(sent, now)
		tell := l.failed(err)
		l.mu.Unlock()
		if tell {
			l.tell(budget.Event{Kind: Failing, Err: l.explain("a contact", err)})
		}
		return
	}
	l.cause = nil
	l.received, l.lag, l.replied, l.notBefore = a.Attempt, now.Sub(sent), now, time.Time{}
	if reply.Taken {
		l.taken = true
		l.next = now.Add(time.Hour)
		l.notBefore = l.next
		l.mu.Unlock()
		l.tell(budget.Event{Kind: NameTaken})
		return
	}
	l.gen, l.members, l.others = reply.Gen, max(reply.Members, 1), reply.Others
	if reply.Restate {
		// What this call was to renew ends when it would have. A member that comes back
		// from away has nothing in hand until its restatement has had a reply.
		l.restating = true
		if l.away {
			l.away, l.deadline = false, now.Add(5*l.heartbeat)
			for _, p := range l.active {
				p.ready, p.coming = 0, nil
			}
		}
		l.next = now
		l.mu.Unlock()
		return
	}
	var events []budget.Event
	if l.toldAway || l.toldCause {
		l.toldAway, l.toldCause = false, false
		events = append(events, budget.Event{Kind: Back})
	}
	if recovery := reply.Recovery > 0; recovery != l.recovery {
		if l.recovery = recovery; recovery {
			events = append(events, budget.Event{Kind: Recovering, Until: now.Add(duration(reply.Recovery))})
		}
	}
	l.acked, l.restating, l.away, l.deadline = a.Batch, false, false, sent.Add(5*l.heartbeat)
	news := news{}
	for i, p := range portions {
		p.sending = report{}
		if i < len(reply.Counters) {
			p.granted(sent, now, &reply.Counters[i], &a.Counters[i], &news)
		}
	}
	for _, p := range l.active {
		if !p.due.IsZero() && p.due.Before(l.next) {
			l.next = p.due
		}
	}
	l.mu.Unlock()
	l.tell(events...)
	l.deliver(news)
	if reply.Mute != "" {
		l.late(redisError(reply.Mute))
	}
}

// news is what a reply brings to the local ledger.
type news struct {
	keys         []budget.Key
	observations []budget.Observation
	denied       map[budget.Key]error
	shared       []apportioned
	events       []budget.Event
}
