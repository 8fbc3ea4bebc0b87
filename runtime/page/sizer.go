package page

import "sync"

// Sizer finds the page size for one walk: the largest, less while the provider
// cannot manage it, and the largest again later. Pages may be on their way at the
// same time: what one of them tells is of the size that it was asked for with.
type Sizer struct {
	mu            sync.Mutex
	largest, size int
	streak        int // good pages since the size last changed
	patience      int // good pages before it grows
}

const (
	firstPatience = 4
	mostPatience  = 64
)

// NewSizer returns a Sizer that begins at the largest size; 0 leaves the size
// to the provider, and then there is nothing to find.
func NewSizer(largest int) *Sizer {
	return &Sizer{largest: largest, size: largest, patience: firstPatience}
}

// Size is the size to ask for now.
func (s *Sizer) Size() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.size
}

// Shrink halves the size, after a page of the size tried was too large, unless
// another page has halved it in the meantime. It reports whether there is a smaller
// size to try. Each time, twice as many good pages have to follow before the size
// grows, so that a size which keeps failing is seldom tried.
func (s *Sizer) Shrink(tried int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if tried > s.size {
		return true
	}
	if tried <= 1 {
		return false
	}
	s.size = tried / 2
	if s.streak > 0 || s.size < s.largest/2 {
		s.patience = min(s.patience*2, mostPatience)
	}
	s.streak = 0
	return true
}

// Grow takes note of a good page of the size tried, and after enough of them
// doubles the size, up to the largest.
func (s *Sizer) Grow(tried int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.size >= s.largest || tried != s.size {
		return
	}
	if s.streak++; s.streak >= s.patience {
		s.size = min(s.size*2, s.largest)
		s.streak = 0
	}
}
