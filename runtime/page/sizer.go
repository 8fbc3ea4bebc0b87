package page

// Sizer finds the page size for one walk: the largest, less while the provider
// cannot manage it, and the largest again later.
type Sizer struct {
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
func (s *Sizer) Size() int { return s.size }

// Shrink halves the size, after a page that was too large. It reports whether
// there was anything to halve. Each time, twice as many good pages have to
// follow before the size grows, so that a size which keeps failing is seldom tried.
func (s *Sizer) Shrink() bool {
	if s.size <= 1 {
		return false
	}
	s.size /= 2
	if s.streak > 0 || s.size < s.largest/2 {
		s.patience = min(s.patience*2, mostPatience)
	}
	s.streak = 0
	return true
}

// Grow takes note of a good page, and after enough of them doubles the size, up
// to the largest.
func (s *Sizer) Grow() {
	if s.size >= s.largest {
		return
	}
	if s.streak++; s.streak >= s.patience {
		s.size = min(s.size*2, s.largest)
		s.streak = 0
	}
}
