package runtime

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/weirkit/weir/runtime/api"
)

var jobItem = api.JobItem{ID: api.Path{"id"}, Index: api.Path{"index"}, Status: api.Path{"status"}, Success: api.Path{"success"}, Code: api.Path{"error"}}

// Whatever order results come in, and whichever are missing, an item has its own
// or none: by place, or by an id that several items may share.
func TestJobResultsAreOfTheirItems(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 12).Draw(t, "items")
		places := rapid.Bool().Draw(t, "places")
		p := &jobPart{Job: Job{Items: n}, keys: make([]string, n)}
		for i := range n {
			p.keys[i] = fmt.Sprint(rapid.IntRange(1, 2*n).Draw(t, "id"))
		}
		var order []int
		for _, i := range rapid.Permutation(rangeOf(n)).Draw(t, "order") {
			if rapid.IntRange(0, 5).Draw(t, "told") > 0 {
				order = append(order, i)
			}
		}
		var results []string
		for _, i := range order {
			place := ""
			if places {
				place = fmt.Sprintf(`,"index":%d`, i)
			}
			results = append(results, fmt.Sprintf(`{"id":%s,"status":"%d"%s}`, p.keys[i], i, place))
		}
		items, told := found(jobItem, []byte("["+strings.Join(results, ",")+"]"), p)
		if len(items) != n || told != (len(results) > 0) {
			t.Fatalf("%d items, told: %t", len(items), told)
		}
		has := 0
		for i, f := range items {
			if f == nil {
				continue
			}
			if has++; f.id != p.keys[i] || places && f.status != fmt.Sprint(i) {
				t.Fatalf("item %d of id %s has %+v", i, p.keys[i], f)
			}
		}
		if has != len(results) {
			t.Fatalf("%d items have one of %d results", has, len(results))
		}
	})
}

func rangeOf(n int) []int {
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	return all
}

// No results, however odd, are given to more items than there are.
func FuzzJobResults(f *testing.F) {
	for _, s := range []string{``, `null`, `[]`, `{}`, `[1,null,"x",{"id":1}]`, `[{"index":0},{"index":0}]`, `[{"index":-1}]`, `[{"index":1e9}]`, `{"success":false}`, `[{"id":"1"},[{"id":2}]]`, `[{`, `[{"id":1}`} {
		f.Add([]byte(s), 3)
	}
	f.Fuzz(func(t *testing.T, results []byte, n int) {
		n = min(max(n, 0), 50)
		p := &jobPart{Job: Job{Items: n}}
		for i := range n {
			p.keys = append(p.keys, fmt.Sprint(i))
		}
		results = jsonAt([]byte(`{"results":`+string(results)), api.Path{"results"})
		items, told := found(jobItem, results, p)
		if n > 0 && len(items) != n || len(items) == 0 {
			t.Fatalf("%d items of %d", len(items), n)
		}
		seen := map[*jobFound]bool{}
		for _, item := range items {
			if item == nil {
				continue
			}
			if !told || seen[item] && results[0] != '{' {
				t.Fatalf("told: %t, twice: %t", told, seen[item])
			}
			if seen[item] = true; !json.Valid(item.raw) {
				t.Fatalf("%q", item.raw)
			}
		}
	})
}
