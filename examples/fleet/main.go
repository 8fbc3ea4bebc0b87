// Fleet has several processes read articles from one Zendesk account, as fast as
// the account's limit allows to all of them together. They share the limit through
// a redis-server, which the program starts for itself. The Zendesk is a stand-in on
// loopback that counts by itself, and whose clock runs twenty times faster than life.
//
//	go run ./examples/fleet                  # three processes, 7,000 articles at 700 a minute
//	go run ./examples/fleet --demand one     # one of them has all the work
//	go run ./examples/fleet --kill-redis     # Redis is killed, and back 30 s later; with --empty without its data
//	go run ./examples/fleet --kill-process   # a process is killed in each of five minutes
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	do := func() error { return run(ctx, os.Args[1:], os.Stdout, os.Stderr) }
	if orders, is := os.LookupEnv(workerVariable); is {
		do = func() error { return work(ctx, orders, os.Stdin, os.Stdout) }
	}
	if err := do(); err != nil {
		fmt.Fprintln(os.Stderr, "fleet:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, stdout io.Writer, stderr *os.File) error {
	f, err := parseFlags(args, stderr)
	if errors.Is(err, flag.ErrHelp) {
		return nil
	}
	if err != nil {
		return err
	}
	result, err := runFleet(ctx, f, stderr)
	if err != nil {
		return err
	}
	if f.json {
		err = json.NewEncoder(stdout).Encode(result)
	} else {
		err = result.table(stdout)
	}
	if err != nil {
		return err
	}
	return result.verdict()
}
