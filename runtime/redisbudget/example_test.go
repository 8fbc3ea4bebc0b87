package redisbudget_test

import (
	"context"
	"fmt"
	"log"

	"github.com/redis/go-redis/v9"

	"github.com/weirkit/weir/runtime"
	"github.com/weirkit/weir/runtime/redisbudget"
)

func Example() {
	client := redis.NewClient(&redis.Options{Addr: shared.addr})
	defer client.Close()
	ledger, err := redisbudget.New(context.Background(), client, redisbudget.WithNamespace("zendesk-acme"))
	if err != nil {
		log.Fatal(err)
	}
	defer ledger.Close()

	option := runtime.WithLedger(ledger) // for zendesk.New, slack.New, github.New
	fmt.Println(option != nil)
	// Output: true
}
