package parallel_test

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/weirkit/weir/runtime/parallel"
)

func ExampleMap() {
	ids := []int{7, 3, 9}
	titles, err := parallel.Map(context.Background(), parallel.ByBudget, ids, func(ctx context.Context, id int) (string, error) {
		return fmt.Sprintf("article %d", id), nil
	})
	fmt.Println(strings.Join(titles, ", "), err)
	// Output: article 7, article 3, article 9 <nil>
}

func ExampleEach() {
	err := parallel.Each(context.Background(), 2, slices.Values([]int{1, 2, 3}), func(ctx context.Context, id int) error {
		if id == 2 {
			return fmt.Errorf("article %d is gone", id)
		}
		return nil
	})
	fmt.Println(err)
	// Output: article 2 is gone
}

// With all errors, one missing article does not end the others.
func ExampleWithAllErrors() {
	titles, err := parallel.Map(context.Background(), parallel.ByBudget, []int{7, 3, 9}, func(ctx context.Context, id int) (string, error) {
		if id == 3 {
			return "", fmt.Errorf("article %d is gone", id)
		}
		return fmt.Sprintf("article %d", id), nil
	}, parallel.WithAllErrors())
	fmt.Printf("%q\n%v\n", titles, err)
	// Output:
	// ["article 7" "" "article 9"]
	// item 1: article 3 is gone
}

// A list's items come as a sequence that may fail, such as those of List methods.
func ExampleMapSeq() {
	var list iter.Seq2[int, error] = func(yield func(int, error) bool) {
		for id := range 3 {
			if !yield(id, nil) {
				return
			}
		}
	}
	fetch := func(ctx context.Context, id int) (string, error) { return fmt.Sprintf("body %d", id), nil }
	for body, err := range parallel.MapSeq(context.Background(), parallel.ByBudget, list, fetch) {
		fmt.Println(body, err)
	}
	// Output:
	// body 0 <nil>
	// body 1 <nil>
	// body 2 <nil>
}
