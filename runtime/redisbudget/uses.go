package redisbudget

import (
	"math"

	"github.com/weirkit/weir/runtime/budget"
)

// This file is who uses a limit in this process, and what each of them may count
// on of it: script/parts.lua weighs the uses of all members.

// uses is what the local ledger knows of who uses the counters: it is asked before
// the lock is taken, since it has one of its own, which comes first.
func (l *Ledger) uses() map[budget.Key][]budget.Use {
	l.mu.Lock()
	uses := make(map[budget.Key][]budget.Use, len(l.active))
	for key := range l.active {
		uses[key] = nil
	}
	l.mu.Unlock()
	for key := range uses {
		uses[key] = l.Uses(key)
	}
	return uses
}

// apportioned is what the uses of a counter may count on.
type apportioned struct {
	key   budget.Key
	uses  []budget.Use
	parts []int
}

// uses says who uses the counter and wants how much of what the portion wants:
// what waits, those first who take precedence, and what is to be ahead, by what each uses.
func (p *portion) uses(q *counterAsk, uses []budget.Use) {
	q.uses = uses
	if len(uses) == 0 { // the ledger has forgotten the counter
		uses = []budget.Use{{Share: 1, Waiting: q.Want, Active: p.turnover()}}
	}
	used, all, hand := 0, 0, p.units()
	for _, u := range uses {
		used += u.Used
	}
	if all = used; p.kind == buckets { // what the process counts drains as if it were alone
		all = min(int(math.Ceil(p.rate*float64(p.turnover())/float64(p.ledger.heartbeat))), p.size)
		q.Has = all + hand
	}
	left := q.Want
	for i, u := range uses {
		want := u.Waiting
		switch {
		case used > 0:
			want += p.ahead() * u.Used / used
			u.Used = all * u.Used / used
		case i == len(uses)-1:
			u.Used = all
		}
		spare := min(want, hand)
		want, hand = want-spare, hand-spare
		if want = min(want, left); i == len(uses)-1 {
			want = left
		}
		left -= want
		q.Uses = append(q.Uses, useAsk{Class: int(u.Class-budget.Urgent) + 1, Share: u.Share, Demand: u.Demand, Rank: u.Rank,
			Used: u.Used, Want: want, Active: milliseconds(u.Active)})
	}
}
