// Helpdesk syncs a whole help desk: it reads every article of a Zendesk Help
// Center, as fast as the account's limit allows and with nothing refused. By
// default the Zendesk is a stand-in on loopback, whose clock runs twenty times
// faster than life.
//
//	go run ./examples/helpdesk            # 2,055 requests at 700 a minute
//	go run ./examples/helpdesk --pages    # the same articles in 21 requests
//	go run ./examples/helpdesk --naive    # a client that knows nothing of limits
//	go run ./examples/helpdesk --resume   # go on after the program was killed
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"os/signal"

	"github.com/weirkit/weir/runtime/clock"
	"github.com/weirkit/weir/sdk/zendesk"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "helpdesk:", err)
		os.Exit(1)
	}
}

// flags are what the command line may say.
type flags struct {
	pages, naive, live, resume, json bool
	speed, phase, leave              float64
	headers, out                     string
}

func parseFlags(args []string, stderr io.Writer) (flags, error) {
	var f flags
	set := flag.NewFlagSet("helpdesk", flag.ContinueOnError)
	set.SetOutput(stderr)
	set.BoolVar(&f.pages, "pages", false, "read the articles in the largest pages, without single gets")
	set.BoolVar(&f.naive, "naive", false, "use a client that fires 50 at once and pauses for a minute at each 429")
	set.BoolVar(&f.live, "live", false, "sync a real account: ZENDESK_SUBDOMAIN, ZENDESK_EMAIL, ZENDESK_TOKEN")
	set.BoolVar(&f.resume, "resume", false, "go on where a killed run stopped")
	set.BoolVar(&f.json, "json", false, "end with one line of JSON in place of the table")
	set.Float64Var(&f.speed, "speed", 20, "how much faster than life the stand-in's clock runs")
	set.Float64Var(&f.phase, "phase", 0, "where in the stand-in's window the first request falls: 0 to 1")
	set.Float64Var(&f.leave, "leave", 0, "the part of the limit that is left to the account's people: 0.1 is a tenth")
	set.StringVar(&f.headers, "headers", "default", "what the stand-in tells of its limits: default, documented, none or wrong")
	set.StringVar(&f.out, "out", "helpdesk-articles.jsonl", "the file that the articles go to")
	if err := set.Parse(args); err != nil {
		return f, err
	}
	err := f.check(set.Args())
	f.phase = math.Mod(f.phase, 1) // the end of one window is the beginning of the next
	return f, err
}

func (f flags) check(rest []string) error {
	_, known := headerModes[f.headers]
	switch {
	case len(rest) > 0:
		return fmt.Errorf("unexpected argument %q: see --help", rest[0])
	case f.speed <= 0:
		return fmt.Errorf("--speed %v: it must be above 0", f.speed)
	case f.phase < 0 || f.phase > 1:
		return fmt.Errorf("--phase %v: it must be from 0 to 1", f.phase)
	case f.leave < 0 || f.leave >= 1:
		return fmt.Errorf("--leave %v: it must be at least 0 and below 1", f.leave)
	case !known:
		return fmt.Errorf("--headers %s: choose default, documented, none or wrong", f.headers)
	case f.naive && (f.live || f.pages):
		return fmt.Errorf("--naive is for comparison on the stand-in: it goes with neither --live nor --pages")
	}
	return nil
}

func run(ctx context.Context, args []string, stdout, stderr *os.File) error {
	f, err := parseFlags(args, stderr)
	if err == flag.ErrHelp {
		return nil
	}
	if err != nil {
		return err
	}
	out, err := openStore(f.out, f.resume)
	if err != nil {
		return err
	}
	defer out.Close()
	result, err := syncDesk(ctx, f, out, stderr)
	if err != nil {
		return err
	}
	if f.json {
		return result.writeJSON(stdout)
	}
	return result.writeTable(stdout)
}

// syncDesk runs the sync that the flags ask for.
func syncDesk(ctx context.Context, f flags, out *store, stderr *os.File) (*outcome, error) {
	if f.live {
		return syncLive(ctx, f, out, stderr)
	}
	desk, err := newDesk(clock.Scaled(f.speed), f)
	if err != nil {
		return nil, err
	}
	defer desk.Close()
	server, err := desk.provider.Listen()
	if err != nil {
		return nil, err
	}
	bar := newProgress(stderr, desk.clock)
	defer bar.finish()
	if f.naive {
		client := &naiveClient{base: server.URL, http: naiveHTTP(), clock: desk.clock, bar: bar}
		err = client.sync(ctx, out)
	} else {
		err = desk.sync(ctx, f, zendesk.WithBaseURL(server.URL), out, bar)
	}
	if err != nil {
		return nil, err
	}
	return desk.outcome(out, f), nil
}
