package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// argsVariable of the environment has a test run the whole program as another process.
const argsVariable = "FLEET_ARGS"

func TestMain(m *testing.M) {
	if _, is := os.LookupEnv(workerVariable); is {
		main()
		os.Exit(0)
	}
	if args, is := os.LookupEnv(argsVariable); is {
		os.Args = append(os.Args[:1], strings.Fields(args)...)
		main()
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// The clock is slower than by default, so that a machine that is busy with other
// tests does not hold a process up for longer than it may be.
const slowly = "--speed 12 --windows 2 "

var line = regexp.MustCompile(`^\{"processes":3,"requests":\d+,"refused":\d+,"lost":\d+,"utilisation":[\d.]+,"redis_calls_per_request":[\d.]+\}\n$`)

// Whatever fails, nothing is refused and nothing lost. The runs are side by side,
// since they wait for most of their time.
func TestFleet(t *testing.T) {
	t.Parallel()
	var runs sync.WaitGroup
	for name, args := range map[string]string{
		"equal demand":             "",
		"one has all":              "--demand one",
		"one comes and goes":       "--demand changing",
		"Redis is killed":          "--kill-redis --kill-at 50s",
		"Redis is killed, emptied": "--kill-redis --kill-at 50s --empty",
		"a process is killed":      "--kill-process",
	} {
		runs.Go(func() {
			var stdout bytes.Buffer
			if err := run(t.Context(), strings.Fields(slowly+"--json "+args), &stdout, os.Stderr); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			var got outcome
			if err := json.Unmarshal(stdout.Bytes(), &got); err != nil || !line.Match(stdout.Bytes()) {
				t.Errorf("%s: it ends with %q: %v", name, stdout.String(), err)
			}
			if got.Requests < 2*limit || got.Refused != 0 || got.Lost != 0 || got.Utilisation <= 0 || got.Utilisation > 1 || got.RedisCalls <= 0 {
				t.Errorf("%s: %+v", name, got)
			}
		})
	}
	runs.Wait()
}

// However the program ends, its processes do: all of them have its stderr, which
// ends with the last of them.
func TestNoneIsLeftBehind(t *testing.T) {
	t.Parallel()
	var runs sync.WaitGroup
	for _, signal := range []os.Signal{syscall.SIGKILL, syscall.SIGINT, syscall.SIGTERM} {
		runs.Go(func() {
			if err := endedBy(t, signal); err != nil {
				t.Errorf("%v: %v", signal, err)
			}
		})
	}
	runs.Wait()
}

// endedBy sends the program a signal in the midst of its work.
func endedBy(t *testing.T, signal os.Signal) error {
	reader, writer, err := os.Pipe()
	if err != nil {
		return err
	}
	defer reader.Close()
	program := exec.Command(os.Args[0])
	program.Env = append(os.Environ(), argsVariable+"=--speed 60 --json", "TMPDIR="+t.TempDir())
	program.Stderr = writer
	err = program.Start()
	writer.Close()
	if err != nil {
		return err
	}
	if _, err := reader.Read(make([]byte, 1)); err != nil { // it tells that the first window has ended
		return err
	}
	if err := program.Process.Signal(signal); err != nil {
		return err
	}
	if err := reader.SetReadDeadline(time.Now().Add(30 * time.Second)); err != nil {
		return err
	}
	rest, err := io.ReadAll(reader)
	if err != nil {
		return fmt.Errorf("processes are left: %w", err)
	}
	if err := program.Wait(); err == nil {
		return errors.New("it ended well")
	}
	if signal != syscall.SIGKILL && !bytes.Contains(rest, []byte("fleet: interrupted")) {
		return fmt.Errorf("it said %q", rest)
	}
	return nil
}

func TestWithoutRedisServer(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	err := run(t.Context(), nil, io.Discard, os.Stderr)
	if err == nil || !strings.Contains(err.Error(), "apt-get install redis-server") {
		t.Errorf("error %v", err)
	}
}

func TestFlags(t *testing.T) {
	f, err := parseFlags(nil, io.Discard)
	want := flags{processes: 3, windows: 10, speed: 20, demand: "equal", killAt: 4*time.Minute + 40*time.Second}
	if err != nil || f != want {
		t.Errorf("without any: %+v, %v", f, err)
	}
	for args, want := range map[string]string{
		"--processes 0":                  "from 1 to 32",
		"--processes 33":                 "from 1 to 32",
		"--windows 0":                    "at least 1",
		"--speed 0":                      "above 0",
		"--speed NaN":                    "above 0",
		"--demand some":                  "choose equal, one or changing",
		"--empty":                        "give --kill-redis too",
		"--kill-at 1m":                   "give --kill-redis too",
		"--kill-redis --kill-at 11m":     "from 0 to 10m",
		"--kill-redis --kill-at -1s":     "from 0 to 10m",
		"--kill-redis --kill-at tomorow": "invalid value",
		"more":                           "unexpected argument",
		"--unknown":                      "not defined",
	} {
		if _, err := parseFlags(strings.Fields(args), io.Discard); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, which does not say %q", args, err, want)
		}
	}
	if err := run(t.Context(), []string{"--help"}, io.Discard, os.Stderr); err != nil {
		t.Errorf("--help: %v", err)
	}
}

// What a process had that is gone is read by its successor, and what is read twice
// or never is lost.
func TestQueue(t *testing.T) {
	q, a, b := newQueue(3), &process{}, &process{}
	first, _ := q.take(a)
	second, _ := q.take(a)
	third, _ := q.take(b)
	if _, ok := q.take(b); ok {
		t.Error("a fourth of three")
	}
	q.done(a, first)
	q.done(b, third)
	q.giveBack(a)
	if again, ok := q.take(b); !ok || again != second {
		t.Errorf("given back: %d, %v, want %d", again, ok, second)
	}
	if q.complete() || q.lost() != 1 {
		t.Errorf("complete is %v and %d are lost, with one yet to read", q.complete(), q.lost())
	}
	q.done(b, second)
	if !q.complete() || q.lost() != 0 {
		t.Errorf("complete is %v and %d are lost, with all read", q.complete(), q.lost())
	}
	q.done(b, first)
	if q.lost() != 1 {
		t.Errorf("%d are lost, with one read twice", q.lost())
	}
}

func TestOutcome(t *testing.T) {
	good := outcome{Processes: 3, Requests: 7000, Utilisation: 0.9986, RedisCalls: 0.1131}
	var text bytes.Buffer
	if err := good.table(&text); err != nil || !strings.Contains(text.String(), "99.9%") || !strings.Contains(text.String(), "0.113") {
		t.Errorf("%v: %s", err, text.String())
	}
	if err := good.verdict(); err != nil {
		t.Error(err)
	}
	for _, bad := range []outcome{{Refused: 1}, {Lost: 1}} {
		if bad.verdict() == nil {
			t.Errorf("%+v is no error", bad)
		}
	}
}

// A worker that fails ends the run with what it was.
func TestWorkerThatFails(t *testing.T) {
	told := make(chan news, 8)
	p, err := startProcess(0, orders{Speed: 20}, os.Stderr, told)
	if err != nil {
		t.Fatal(err)
	}
	defer p.input.Close()
	f := &fleet{told: told}
	if err := f.hear(<-told); err == nil || !strings.Contains(err.Error(), " has ended before its work: exit status 1") {
		t.Errorf("error %v", err)
	}
	if err := f.hear(news{from: p, message: message{Article: firstArticle, Title: "Another"}}); err == nil {
		t.Error("a wrong article is no error")
	}
	if err := work(context.Background(), "{", strings.NewReader(""), io.Discard); err == nil {
		t.Error("orders that cannot be read are no error")
	}
}
