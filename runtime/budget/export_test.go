package budget

import "reflect"

// SharedIntact reports whether what counters share until they have their own is
// as it was made: a write to it would be one to all of them.
func SharedIntact() bool {
	return reflect.DeepEqual(noExtras, newExtras()) && reflect.DeepEqual(nothingTold, &told{over: always})
}
