package load

// Closest is the name among known that a misspelt one most likely means, or ""
// if none is near. It is for "did you mean" in messages.
func Closest(name string, known []string) string {
	best, near := "", max(1, len(name)/3)
	for _, k := range known {
		if d := distance(name, k, near); d < near || d == near && best == "" {
			best, near = k, d
		}
	}
	return best
}

// DidYouMean is the end of a message about an unknown name: ": did you mean
// x?", or what follows otherwise.
func DidYouMean(name string, known []string, otherwise string) string {
	if c := Closest(name, known); c != "" {
		return ": did you mean " + c + "?"
	}
	return ": " + otherwise
}

// distance is the optimal string alignment distance of a and b, in bytes; any
// value above limit stands for "too far".
func distance(a, b string, limit int) int {
	if len(a)-len(b) > limit || len(b)-len(a) > limit {
		return limit + 1
	}
	before, previous, current := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range previous {
		previous[j] = j
	}
	for i := 1; i <= len(a); i++ {
		current[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			current[j] = min(previous[j]+1, current[j-1]+1, previous[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				current[j] = min(current[j], before[j-2]+1)
			}
		}
		before, previous, current = previous, current, before
	}
	return previous[len(b)]
}
