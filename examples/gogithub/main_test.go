package main

import (
	"bytes"
	"encoding/json"
	"io"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/weirkit/weir/runtime/clock"
)

// readVirtually reads all repositories in virtual time.
func readVirtually(t *testing.T, f flags) outcome {
	hub, err := newHub(clock.Real)
	if err != nil {
		t.Fatal(err)
	}
	defer hub.Close()
	read, err := readAll(t.Context(), f, "https://api.github.com", hub.provider.Transport(), hub.clock)
	if err != nil {
		t.Fatal(err)
	}
	return hub.outcome(read)
}

// On the transport nothing is refused and nothing lost, and it takes no longer than
// 900 points a minute make it.
func TestTransportIsNeverRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		got := readVirtually(t, flags{})
		if got.Requests != repositories || got.Refused != 0 || got.Lost != 0 || got.Seconds > 125 {
			t.Errorf("outcome = %+v", got)
		}
	})
}

func TestWithoutItMostIsLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		got := readVirtually(t, flags{naive: true})
		if got.Refused == 0 || got.Lost < repositories-900 {
			t.Errorf("outcome = %+v: the stand-in does not refuse what it should", got)
		}
	})
}

func TestRun(t *testing.T) {
	var out bytes.Buffer
	if err := run(t.Context(), []string{"--json", "--speed=100"}, &out, io.Discard); err != nil {
		t.Fatal(err)
	}
	var got map[string]float64
	if err := json.Unmarshal(out.Bytes(), &got); err != nil || strings.Count(out.String(), "\n") != 1 {
		t.Fatalf("printed %q: %v", out.String(), err)
	}
	for _, member := range []string{"calls", "requests", "refused", "lost", "seconds"} {
		if _, ok := got[member]; !ok {
			t.Errorf("%s has no %s", out.String(), member)
		}
	}
	if got["refused"] != 0 || got["lost"] != 0 {
		t.Errorf("outcome = %s", out.String())
	}
}

func TestFlags(t *testing.T) {
	for _, args := range [][]string{{"--speed=0"}, {"now"}, {"--unheard"}} {
		if err := run(t.Context(), args, io.Discard, io.Discard); err == nil {
			t.Errorf("%q: no error", args)
		}
	}
	if err := run(t.Context(), []string{"--help"}, io.Discard, io.Discard); err != nil {
		t.Error(err)
	}
}

func TestTable(t *testing.T) {
	var out bytes.Buffer
	if err := (outcome{Calls: 2000, Requests: 2000, Seconds: 123.153}).writeTable(&out); err != nil || !strings.Contains(out.String(), "2m3.2s") {
		t.Errorf("printed %s, %v", out.String(), err)
	}
}
