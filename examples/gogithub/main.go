// Gogithub reads 2,000 repositories with google/go-github, which knows weir as
// little as weir knows it: all that connects them is an http.RoundTripper. By
// default the GitHub is a stand-in on loopback, which allows 900 points a minute
// and 100 requests at once, and whose clock runs twenty times faster than life.
//
//	go run .           # go-github on github.Transport: none refused
//	go run . --naive   # the same program on net/http's transport
//
// It is a module of its own, so that go-github is no dependency of weir's.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/signal"
	"sync"
	"sync/atomic"
	"time"

	gogithub "github.com/google/go-github/v89/github"

	"github.com/weirkit/weir/runtime"
	"github.com/weirkit/weir/runtime/clock"
	"github.com/weirkit/weir/sdk/github"
)

const (
	repositories = 2000
	workers      = 200 // twice as many as GitHub serves at once
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "gogithub:", err)
		os.Exit(1)
	}
}

// flags are what the command line may say.
type flags struct {
	naive, json bool
	speed       float64
}

func parseFlags(args []string, stderr io.Writer) (flags, error) {
	var f flags
	set := flag.NewFlagSet("gogithub", flag.ContinueOnError)
	set.SetOutput(stderr)
	set.BoolVar(&f.naive, "naive", false, "use net/http's transport, which knows nothing of limits")
	set.BoolVar(&f.json, "json", false, "end with one line of JSON in place of the table")
	set.Float64Var(&f.speed, "speed", 20, "how much faster than life the stand-in's clock runs")
	if err := set.Parse(args); err != nil {
		return f, err
	}
	if set.NArg() > 0 {
		return f, fmt.Errorf("unexpected argument %q: see --help", set.Arg(0))
	}
	if f.speed <= 0 {
		return f, fmt.Errorf("--speed %v: it must be above 0", f.speed)
	}
	return f, nil
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	f, err := parseFlags(args, stderr)
	if err == flag.ErrHelp {
		return nil
	}
	if err != nil {
		return err
	}
	hub, err := newHub(clock.Scaled(f.speed))
	if err != nil {
		return err
	}
	defer hub.Close()
	server, err := hub.provider.Listen()
	if err != nil {
		return err
	}
	base := http.DefaultTransport.(*http.Transport).Clone()
	base.MaxIdleConns, base.MaxIdleConnsPerHost = workers, workers
	read, err := readAll(ctx, f, server.URL, base, hub.clock)
	if err != nil {
		return err
	}
	result := hub.outcome(read)
	if f.json {
		return json.NewEncoder(stdout).Encode(result)
	}
	return result.writeTable(stdout)
}

// newClient is go-github at an address: on weir's transport, or as it comes.
func newClient(f flags, address string, base http.RoundTripper, clock clock.Clock) (*gogithub.Client, error) {
	options := []gogithub.ClientOptionsFunc{gogithub.WithAuthToken("not-a-secret"), gogithub.WithURLs(&address, nil)}
	if f.naive {
		return gogithub.NewClient(append(options, gogithub.WithTransport(base))...)
	}
	transport, err := github.Transport(base, github.OnPlan(github.PlanToken), github.WithBaseURL(address), runtime.WithClock(clock))
	if err != nil {
		return nil, err
	}
	// What go-github does about limits itself is to fail without a request until a
	// limit is reset. Here there is nothing to fail: the transport waits.
	return gogithub.NewClient(append(options, gogithub.WithTransport(transport), gogithub.WithDisableRateLimitCheck())...)
}

// readAll reads all repositories, and tells how many it got.
func readAll(ctx context.Context, f flags, address string, base http.RoundTripper, clock clock.Clock) (int, error) {
	client, err := newClient(f, address, base, clock)
	if err != nil {
		return 0, err
	}
	var read atomic.Int64
	numbers := make(chan int)
	var done sync.WaitGroup
	for range workers {
		done.Go(func() {
			for n := range numbers {
				repository, _, err := client.Repositories.Get(ctx, owner, name(n))
				if err == nil && repository.GetName() == name(n) {
					read.Add(1)
				}
			}
		})
	}
	for n := range repositories {
		numbers <- n
	}
	close(numbers)
	done.Wait()
	return int(read.Load()), ctx.Err()
}

// outcome is what a run did, by the stand-in's own counting. Seconds are of its time.
type outcome struct {
	Calls    int     `json:"calls"`
	Requests int     `json:"requests"`
	Refused  int     `json:"refused"`
	Lost     int     `json:"lost"`
	Seconds  float64 `json:"seconds"`
}

func (o outcome) writeTable(w io.Writer) error {
	_, err := fmt.Fprintf(w, "   calls  %d\nrequests  %d\n refused  %d\n    lost  %d\n    time  %v\n",
		o.Calls, o.Requests, o.Refused, o.Lost, time.Duration(o.Seconds*float64(time.Second)).Round(100*time.Millisecond))
	return err
}
