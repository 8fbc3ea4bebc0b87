package runtime

import (
	"net/http"
	"testing"

	"github.com/weirkit/weir/runtime/budget"
)

// A client that nobody watches pays nothing for it.
func TestUnwatchedCallsAreFree(t *testing.T) {
	c := &Client{}
	cl := &call{}
	req := &http.Request{}
	admit := func(bool) (budget.Ticket, error) { return nil, nil }
	if n := testing.AllocsPerRun(100, func() {
		ctx := c.watching(t.Context(), cl)
		if _, err := cl.watch.admit(ctx, admit, false); err != nil || cl.watch.sends(req) != req {
			t.Error("an unwatched call was changed")
		}
		cl.watch.answered(200)
		cl.watch.retry()
		cl.watch.ended(nil)
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
