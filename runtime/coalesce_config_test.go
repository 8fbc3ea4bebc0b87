package runtime

import (
	"reflect"
	"testing"
)

// TestBatchKnowsAllOptions asks, for each thing that an option may change, what it
// means for calls that share a request.
func TestBatchKnowsAllOptions(t *testing.T) {
	known := map[string]string{
		"retry":          "calls share with equal ones",
		"order":          "calls share with equal ones, the class aside, which the loader heeds",
		"attemptTimeout": "calls share with equal ones",
		"maxBody":        "calls share with equal ones",
		"header":         "calls share with equal ones",
		"batchDelay":     "calls share with equal ones",
		"cache":          "calls share with equal ones",
		"response":       "each caller's own",
		"raw":            "each caller's own",
		"alone":          "goes alone",
		"pageSize":       "of lists",
		"noPrefetch":     "of lists",
		"cursor":         "of lists",
		"parallelPages":  "of lists",
		"jobs":           "of writes in bulk",
		"progress":       "of lists",
		"total":          "of lists",
		"oneCredential":  "of lists",
		"graphQL":        "of queries",
	}
	for i := range reflect.TypeFor[callConfig]().NumField() {
		name := reflect.TypeFor[callConfig]().Field(i).Name
		if known[name] == "" {
			t.Errorf("an option sets callConfig.%s: say in groupKey whether calls that differ in it may share a request, and here", name)
		}
		delete(known, name)
	}
	for name := range known {
		t.Errorf("callConfig has no %s any more", name)
	}
}
