package walk

// This file walks one list and looks at what comes.

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"

	"github.com/weirkit/weir/runtime"
	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/providertest"
)

// list is one list with its made-up items.
type list struct {
	op    *api.Operation
	size  int // of a page
	items []json.RawMessage
}

// newList makes the items of a list: two whole pages, and half of a third.
func newList(desc *api.API, op *api.Operation, plan string) list {
	size := desc.MaxPage(op, plan)
	if size == 0 {
		size = ownPage
	}
	l := list{op: op, size: size}
	for i := range (pages-1)*size + (size+1)/2 {
		l.items = append(l.items, item(op.Pagination.ID, i+1))
	}
	return l
}

// item is an object with a number where a list's ids stand.
func item(id api.Path, n int) json.RawMessage {
	if len(id) == 0 {
		id = api.Path{"id"}
	}
	var value any = n
	for _, name := range slices.Backward(id) {
		value = map[string]any{name: value}
	}
	b, err := json.Marshal(value)
	if err != nil {
		panic(err) // texts and a number
	}
	return b
}

func (l list) serve(*providertest.Call) []json.RawMessage { return l.items }

// walkAll walks the lists, some at once, and returns what went wrong, in their order.
func walkAll(client *runtime.Client, lists []list) []string {
	found := make([][]string, len(lists))
	next := make(chan int)
	var done sync.WaitGroup
	for range min(walkers, len(lists)) {
		done.Go(func() {
			for i := range next {
				found[i] = lists[i].walk(client)
			}
		})
	}
	for i := range lists {
		next <- i
	}
	close(next)
	done.Wait()
	return slices.Concat(found...)
}

func (l list) walk(client *runtime.Client) (problems []string) {
	wrong := func(format string, args ...any) {
		problems = append(problems, l.op.Name+": "+fmt.Sprintf(format, args...))
	}
	var got []json.RawMessage
	n := 0
	for page, err := range runtime.ListPages[json.RawMessage](context.Background(), client, l.op, l.args()) {
		if err != nil {
			wrong("page %d: %v", n+1, err)
			continue
		}
		if n++; n > pages {
			break // and perhaps for ever
		}
		if len(page.Items) != l.size && n < pages {
			wrong("page %d has %d items, want %d", n, len(page.Items), l.size)
		}
		if page.Last != (n == pages) {
			wrong("page %d says of itself that it is the last: %v", n, page.Last)
		}
		got = append(got, page.Items...)
	}
	if n != pages {
		wrong("%d pages, want %d", n, pages)
	}
	if !slices.EqualFunc(got, l.items, func(a, b json.RawMessage) bool { return bytes.Equal(a, b) }) {
		wrong("%d items came, and they are not the list's %d in order", len(got), len(l.items))
	}
	return problems
}

// args are made-up path parameters, and for a list that is asked for by a body
// one of the operation's kind.
func (l list) args() runtime.Args {
	var args runtime.Args
	for i := range strings.Count(l.op.Path, "{") {
		args.Path = append(args.Path, i+1)
	}
	switch {
	case l.op.Safe():
	case strings.HasPrefix(l.op.ContentType, "application/x-www-form-urlencoded"):
		args.Body = url.Values{}
	default:
		args.Body = map[string]string{}
	}
	return args
}

// variables are made-up values for the variables of the server that have no default.
func variables(desc *api.API) map[string]string {
	values := map[string]string{}
	for _, s := range desc.Servers[:min(1, len(desc.Servers))] {
		for _, v := range s.Variables {
			if v.Default == "" {
				values[v.Name] = "acme"
			}
		}
	}
	return values
}
