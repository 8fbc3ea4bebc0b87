package page

import "hash/maphash"

// trail notices when a walk comes to a cursor again.
//
// It remembers the hashes of the first cursors, so that a return to one of them
// is noticed at once. Past these it goes by Brent's algorithm, which remembers
// one cursor and notices any cycle of the rest before it has been walked a third
// time: an endless list costs a bounded amount of memory, and ends.
type trail struct {
	seed   maphash.Seed
	last   uint64
	seen   map[uint64]struct{}
	marker uint64 // Brent's tortoise
	steps  uint64 // since marker
	power  uint64 // steps to the next marker
}

const remembered = 1 << 16

// visit notes a cursor and reports whether it is new.
func (t *trail) visit(cursor string) bool {
	if t.power == 0 {
		t.seed, t.power = maphash.MakeSeed(), 1
		t.last = maphash.String(t.seed, cursor)
		return true // the first, kept out of a map that short lists never need
	}
	h := maphash.String(t.seed, cursor)
	if t.seen == nil {
		t.seen = map[uint64]struct{}{t.last: {}}
	}
	if _, ok := t.seen[h]; ok {
		return false
	}
	if len(t.seen) < remembered {
		t.seen[h] = struct{}{}
		t.marker = h
		return true
	}
	if h == t.marker {
		return false
	}
	if t.steps++; t.steps == t.power {
		t.marker, t.steps, t.power = h, 0, t.power*2
	}
	return true
}
