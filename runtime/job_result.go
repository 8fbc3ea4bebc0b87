package runtime

// This file finds out which of a job's results is of which item.

import (
	"encoding/json"
	"slices"
	"strconv"

	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/jsonpath"
)

// jobFound is what a job tells of an item.
type jobFound struct {
	id, status    string
	code, message string
	kind          error // ErrJobItem where it failed
	raw           json.RawMessage
}

// found is what a job's results tell of its items, nil for those of which they
// tell nothing; told is false where there are no results. They are known by
// their place if they have one, else by the item's id, else by their order if
// there are as many of them as items. What is left is of nobody: rather no answer
// than another item's.
func found(how api.JobItem, results []byte, p *jobPart) (items []*jobFound, told bool) {
	var all []*jobFound
	var places []int
	if len(results) > 0 && results[0] == '[' {
		for raw := range jsonpath.All(results, nil) {
			place, err := strconv.Atoi(textAt(raw, how.Index))
			if err != nil {
				place = -1
			}
			all, places = append(all, read(how, raw)), append(places, place)
		}
	} else if len(results) > 0 && results[0] == '{' {
		all, places = []*jobFound{read(how, results)}, []int{-1}
	}
	n := p.Items
	if n == 0 { // nobody knows any longer how many there were
		n = max(len(all), 1)
	}
	items = make([]*jobFound, n)
	switch {
	case len(all) == 0:
		return items, false
	case len(results) > 0 && results[0] == '{': // one word for all of them
		for i := range items {
			items[i] = all[0]
		}
	case distinct(places, n):
		for i, f := range all {
			items[places[i]] = f
		}
	case len(p.keys) == n && byKey(items, all, p.keys):
	case len(all) == n && !misplaced(all, p.keys):
		copy(items, all)
	}
	return items, true
}

// distinct reports whether places are each of another one of n items.
func distinct(places []int, n int) bool {
	taken := make([]bool, n)
	for _, at := range places {
		if at < 0 || at >= n || taken[at] {
			return false
		}
		taken[at] = true
	}
	return true
}

// byKey puts results where the item of their id is; of items with one id, the
// first result is the first item's. It is false where a result is of no item, and
// then does nothing.
func byKey(items, all []*jobFound, keys []string) bool {
	places := map[string][]int{}
	for i, key := range keys {
		if key != "" {
			places[key] = append(places[key], i)
		}
	}
	at := make([]int, len(all))
	for i, f := range all {
		of := places[f.id]
		if len(of) == 0 {
			return false
		}
		at[i], places[f.id] = of[0], of[1:]
	}
	for i, f := range all {
		items[at[i]] = f
	}
	return true
}

// misplaced reports whether a result is, by its id, of an item at another place.
func misplaced(all []*jobFound, keys []string) bool {
	for i, f := range all {
		if f.id != "" && i < len(keys) && f.id != keys[i] && slices.Contains(keys, f.id) {
			return true
		}
	}
	return false
}

func read(how api.JobItem, raw []byte) *jobFound {
	f := &jobFound{
		id: textAt(raw, how.ID), status: textAt(raw, how.Status), raw: raw,
		code: clipped(textAt(raw, how.Code)), message: clipped(textAt(raw, how.Message)),
	}
	if f.code != "" || textAt(raw, how.Success) == "false" {
		f.kind = ErrJobItem
	} else {
		f.message = ""
	}
	return f
}
