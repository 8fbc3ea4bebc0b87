// Enrich looks up who has asked for each of 10,000 tickets, by single gets from many
// goroutines, as a program does that handles its tickets side by side. The calls that
// are made at the same time share requests, so that about a hundred are sent. The
// Zendesk is a stand-in on loopback, whose clock runs five times faster than life.
//
//	go run ./examples/enrich                      # 10,000 calls by about 100 requests
//	go run ./examples/enrich --goroutines 64      # fewer calls at a time, fewer that share
//	go run ./examples/enrich --direct --speed 60  # each call by itself: 14 minutes at 700 a minute
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"text/tabwriter"
	"time"

	"github.com/weirkit/weir/runtime/clock"
	"github.com/weirkit/weir/sdk/zendesk"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "enrich:", err)
		os.Exit(1)
	}
}

// flags are what the command line may say.
type flags struct {
	json, direct bool
	goroutines   int
	speed, phase float64
}

func parseFlags(args []string, stderr io.Writer) (flags, error) {
	var f flags
	set := flag.NewFlagSet("enrich", flag.ContinueOnError)
	set.SetOutput(stderr)
	set.BoolVar(&f.json, "json", false, "end with one line of JSON in place of the table")
	set.BoolVar(&f.direct, "direct", false, "send each call by itself, to compare")
	set.IntVar(&f.goroutines, "goroutines", 512, "how many look up tickets at the same time")
	set.Float64Var(&f.speed, "speed", 5, "how much faster than life the stand-in's clock runs")
	set.Float64Var(&f.phase, "phase", 0, "where in the stand-in's window the first request falls: 0 to 1")
	if err := set.Parse(args); err != nil {
		return f, err
	}
	switch {
	case set.NArg() > 0:
		return f, fmt.Errorf("unexpected argument %q: see --help", set.Arg(0))
	case f.goroutines < 1:
		return f, fmt.Errorf("--goroutines %d: it must be at least 1", f.goroutines)
	case f.speed <= 0:
		return f, fmt.Errorf("--speed %v: it must be above 0", f.speed)
	case f.phase < 0 || f.phase >= 1:
		return f, fmt.Errorf("--phase %v: it must be from 0 to under 1", f.phase)
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
	d, err := newDesk(clock.Scaled(f.speed), f)
	if err != nil {
		return err
	}
	defer d.provider.Close()
	server, err := d.provider.Listen()
	if err != nil {
		return err
	}
	result, err := d.enrich(ctx, f, zendesk.WithBaseURL(server.URL))
	if err != nil {
		return err
	}
	if f.json {
		return json.NewEncoder(stdout).Encode(result)
	}
	return result.table(stdout)
}

// outcome is what became of the calls, by the stand-in's own counting. Seconds are
// of the provider's time.
type outcome struct {
	Calls    int     `json:"calls"`
	Requests int     `json:"requests"`
	Refused  int     `json:"refused"`
	Lost     int     `json:"lost"` // tickets without their requester, or with another's
	Seconds  float64 `json:"seconds"`
}

func (o outcome) table(w io.Writer) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	for _, row := range []struct {
		name  string
		value any
	}{
		{"calls", o.Calls}, {"requests", o.Requests}, {"refused", o.Refused}, {"lost", o.Lost},
		{"time", time.Duration(o.Seconds * float64(time.Second)).Round(100 * time.Millisecond)},
	} {
		fmt.Fprintf(table, "%s\t%v\t\n", row.name, row.value)
	}
	return table.Flush()
}
