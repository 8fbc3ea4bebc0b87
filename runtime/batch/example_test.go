package batch_test

import (
	"context"
	"fmt"
	"sync/atomic"

	"github.com/weirkit/weir/runtime/batch"
	"github.com/weirkit/weir/runtime/budget"
)

func Example() {
	var requests atomic.Int64
	names, err := batch.New(batch.Config[int64, string]{
		Max: 100, // as the provider says
		Many: func(_ context.Context, _ budget.Class, ids []int64) ([]batch.Item[int64, string], error) {
			requests.Add(1)
			var items []batch.Item[int64, string]
			for _, id := range ids {
				if id != 7 { // which nobody has
					items = append(items, batch.Item[int64, string]{Key: id, Value: fmt.Sprint("user ", id)})
				}
			}
			return items, nil
		},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	ids := make([]int64, 250)
	for i := range ids {
		ids[i] = int64(i) + 1
	}
	for i, r := range names.Many(context.Background(), budget.Normal, ids) {
		if i < 2 || r.Err != nil {
			fmt.Println(r.Key, r.Value, r.Err)
		}
	}
	fmt.Println(requests.Load(), "requests")

	_, err = names.Load(context.Background(), budget.Normal, 0)
	fmt.Println(err)
	// Output:
	// 1 user 1 <nil>
	// 2 user 2 <nil>
	// 7  batch: the answer has no such key
	// 3 requests
	// batch: the key is empty: 0 is no int64 to ask for
}
