package slack_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"github.com/weirkit/weir/runtime"
	"github.com/weirkit/weir/runtime/providertest"
	"github.com/weirkit/weir/sdk/slack"
)

// stream is content that tells nothing of its length.
func stream(text string) io.Reader { return iotest.HalfReader(strings.NewReader(text)) }

func TestUpload(t *testing.T) {
	share := &slack.Share{ChannelID: "C1", ThreadTS: "1.2", InitialComment: "Look"}
	tests := map[string]struct {
		file     slack.Upload
		refusing []int
		sent     []string
		err      error
		contains string
	}{
		"seekable":            {file: slack.Upload{Filename: "a.txt", Content: strings.NewReader("text")}, sent: []string{"text"}},
		"stream":              {file: slack.Upload{Filename: "a.txt", Content: stream("text"), Size: 4}, sent: []string{"text"}},
		"buffered":            {file: slack.Upload{Filename: "a.txt", Content: stream("text")}, sent: []string{"text"}},
		"repeated":            {file: slack.Upload{Filename: "a.txt", Content: strings.NewReader("text")}, refusing: []int{503, 500}, sent: []string{"text", "text", "text"}},
		"buffered, repeated":  {file: slack.Upload{Filename: "a.txt", Content: stream("text")}, refusing: []int{503}, sent: []string{"text", "text"}},
		"stream, repeated":    {file: slack.Upload{Filename: "a.txt", Content: stream("text"), Size: 4}, refusing: []int{503}, sent: []string{"text"}, err: runtime.ErrUnavailable, contains: "can only be read once"},
		"refused":             {file: slack.Upload{Filename: "a.txt", Content: stream("text"), Size: 4}, refusing: []int{403}, sent: []string{"text"}, err: runtime.ErrForbidden},
		"shorter":             {file: slack.Upload{Filename: "a.txt", Content: stream("tex"), Size: 4}, err: runtime.ErrLength, contains: "ended after 3 bytes, and 4 were said"},
		"longer":              {file: slack.Upload{Filename: "a.txt", Content: stream("text!"), Size: 4}, err: runtime.ErrLength, contains: "goes on after 4 bytes"},
		"shorter, seekable":   {file: slack.Upload{Filename: "a.txt", Content: strings.NewReader("tex"), Size: 4}, err: runtime.ErrLength, contains: "3 bytes, and 4 were said"},
		"longer, seekable":    {file: slack.Upload{Filename: "a.txt", Content: strings.NewReader("text!"), Size: 4}, err: runtime.ErrLength},
		"unreadable":          {file: slack.Upload{Filename: "a.txt", Content: iotest.ErrReader(io.ErrClosedPipe)}, err: io.ErrClosedPipe},
		"too large to buffer": {file: slack.Upload{Filename: "a.txt", Content: io.MultiReader(bytes.NewReader(make([]byte, slack.MaxBuffered)), stream("x"))}, err: runtime.ErrInvalidArgument, contains: "say its Size"},
		"no name":             {file: slack.Upload{Content: stream("text")}, err: runtime.ErrInvalidArgument},
		"no content":          {file: slack.Upload{Filename: "a.txt"}, err: runtime.ErrInvalidArgument},
		"a negative size":     {file: slack.Upload{Filename: "a.txt", Content: stream("text"), Size: -1}, err: runtime.ErrInvalidArgument},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorkspace(t, providertest.Options{})
				w.refusing = tt.refusing
				tt.file.Title = "A text"
				file, err := w.connect(t).Files.Upload(t.Context(), tt.file, share)
				if !errors.Is(err, tt.err) || (err == nil) != (tt.err == nil) || err != nil && !strings.Contains(err.Error(), tt.contains) {
					t.Errorf("error = %v, want %v with %q", err, tt.err, tt.contains)
				}
				if err == nil && (file.ID != "F1" || file.Title != "A text") {
					t.Errorf("file %s, %q", file.ID, file.Title)
				}
				if err != nil && (strings.Contains(err.Error(), "xoxb") || strings.Contains(err.Error(), "secret-1")) {
					t.Errorf("the error has a secret: %v", err)
				}
				if !slices.Equal(w.uploaded, tt.sent) || w.leaked != nil {
					t.Errorf("uploaded %.20q, with the token: %q", w.uploaded, w.leaked)
				}
				completed := w.Report().Operations["Files.CompleteUploadExternal"].Requests
				if (completed == 1) != (tt.err == nil) {
					t.Errorf("completed %d times", completed)
				}
			})
		})
	}
}

// A file that grows between its being measured and sent is not shared.
func TestUploadOfAFileThatGrows(t *testing.T) {
	for name, change := range map[string]func(f *os.File) error{
		"grows":   func(f *os.File) error { _, err := f.WriteAt([]byte("more"), 4); return err },
		"shrinks": func(f *os.File) error { return f.Truncate(2) },
	} {
		t.Run(name, func(t *testing.T) {
			f, err := os.Create(filepath.Join(t.TempDir(), "a.txt"))
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			if _, err := f.WriteAt([]byte("text"), 0); err != nil {
				t.Fatal(err)
			}
			w := newWorkspace(t, providertest.Options{})
			w.Handle("Files.GetUploadURLExternal", func(*providertest.Call) providertest.Answer {
				if err := change(f); err != nil {
					t.Error(err)
				}
				return providertest.Answer{Body: []byte(`{"ok":true,"file_id":"F1","upload_url":"https://files.slack.com/upload/v1/x"}`)}
			})
			_, err = w.connect(t).Files.Upload(t.Context(), slack.Upload{Filename: "a.txt", Content: f}, nil)
			if !errors.Is(err, runtime.ErrLength) || len(w.uploaded) > 0 || w.Report().Operations["Files.CompleteUploadExternal"].Requests > 0 {
				t.Errorf("error %v, uploaded %q", err, w.uploaded)
			}
		})
	}
}

func TestUploadAll(t *testing.T) {
	w := newWorkspace(t, providertest.Options{})
	sl := w.connect(t)
	content := strings.NewReader("two")
	files := []slack.Upload{{Filename: "1", Content: strings.NewReader("one")}, {Filename: "2", Content: content, Title: "Second"}}
	done, err := sl.Files.UploadAll(t.Context(), files, nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(done) != 2 || done[0].ID != "F1" || done[1].ID != "F2" || done[1].Title != "Second" || !slices.Equal(w.uploaded, []string{"one", "two"}) {
		t.Errorf("done %+v, uploaded %q", done, w.uploaded)
	}
	if files[0].Size != 0 || files[1].Content != content {
		t.Error("the caller's files were changed")
	}
	r := w.Report()
	if r.Operations["Files.CompleteUploadExternal"].Requests != 1 || r.Operations["Files.GetUploadURLExternal"].Requests != 2 {
		t.Errorf("%+v", r.Operations)
	}
	// What is unfit is told before anything is sent.
	files[1].Filename = ""
	before := w.Report().Requests
	if _, err := sl.Files.UploadAll(t.Context(), files, nil); !errors.Is(err, runtime.ErrInvalidArgument) || w.Report().Requests != before {
		t.Errorf("error %v after %d requests", err, w.Report().Requests-before)
	}
	if _, err := sl.Files.UploadAll(t.Context(), nil, nil); !errors.Is(err, runtime.ErrInvalidArgument) {
		t.Errorf("error = %v", err)
	}
}

// Bytes go to Slack's hosts alone, whatever address an answer gives.
func TestUploadElsewhere(t *testing.T) {
	for _, address := range []string{"https://files.evil.example/", "http://files.slack.com/", "https://slack.com.evil.example/", "https://evilslack.com/", ""} {
		w := newWorkspace(t, providertest.Options{})
		w.Handle("Files.GetUploadURLExternal", func(*providertest.Call) providertest.Answer {
			return providertest.Answer{Body: providertest.JSON(map[string]any{"ok": true, "file_id": "F1", "upload_url": address})}
		})
		_, err := w.connect(t).Files.Upload(t.Context(), slack.Upload{Filename: "a.txt", Content: stream("text"), Size: 4}, nil)
		if !errors.Is(err, runtime.ErrInvalidArgument) || len(w.uploaded) > 0 || w.Report().Unrouted > 0 {
			t.Errorf("%q: error %v, uploaded %q", address, err, w.uploaded)
		}
	}
}

// cancelling ends a context as it is read.
type cancelling struct {
	io.Reader
	cancel context.CancelFunc
}

func (c cancelling) Read(p []byte) (int, error) {
	c.cancel()
	return c.Reader.Read(p)
}

func TestUploadIsCancelled(t *testing.T) {
	w := newWorkspace(t, providertest.Options{})
	ctx, cancel := context.WithCancel(t.Context())
	_, err := w.connect(t).Files.Upload(ctx, slack.Upload{Filename: "a.txt", Content: cancelling{stream("text"), cancel}, Size: 4}, nil)
	if !errors.Is(err, context.Canceled) || w.Report().Operations["Files.CompleteUploadExternal"].Requests > 0 {
		t.Errorf("error = %v", err)
	}
}

// Each step waits for the budget of its own method: a hundred addresses a minute.
func TestUploadsWaitForTheirBudget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorkspace(t, providertest.Options{})
		files := make([]slack.Upload, 101)
		for i := range files {
			files[i] = slack.Upload{Filename: "a.txt", Content: strings.NewReader("text")}
		}
		start := time.Now()
		done, err := w.connect(t).Files.UploadAll(t.Context(), files, nil)
		if took := time.Since(start); err != nil || len(done) != 101 || took != time.Minute+time.Millisecond || w.Report().Refused > 0 {
			t.Errorf("%d files took %v, %v, %d refused", len(done), took, err, w.Report().Refused)
		}
	})
}
