package runtime

// This file tells whose requests are, by what they are signed with.

import (
	"cmp"
	"crypto/sha256"
	"sync"
)

// maxCallers bounds what is remembered of callers; the counters are the ledger's.
const maxCallers = 10_000

// callers are those whose requests a transport has seen. A secret is hashed at
// once, and only the hash is kept.
type callers struct {
	client *Client
	given  Identity

	mu    sync.Mutex
	known map[caller]*who
	told  bool // of what is guessed
}

type caller struct {
	account string // as the host has it
	secret  [sha256.Size]byte
}

func (cs *callers) who(account, secret string) *who {
	key := caller{account: account}
	if secret != "" {
		key.secret = sha256.Sum256([]byte(secret))
	}
	cs.mu.Lock()
	w, ok := cs.known[key]
	if !ok {
		w = cs.add(key, secret)
	}
	told := cs.told
	cs.told = true
	cs.mu.Unlock()
	if !told {
		cs.client.reportGuesses(w, "")
	}
	return w
}

func (cs *callers) add(key caller, secret string) *who {
	if cs.known == nil || len(cs.known) >= maxCallers {
		cs.known = map[caller]*who{}
	}
	id := cs.given
	id.Account = cmp.Or(id.Account, key.account)
	hash := hashOf(secret)
	w := newWho(id, hash, hash, cs.client.limits)
	cs.known[key] = w
	return w
}
