package quota

// This file puts the numbers of an answer together, and decides what to believe.
// The safe reading of news that are missing, impossible, or contradict one
// another:
//
//   - A number that is negative, not a number, or beyond 2^31 is not told; nor is
//     a limit of nothing, which would never admit the call that it answers.
//   - More left than the limit is: none of that family's numbers are told.
//   - Two families of one limit, or two values of one header: the smaller limit
//     and the smaller remainder count. Two resets: what both allow; if nothing
//     does, the later.
//   - A reset that is annotated in one form but cannot be meant so (in 1970, in 52
//     years, beyond the limit's window) is read as the point in time that it is in
//     another form, if it is near the present; a small number, which could be
//     anything, is not told.
//   - A reset later than the limit's window lasts, or than the cap where that is
//     unknown, is not told.
//   - A reset before the request was sent: that window is over, so what was left
//     of it says nothing of the present. (It still shows why a call was refused.)
//   - A reset that jumps back, from one answer to the next: the ledger knows the
//     counter, which a Reader does not, and holds to the later one.
//   - A guess never raises a limit above what the annotations say.

import (
	"net/http"
	"time"

	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/budget"
)

// Confidence is how sure a reading is.
type Confidence int

const (
	// Guess: the names look like a limit's, and what they are of, or how the
	// reset is written, could only be guessed.
	Guess Confidence = iota
	// Likely: inferred, and checked against the limit's numbers, its window or
	// the present.
	Likely
	// Certain: not annotated, but of a form that explains itself.
	Certain
	// Annotated: read as the annotations say.
	Annotated
)

var confidences = [...]string{"guess", "likely", "certain", "annotated"}

func (c Confidence) String() string {
	if c < 0 || int(c) >= len(confidences) {
		return "unknown"
	}
	return confidences[c]
}

// Reading is what one answer says of one limit.
type Reading struct {
	budget.Observation
	// Over tells that the reset has passed before the call was sent: Remaining is
	// of a window that has ended.
	Over bool
	// Window is how long the limit's window lasts, as told; zero if it was not.
	Window time.Duration
	// From is the header, or the place in the body, that it was read from: of
	// several, the first.
	From       string
	Confidence Confidence
}

// numbers are what a family says of a limit, before they are believed. A count
// that it does not tell is negative.
type numbers struct {
	max, remaining, used int
	reset                string
	resetIs              api.ResetEncoding
	window               time.Duration
}

// settle derives what is left from what is used, and reports whether the
// numbers go together.
func (n *numbers) settle() bool {
	if n.max > 0 && n.used >= 0 {
		n.remaining = smaller(n.remaining, max(n.max-n.used, 0))
	}
	if n.max >= 0 && n.remaining > n.max {
		return false
	}
	if n.max == 0 {
		n.max = -1
	}
	return true
}

// answer is an answer while it is read.
type answer struct {
	reader   *Reader
	op       *api.Operation
	header   http.Header
	at       moment
	readings []Reading
}

// say takes down the numbers of a limit, from a header or a place in the body.
func (a *answer) say(limit, from string, n numbers, c Confidence) {
	if limit == "" || !n.settle() {
		return
	}
	known := a.reader.limits[limit]
	rd := Reading{
		Observation: budget.Observation{Limit: limit, Max: n.max, Remaining: n.remaining},
		Window:      n.window, From: from, Confidence: c,
	}
	if n.reset != "" {
		if n.resetIs != api.DeltaSeconds || len(n.reset) > 7 { // more digits than a span has
			a.learnDate()
		}
		t := a.at.reset(n.reset, n.resetIs, a.reader.bound(known))
		rd.ResetEarliest, rd.Reset, rd.Over = t.earliest, t.latest, t.over
		if t.confidence == Guess && known != nil && known.longest > 0 {
			t.confidence = Likely // it fits the window
		}
		if !t.latest.IsZero() {
			rd.Confidence = min(c, t.confidence)
		}
	}
	if c == Guess && known != nil && known.most > 0 && rd.Max > known.most {
		rd.Max = -1
	}
	if rd.Max >= 0 || rd.Remaining >= 0 || rd.Window > 0 || !rd.Reset.IsZero() {
		a.merge(rd)
	}
}

// merge adds a reading, or what it tells beyond an earlier one of the same limit.
func (a *answer) merge(rd Reading) {
	for i := range a.readings {
		s := &a.readings[i]
		if s.Limit != rd.Limit {
			continue
		}
		s.Max = smaller(s.Max, rd.Max)
		switch {
		case s.Over && !rd.Over && rd.Remaining >= 0:
			s.Remaining, s.Over = rd.Remaining, false
		case s.Over == rd.Over || s.Remaining < 0:
			s.Remaining = smaller(s.Remaining, rd.Remaining)
			s.Over = s.Over || rd.Over
		}
		if s.Max >= 0 && s.Remaining > s.Max {
			s.Remaining = s.Max
		}
		if s.Window == 0 {
			s.Window = rd.Window
		}
		s.Confidence = min(s.Confidence, rd.Confidence)
		s.ResetEarliest, s.Reset = both(s.ResetEarliest, s.Reset, rd.ResetEarliest, rd.Reset)
		return
	}
	if a.readings == nil {
		a.readings = make([]Reading, 0, 2)
	}
	a.readings = append(a.readings, rd)
}

// both is what two accounts of an end allow; if nothing, the later of them. One
// that is zero was not told.
func both(e1, l1, e2, l2 time.Time) (earliest, latest time.Time) {
	switch {
	case l1.IsZero():
		return e2, l2
	case l2.IsZero():
		return e1, l1
	case l1.Before(e2):
		return e2, l2
	case l2.Before(e1):
		return e1, l1
	}
	if e2.After(e1) {
		e1 = e2
	}
	if l2.Before(l1) {
		l1 = l2
	}
	return e1, l1
}

// smaller of two numbers, of which a negative one was not told.
func smaller(a, b int) int {
	if a < 0 {
		return b
	}
	if b < 0 {
		return a
	}
	return min(a, b)
}
