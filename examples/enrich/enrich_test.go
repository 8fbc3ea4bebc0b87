package main

import (
	"bytes"
	"encoding/json"
	"io"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/weirkit/weir/runtime"
	"github.com/weirkit/weir/runtime/clock"
)

// In virtual time 10,000 calls take about a hundredth of the requests, in whatever
// phase of the provider's window they begin, and nobody gets another's user.
func TestBatchEnriches(t *testing.T) {
	tests := []struct {
		name          string
		flags         flags
		least, most   int // requests
		seconds, more float64
	}{
		{"512 at once", flags{goroutines: 512}, 100, 120, 0, 30},
		{"512 at once, phase 0.9", flags{goroutines: 512, phase: 0.9}, 100, 120, 0, 30},
		{"64 at once", flags{goroutines: 64}, 157, 180, 0, 60},
		{"one after the other", flags{goroutines: 1}, 10_000, 10_000, 0, 1e4},
		{"each by itself", flags{goroutines: 64, direct: true}, 10_000, 10_000, 840, 870}, // 14 turns of the window
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d, err := newDesk(clock.Real, tt.flags)
				if err != nil {
					t.Fatal(err)
				}
				defer d.provider.Close()
				got, err := d.enrich(t.Context(), tt.flags, runtime.WithTransport(d.provider.Transport()))
				if err != nil {
					t.Fatal(err)
				}
				if got.Calls != ticketCount || got.Refused != 0 || got.Lost != 0 || got.Requests < tt.least || got.Requests > tt.most || got.Seconds < tt.seconds || got.Seconds > tt.more {
					t.Errorf("outcome = %+v", got)
				}
			})
		})
	}
}

// A ticket whose requester the provider does not know ends the program with that
// error, and no other caller has it for theirs.
func TestBatchOfAnUnknownUser(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, err := newDesk(clock.Real, flags{})
		if err != nil {
			t.Fatal(err)
		}
		defer d.provider.Close()
		zd, err := d.client(flags{speed: 1}, runtime.WithTransport(d.provider.Transport()))
		if err != nil {
			t.Fatal(err)
		}
		tickets := exported()[:300]
		tickets[150].RequesterID = 7
		err = nameRequesters(t.Context(), zd, tickets, 300)
		const want = `Users.Show: 404 Not Found: Users.ShowMany has nothing for "7"`
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("error %v", err)
		}
	})
}

func TestRun(t *testing.T) {
	var stdout bytes.Buffer
	if err := run(t.Context(), strings.Fields("--json --speed 50"), &stdout, io.Discard); err != nil {
		t.Fatal(err)
	}
	var got outcome
	if err := json.Unmarshal(stdout.Bytes(), &got); err != nil || strings.Count(stdout.String(), "\n") != 1 {
		t.Fatalf("%v in %q", err, stdout.String())
	}
	if got.Calls != ticketCount || got.Refused != 0 || got.Lost != 0 {
		t.Errorf("outcome = %+v", got)
	}
	stdout.Reset()
	if err := got.table(&stdout); err != nil || !strings.Contains(stdout.String(), "refused") {
		t.Errorf("%v: %s", err, stdout.String())
	}
	for _, args := range []string{"--goroutines 0", "--speed 0", "--phase 1", "--phase -1", "more", "--unknown"} {
		if err := run(t.Context(), strings.Fields(args), io.Discard, io.Discard); err == nil {
			t.Errorf("%s: no error", args)
		}
	}
}
