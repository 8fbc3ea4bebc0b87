package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/weirkit/weir/runtime"
	"github.com/weirkit/weir/runtime/clock"
)

// readVirtually reads all repositories in virtual time.
func readVirtually(t *testing.T, f flags, way way) *outcome {
	t.Helper()
	hub, err := newHub(clock.Real, f)
	if err != nil {
		t.Fatal(err)
	}
	defer hub.Close()
	got, err := hub.read(t.Context(), way, runtime.WithTransport(hub.provider.Transport()))
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestAliasesTakeTwoRequests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		got := readVirtually(t, flags{}, byAliases)
		if got.Calls != 100 || got.Requests > 2 || got.Points > 2 || got.Refused != 0 || got.Lost != 0 || got.Seconds > 0.7 {
			t.Errorf("%+v", got)
		}
		got = readVirtually(t, flags{}, byREST)
		if got.Calls != 100 || got.Requests != 100 || got.Points != 100 || got.Refused != 0 || got.Lost != 0 {
			t.Errorf("REST: %+v", got)
		}
	})
}

// What computes too much is asked for in parts, and what is gone is told of that alone.
func TestAliasesAreSplitAndTellWhatIsGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		got := readVirtually(t, flags{work: 100, gone: 3}, byAliases)
		if got.Lost != 0 || got.Missing != 3 || got.Refused != 0 || got.Requests < 8 || got.Requests > 16 || got.Points != got.Requests {
			t.Errorf("%+v", got)
		}
		if got = readVirtually(t, flags{gone: 3}, byREST); got.Lost != 0 || got.Missing != 3 || got.Requests != 100 {
			t.Errorf("REST: %+v", got)
		}
	})
}

func TestRun(t *testing.T) {
	for _, args := range []string{"", "--rest"} {
		var out bytes.Buffer
		if err := run(t.Context(), strings.Fields("--json --speed 2 "+args), &out, io.Discard); err != nil {
			t.Fatal(err)
		}
		var got map[string]any
		if err := json.Unmarshal(out.Bytes(), &got); err != nil || strings.Count(out.String(), "\n") != 1 {
			t.Fatalf("printed %q: %v", out.String(), err)
		}
		for _, member := range []string{"calls", "requests", "refused", "lost", "seconds", "points"} {
			if _, ok := got[member].(float64); !ok {
				t.Errorf("%s has no %s", out.String(), member)
			}
		}
		if _, both := got["rest"]; both == (args == "--rest") || got["lost"] != 0.0 || got["refused"] != 0.0 {
			t.Errorf("%s: %s", args, out.String())
		}
	}
}

func TestRunEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := run(ctx, nil, io.Discard, io.Discard); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestFlags(t *testing.T) {
	for _, args := range []string{"--speed 0", "--work -1", "--gone -1", "--gone 101", "now", "--unheard"} {
		if err := run(t.Context(), strings.Fields(args), io.Discard, io.Discard); err == nil {
			t.Errorf("%s: no error", args)
		}
	}
	if err := run(t.Context(), []string{"--help"}, io.Discard, io.Discard); err != nil {
		t.Error(err)
	}
}

func TestTable(t *testing.T) {
	var out bytes.Buffer
	o := outcome{Calls: 100, Requests: 2, Points: 2, Seconds: 0.517, Missing: 1, REST: &outcome{Calls: 100, Requests: 100, Points: 100, Seconds: 0.3}}
	if err := o.writeTable(&out); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"by aliases", "by REST", "missing", "520ms"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %s in\n%s", want, out.String())
		}
	}
}
