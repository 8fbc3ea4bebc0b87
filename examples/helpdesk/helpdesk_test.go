package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	gort "runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/weirkit/weir/runtime"
	"github.com/weirkit/weir/runtime/clock"
)

// TestMain lets a test run the program itself as another process.
func TestMain(m *testing.M) {
	if args, ok := os.LookupEnv("HELPDESK_ARGS"); ok {
		if err := run(context.Background(), strings.Fields(args), os.Stdout, os.Stderr); err != nil {
			os.Stderr.WriteString(err.Error())
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func newStore(t *testing.T, path string, resume bool) *store {
	t.Helper()
	out, err := openStore(path, resume)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { out.Close() })
	return out
}

// In virtual time a sync takes as long as the provider's limit makes it, in
// whatever phase of the provider's window it begins and whatever the headers tell.
func TestSyncInVirtualTime(t *testing.T) {
	tests := []struct {
		name     string
		flags    flags
		requests int
		ratio    float64
	}{
		{"phase 0", flags{headers: "default"}, 2055, 1.02},
		{"phase 0.25", flags{headers: "default", phase: 0.25}, 2055, 1.02},
		{"phase 0.5", flags{headers: "default", phase: 0.5}, 2055, 1.02},
		{"phase 0.9", flags{headers: "default", phase: 0.9}, 2055, 1.02},
		{"documented headers", flags{headers: "documented"}, 2055, 1.06},
		{"documented headers, phase 0.5", flags{headers: "documented", phase: 0.5}, 2055, 1.42},
		{"no headers", flags{headers: "none"}, 2055, 1.06},
		{"no headers, phase 0.5", flags{headers: "none", phase: 0.5}, 2055, 1.42},
		{"a tenth left to others", flags{headers: "default", leave: 0.1}, 2055, 1.02},
		{"largest pages", flags{headers: "default", pages: true}, 21, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			out := newStore(t, filepath.Join(t.TempDir(), "out"), false)
			synctest.Test(t, func(t *testing.T) {
				got := syncVirtually(t, tt.flags, out)
				if got.Requests != tt.requests || got.Refused != 0 || got.Lost != 0 || got.Articles != articleCount || got.Twice != 0 {
					t.Errorf("outcome = %+v", got)
				}
				if got.Ratio != nil && *got.Ratio > tt.ratio {
					t.Errorf("it took %.4f of the least possible time, more than %v", *got.Ratio, tt.ratio)
				}
			})
		})
	}
}

// Whatever nonsense the headers tell, nothing is lost.
func TestSyncWithWrongHeaders(t *testing.T) {
	out := newStore(t, filepath.Join(t.TempDir(), "out"), false)
	synctest.Test(t, func(t *testing.T) {
		if got := syncVirtually(t, flags{headers: "wrong"}, out); got.Lost != 0 || got.Articles != articleCount {
			t.Errorf("outcome = %+v", got)
		}
	})
}

func syncVirtually(t *testing.T, f flags, out *store) *outcome {
	t.Helper()
	desk, err := newDesk(clock.Real, f)
	if err != nil {
		t.Fatal(err)
	}
	defer desk.Close()
	bar := &progress{clock: clock.Real}
	if err := desk.sync(t.Context(), f, runtime.WithTransport(desk.provider.Transport()), out, bar); err != nil {
		t.Fatal(err)
	}
	return desk.outcome(out, f)
}

// The time left that the bar shows is the time that is left, while the sync
// goes and while it waits.
func TestTimeLeft(t *testing.T) {
	out := newStore(t, filepath.Join(t.TempDir(), "out"), false)
	synctest.Test(t, func(t *testing.T) {
		desk, err := newDesk(clock.Real, flags{headers: "default", phase: 0.5})
		if err != nil {
			t.Fatal(err)
		}
		defer desk.Close()
		bar := &progress{clock: clock.Real}
		told := map[time.Time]time.Duration{}
		go func() {
			for range 8 {
				time.Sleep(10 * time.Second)
				bar.mu.Lock()
				told[time.Now()] = bar.left()
				bar.mu.Unlock()
			}
		}()
		if err := desk.sync(t.Context(), flags{}, runtime.WithTransport(desk.provider.Transport()), out, bar); err != nil {
			t.Fatal(err)
		}
		end := time.Now()
		if len(told) < 8 {
			t.Fatalf("told %d times", len(told))
		}
		for at, left := range told {
			if want := end.Sub(at); (left - want).Abs() > 5*time.Second {
				t.Errorf("%v left, told were %v", want, left)
			}
		}
	})
}

// Killed at any moment and started again, the sync has each article once.
func TestResumeAfterKill(t *testing.T) {
	for _, mode := range []string{"", "--pages"} {
		for _, lines := range []int{0, 1, 777, 1999} {
			path := filepath.Join(t.TempDir(), "out")
			args := "--json --speed 400 --out " + path + " " + mode
			killed := program(t, args, nil)
			if err := killed.Start(); err != nil {
				t.Fatal(err)
			}
			for countLines(path) < lines {
				gort.Gosched()
			}
			killed.Process.Kill()
			killed.Wait() // it was killed: the error says so
			var stdout bytes.Buffer
			if err := program(t, args+" --resume", &stdout).Run(); err != nil {
				t.Fatal(err)
			}
			var got outcome
			if err := json.Unmarshal(stdout.Bytes(), &got); err != nil {
				t.Fatalf("%v in %q", err, stdout.String())
			}
			if got.Articles != articleCount || got.Lost != 0 || got.Twice != 0 || got.Resumed < lines {
				t.Errorf("killed at %d lines%s: %+v", lines, mode, got)
			}
			if n := countLines(path); n != articleCount {
				t.Errorf("killed at %d lines%s: the file has %d", lines, mode, n)
			}
		}
	}
}

func program(t *testing.T, args string, stdout io.Writer) *exec.Cmd {
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), "HELPDESK_ARGS="+args)
	cmd.Stdout = stdout
	return cmd
}

func countLines(path string) int {
	content, err := os.ReadFile(path)
	if err != nil {
		return 0 // not there yet
	}
	return bytes.Count(content, []byte("\n"))
}

// A program that was killed while writing leaves a torn line, which is cut off.
func TestStoreCutsATornLine(t *testing.T) {
	path := filepath.Join(t.TempDir(), "out")
	if err := os.WriteFile(path, []byte("{\"id\":1}\n{\"id\":2,\"ti"), 0o644); err != nil {
		t.Fatal(err)
	}
	out := newStore(t, path, true)
	if !out.has(1) || out.has(2) || out.found != 1 {
		t.Errorf("the store has %v", out.have)
	}
	for _, id := range []int64{2, 2, 1} {
		if err := out.put(id, json.RawMessage(`{ "id": 2 }`)); err != nil {
			t.Fatal(err)
		}
	}
	if content, _ := os.ReadFile(path); string(content) != "{\"id\":1}\n{\"id\":2}\n" {
		t.Errorf("the file is %q", content)
	}
}

func TestFlags(t *testing.T) {
	bad := []string{"--speed 0", "--phase 2", "--phase -1", "--leave 1", "--headers some", "--naive --pages", "--naive --live", "more", "--unknown"}
	for _, args := range bad {
		if _, err := parseFlags(strings.Fields(args), io.Discard); err == nil {
			t.Errorf("%s: no error", args)
		}
	}
	t.Setenv("ZENDESK_TOKEN", "")
	if _, err := syncLive(t.Context(), flags{}, nil, os.Stderr); err == nil {
		t.Error("--live without credentials: no error")
	}
}

func TestMinimumTime(t *testing.T) {
	tests := []struct {
		requests int
		phase    float64
		want     float64
	}{{2055, 0, 120}, {2055, 0.5, 90}, {700, 0, 0}, {701, 0, 60}, {1400, 0.25, 45}, {0, 0, 0}}
	for _, tt := range tests {
		if got := minimumTime(tt.requests, 700, 60e9, tt.phase).Seconds(); got != tt.want {
			t.Errorf("minimumTime(%d, phase %v) = %v s, want %v", tt.requests, tt.phase, got, tt.want)
		}
	}
}
