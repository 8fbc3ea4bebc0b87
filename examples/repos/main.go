// Repos reads 100 repositories of GitHub, each by a goroutine of its own: by GraphQL,
// where those that are looked up at the same time become aliases of one query, and
// then the same by REST. The GitHub is a stand-in on loopback that counts by itself.
//
//	go run ./examples/repos              # 2 requests and 2 points, beside REST's 100
//	go run ./examples/repos --rest       # by REST alone
//	go run ./examples/repos --work 100   # a query that computes more than 100 fields is refused
//	go run ./examples/repos --gone 3     # three of the repositories are not there any more
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"sync"

	"github.com/weirkit/weir/runtime"
	"github.com/weirkit/weir/runtime/clock"
	"github.com/weirkit/weir/sdk/github"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "repos:", err)
		os.Exit(1)
	}
}

// flags are what the command line may say.
type flags struct {
	rest, json bool
	work, gone int
	speed      float64
}

func parseFlags(args []string, stderr io.Writer) (flags, error) {
	var f flags
	set := flag.NewFlagSet("repos", flag.ContinueOnError)
	set.SetOutput(stderr)
	set.BoolVar(&f.rest, "rest", false, "read them by REST alone")
	set.BoolVar(&f.json, "json", false, "end with one line of JSON in place of the table")
	set.IntVar(&f.work, "work", 0, "how many fields the stand-in computes for one query; 0 means any number")
	set.IntVar(&f.gone, "gone", 0, "how many of the repositories the stand-in does not have any more")
	set.Float64Var(&f.speed, "speed", 1, "how much faster than life the stand-in's clock runs")
	if err := set.Parse(args); err != nil {
		return f, err
	}
	switch {
	case set.NArg() > 0:
		return f, fmt.Errorf("unexpected argument %q: see --help", set.Arg(0))
	case f.speed <= 0:
		return f, fmt.Errorf("--speed %v: it must be above 0", f.speed)
	case f.work < 0:
		return f, fmt.Errorf("--work %d: it cannot be negative", f.work)
	case f.gone < 0 || f.gone > repositories:
		return f, fmt.Errorf("--gone %d: there are %d repositories", f.gone, repositories)
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
	rest, err := readFrom(ctx, f, byREST)
	if err != nil {
		return err
	}
	result := *rest
	if !f.rest {
		aliases, err := readFrom(ctx, f, byAliases)
		if err != nil {
			return err
		}
		result = *aliases
		result.REST = rest
	}
	if f.json {
		return result.writeJSON(stdout)
	}
	return result.writeTable(stdout)
}

// readFrom reads all repositories in one way, from a stand-in of its own on loopback.
func readFrom(ctx context.Context, f flags, way way) (*outcome, error) {
	hub, err := newHub(clock.Scaled(f.speed), f)
	if err != nil {
		return nil, err
	}
	defer hub.Close()
	server, err := hub.provider.Listen()
	if err != nil {
		return nil, err
	}
	return hub.read(ctx, way, runtime.WithBaseURL(server.URL))
}

// repository is what is wanted of each. Its fields are those that GraphQL is asked for.
type repository struct {
	NameWithOwner  string
	StargazerCount int
	OpenIssues     struct{ TotalCount int } `graphql:"issues(states: OPEN)"`
}

// way reads one repository.
type way func(ctx context.Context, gh *github.Client, name string) (repository, error)

// byAliases is one call like any other; those of other goroutines join its query.
func byAliases(ctx context.Context, gh *github.Client, name string) (repository, error) {
	return github.LookupRepositories[repository](gh).Get(ctx, owner, name)
}

func byREST(ctx context.Context, gh *github.Client, name string) (repository, error) {
	full, err := gh.Repos.Get(ctx, owner, name)
	if err != nil {
		return repository{}, err
	}
	r := repository{NameWithOwner: full.FullName, StargazerCount: int(full.StargazersCount)}
	r.OpenIssues.TotalCount = int(full.OpenIssuesCount)
	return r, nil
}

// read reads all repositories, each by a goroutine of its own. where tells how to
// reach the hub.
func (h *hub) read(ctx context.Context, way way, where runtime.ClientOption) (*outcome, error) {
	gh, err := github.New(github.Token("not-a-secret"), github.OnPlan(github.PlanToken), runtime.WithClock(h.clock), where)
	if err != nil {
		return nil, err
	}
	defer gh.Runtime().Close()
	var work sync.WaitGroup
	found, failures := make([]repository, repositories), make([]error, repositories)
	for n := range repositories {
		work.Go(func() {
			found[n], failures[n] = way(ctx, gh, name(n))
		})
	}
	work.Wait()
	for _, err := range failures {
		if err != nil && !errors.Is(err, runtime.ErrNotFound) {
			return nil, err
		}
	}
	return h.outcome(found, failures), nil
}
