package runtime

// This file tells what a request draws on whose operation is not known.

import (
	"net/http"
	"strings"
	"sync"

	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/route"
)

// shared is what operations of the same beginning draw on, by that and by class,
// reckoned when it is first needed.
type shared struct {
	mu    sync.Mutex
	draws map[sharedKey][]api.Draw
}

type sharedKey struct {
	branch  *route.Branch
	reading bool
}

// operation stands for one that nobody has told of.
func (s *shared) operation(c *Client, routes *route.Router, method, path string) *api.Operation {
	op := &api.Operation{Name: "Unlisted.Write", Method: method}
	reading := op.Safe() || method == http.MethodTrace
	if reading {
		op.Name = "Unlisted.Read"
	}
	key := sharedKey{routes.Branch(path, reading), reading}
	s.mu.Lock()
	defer s.mu.Unlock()
	draws, known := s.draws[key]
	if !known {
		operations := key.branch.Writing
		if reading {
			operations = key.branch.Reading
		}
		draws = c.drawnByMost(operations)
		if len(draws) == 0 {
			draws = []api.Draw{{Limit: unlisted}}
		}
		if s.draws == nil {
			s.draws = map[sharedKey][]api.Draw{}
		}
		s.draws[key] = draws
	}
	op.Draws = draws
	return op
}

// unlisted is the limit of routes of which nothing is known, not even what others
// draw on. It counts nothing until one of them is refused: then all who use them
// wait as long as the provider wants, and are paced for a while. Without it each
// caller would have to be refused for itself, and again when all come back at once.
const unlisted = "unlisted"

// knowUnlisted adds that limit. It is counted by what surely is known of a caller.
func (c *Client) knowUnlisted() {
	if _, taken := c.limits[unlisted]; !taken {
		c.limits[unlisted] = api.Limit{Name: unlisted, Shape: api.Unlimited{}, Scope: []api.Scope{api.ScopeCredential}}
	}
}

// drawnByMost are the limits that at least half of the operations draw on in any
// case, and that all of their calls are counted by together, with the highest of
// the costs.
func (c *Client) drawnByMost(operations []*api.Operation) []api.Draw {
	times := map[string]int{}
	at := map[string]int{}
	var all []api.Draw
	for _, op := range operations {
		for _, d := range op.Draws {
			if d.When != nil || !countsTogether(c.limits[d.Limit]) {
				continue
			}
			if times[d.Limit]++; times[d.Limit] == 1 {
				at[d.Limit] = len(all)
				all = append(all, d)
			}
			known := &all[at[d.Limit]]
			known.Cost = max(known.Cost, d.Cost)
		}
	}
	draws := all[:0]
	for _, d := range all {
		if 2*times[d.Limit] >= len(operations) {
			draws = append(draws, d)
		}
	}
	return draws
}

// countsTogether reports whether a limit counts what a caller does whatever it is.
func countsTogether(l api.Limit) bool {
	for _, s := range l.Scope {
		if s == api.ScopeOperation || strings.Contains(string(s), ":") {
			return false
		}
	}
	return true
}
