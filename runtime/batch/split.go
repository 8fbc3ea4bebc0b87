package batch

// This file splits requests that fail for what is in them.

import "context"

// resolve gets the answers of a part of a flight. That the part is guilty is known
// when it cannot but hold a key at fault: then it is not asked for as a whole.
//
// The halves follow one another, since the first one's answer often makes the
// question for the second needless. That keeps the promise of Key: with one key at
// fault a level takes two requests where it is in the first, smaller half, else
// one, and the last level one more. To ask for both at once would be quicker, and
// take two on every level, of which an uneven number of keys has one more.
//
// What is too large is asked for in pieces instead, each of the size that went well of
// late: the halves of a flight might have to learn it one after the other, and each
// time takes the provider as long as it works on what it then refuses.
//
// It reports whether a key was at fault, and the error that ends the flight: one of
// several keys that is the fault of none would only come again.
func (l *Loader[K, V]) resolve(ctx context.Context, g *group[K, V], part []*entry[K, V], guilty bool) (found bool, end error) {
	if part = l.wanted(part); len(part) == 0 {
		return false, nil
	}
	if len(part) > 1 && !guilty && len(part) > l.size() {
		return l.pieces(ctx, g, part)
	}
	if !guilty || len(part) == 1 {
		err := l.ask(ctx, g, part)
		if err == nil {
			l.note(len(part))
			return false, nil
		}
		blame := l.cfg.Blame(err)
		if len(part) == 1 { // whatever it is, it was said of this key alone: say, not found
			l.fail(part, err)
			return blame != All, nil
		}
		if blame == All {
			l.fail(part, err)
			return false, err
		}
		if blame == TooLarge {
			before, now := l.shrink(len(part))
			if found, end = l.pieces(ctx, g, part); found {
				l.absolve(now, before)
			}
			return found, end
		}
		guilty = true
	}
	half := len(part) / 2
	found, end = l.resolve(ctx, g, part[:half], false)
	if end != nil {
		l.fail(part[half:], end)
		return found, end
	}
	also, end := l.resolve(ctx, g, part[half:], guilty && !found)
	return found || also, end
}

// pieces gets the answers of a part that is too large for one request.
func (l *Loader[K, V]) pieces(ctx context.Context, g *group[K, V], part []*entry[K, V]) (found bool, end error) {
	for len(part) > 0 && end == nil {
		n := min(l.size(), len(part))
		var here bool
		here, end = l.resolve(ctx, g, part[:n], false)
		found, part = found || here, part[n:]
	}
	l.fail(part, end)
	return found, end
}

// wanted are the entries of part that somebody still waits for.
func (l *Loader[K, V]) wanted(part []*entry[K, V]) []*entry[K, V] {
	l.mu.Lock()
	defer l.mu.Unlock()
	for i, e := range part {
		if e.callers > 0 {
			continue
		}
		rest := append([]*entry[K, V](nil), part[:i]...)
		for _, e := range part[i+1:] {
			if e.callers > 0 {
				rest = append(rest, e)
			}
		}
		return rest
	}
	return part
}

// sizer is how many keys are asked for at once: most, or less for a time after a
// request that was too large.
type sizer struct{ most, now, streak int }

const patience = 8 // requests that must go well before more keys are tried

// size is how many keys are asked for at once now.
func (l *Loader[K, V]) size() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.sizer.now
}

// shrink has fewer keys asked for than n, which were too many.
func (l *Loader[K, V]) shrink(n int) (before, now int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	before = l.sizer.now
	l.sizer.now, l.sizer.streak = max(min(l.sizer.now, n/2), 1), 0
	return before, l.sizer.now
}

// absolve undoes a shrink for a request in which there was a key that is too large by
// itself: that was why, and says nothing about how many others may be asked for. It
// leaves alone what was learned of others meanwhile.
func (l *Loader[K, V]) absolve(now, before int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.sizer.now == now {
		l.sizer.now = before
	}
}

// note takes note of a request for n keys that went well.
func (l *Loader[K, V]) note(n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	s := &l.sizer
	if s.now == s.most || n < s.now {
		return
	}
	if s.streak++; s.streak >= patience {
		s.now, s.streak = min(s.now*2, s.most), 0
	}
}
