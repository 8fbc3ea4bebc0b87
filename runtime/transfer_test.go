package runtime_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"github.com/weirkit/weir/runtime"
)

const uploadURL = "https://files.desk.example/up/1?sig=" + planted

// lying is a stream whose length nobody can see.
func lying(text string) io.Reader { return iotest.OneByteReader(strings.NewReader(text)) }

// pipe has the method Seek, and cannot.
type pipe struct{ io.Reader }

func (pipe) Seek(int64, int) (int64, error) { return 0, errors.New("illegal seek") }

func TestTransfer(t *testing.T) {
	later := strings.NewReader("skipped text")
	later.Seek(8, io.SeekStart)
	tests := map[string]struct {
		content io.Reader
		size    int64
		answers []func() (*http.Response, error)
		sent    []string // bodies
		err     error
	}{
		"seekable, length told":      {content: strings.NewReader("text"), size: 4, sent: []string{"text"}},
		"seekable, length not told":  {content: bytes.NewReader([]byte("text")), size: -1, sent: []string{"text"}},
		"from where it stands":       {content: later, size: -1, sent: []string{"text"}},
		"stream":                     {content: lying("text"), size: 4, sent: []string{"text"}},
		"pipe":                       {content: pipe{lying("text")}, size: 4, sent: []string{"text"}},
		"nothing":                    {content: strings.NewReader(""), size: 0, sent: []string{""}},
		"nothing to stream":          {content: lying(""), size: 0, sent: []string{""}},
		"sent again":                 {content: strings.NewReader("text"), size: 4, answers: []func() (*http.Response, error){giving(503, ""), failing(errConnection), giving(200, "")}, sent: []string{"text", "text", "text"}},
		"too often":                  {content: strings.NewReader("t"), size: 1, answers: []func() (*http.Response, error){giving(503, "")}, sent: []string{"t", "t", "t", "t", "t"}, err: runtime.ErrUnavailable},
		"a stream has one attempt":   {content: lying("text"), size: 4, answers: []func() (*http.Response, error){giving(503, ""), giving(200, "")}, sent: []string{"text"}, err: runtime.ErrUnavailable},
		"a pipe has one attempt":     {content: pipe{lying("text")}, size: 4, answers: []func() (*http.Response, error){giving(503, ""), giving(200, "")}, sent: []string{"text"}, err: runtime.ErrUnavailable},
		"refused":                    {content: strings.NewReader("text"), size: 4, answers: []func() (*http.Response, error){giving(403, "")}, sent: []string{"text"}, err: runtime.ErrForbidden},
		"redirected":                 {content: strings.NewReader("text"), size: 4, answers: []func() (*http.Response, error){giving(307, "", "Location", "https://evil.example/?"+planted)}, sent: []string{"text"}, err: runtime.ErrRedirect},
		"shorter than said":          {content: lying("tex"), size: 4, err: runtime.ErrLength},
		"longer than said":           {content: lying("text!"), size: 4, err: runtime.ErrLength},
		"shorter, seekable":          {content: strings.NewReader("tex"), size: 4, err: runtime.ErrLength},
		"longer, seekable":           {content: strings.NewReader("text!"), size: 4, err: runtime.ErrLength},
		"something where nothing is": {content: lying("t"), size: 0, err: runtime.ErrLength},
		"unreadable":                 {content: iotest.ErrReader(io.ErrNoProgress), size: 4, err: io.ErrNoProgress},
		"unreadable at the end":      {content: io.MultiReader(lying("text"), iotest.ErrReader(io.ErrNoProgress)), size: 4, err: io.ErrNoProgress},
		"of unknown length":          {content: lying("text"), size: -1, err: runtime.ErrInvalidArgument},
		"a pipe of unknown length":   {content: pipe{lying("text")}, size: -1, err: runtime.ErrInvalidArgument},
		"none":                       {err: runtime.ErrInvalidArgument},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				if tt.answers == nil {
					tt.answers = append(tt.answers, giving(200, "OK - 4"))
				}
				p := inTurn(tt.answers...)
				c := connect(t, limited(perMinute("support", 5)), p, runtime.WithBearer(planted), runtime.WithHeader("Cookie", planted))
				body, err := c.Transfer(t.Context(), runtime.Transfer{
					Operation: "Files.Upload", URL: uploadURL, Domain: "desk.example", Content: tt.content, Size: tt.size,
				})
				if !errors.Is(err, tt.err) || err == nil && tt.err != nil {
					t.Errorf("error = %v, want %v", err, tt.err)
				}
				if err != nil && failure(t, err).Operation != "Files.Upload" {
					t.Errorf("error of %q", failure(t, err).Operation)
				}
				if err == nil && len(tt.answers) == 1 && string(body) != "OK - 4" {
					t.Errorf("body = %q", body)
				}
				if s := leaks(err); s != "" {
					t.Errorf("the error has the address: %s", s)
				}
				var sent []string
				for _, s := range p.requests() {
					sent = append(sent, s.body)
					for name, values := range s.header {
						if strings.Contains(strings.Join(values, ""), planted) {
							t.Errorf("sent %s: %s", name, values)
						}
					}
					if s.url != "POST "+uploadURL || s.header.Get("Content-Type") != "application/octet-stream" {
						t.Errorf("sent %s, %v", s.url, s.header)
					}
				}
				if strings.Join(sent, "|") != strings.Join(tt.sent, "|") || len(sent) != len(tt.sent) {
					t.Errorf("sent %q, want %q", sent, tt.sent)
				}
				if used(c, "support") != 0 {
					t.Error("it was charged")
				}
			})
		})
	}
}

// Content goes nowhere but where it may.
func TestTransferTargets(t *testing.T) {
	tests := map[string]struct {
		url, domain string
		ok          bool
	}{
		"the domain":             {"https://desk.example/up", "desk.example", true},
		"below it":               {"https://a.b.desk.example:8443/up", "desk.example", true},
		"in capitals":            {"https://FILES.Desk.Example/up", "desk.example", true},
		"the client's own host":  {"https://acme.desk.example/up", "", true},
		"another domain":         {"https://evil.example/up?" + planted, "desk.example", false},
		"one that ends the same": {"https://evildesk.example/up", "desk.example", false},
		"one that begins so":     {"https://desk.example.evil.example/up", "desk.example", false},
		"no domain told":         {"https://files.desk.example/up", "", false},
		"not secure":             {"http://files.desk.example/up", "desk.example", false},
		"another scheme":         {"file://files.desk.example/etc/passwd", "desk.example", false},
		"a user":                 {"https://" + planted + "@desk.example/up", "desk.example", false},
		"a user before another":  {"https://desk.example@evil.example/up", "desk.example", false},
		"no host":                {"/up", "desk.example", false},
		"opaque":                 {"https:desk.example", "desk.example", false},
		"nothing":                {"", "desk.example", false},
		"no address":             {"https://%zz/" + planted, "desk.example", false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			p := always(200, "")
			_, err := connect(t, desk(), p, runtime.WithBearer("t")).Transfer(t.Context(), runtime.Transfer{
				Operation: "Files.Upload", URL: tt.url, Domain: tt.domain, Content: strings.NewReader("x"), Size: 1,
			})
			if tt.ok != (err == nil) || !tt.ok && !errors.Is(err, runtime.ErrInvalidArgument) || len(p.requests()) > 0 != tt.ok || leaks(err) != "" {
				t.Errorf("error = %v, %d requests", err, len(p.requests()))
			}
		})
	}
	p := always(200, "")
	c := connect(t, desk(), p, runtime.WithBaseURL("http://127.0.0.1:8080/api"))
	if _, err := c.Transfer(t.Context(), runtime.Transfer{URL: "http://127.0.0.1:8080/up", Content: strings.NewReader("x"), Size: 1}); err != nil {
		t.Errorf("a stand-in's own address: %v", err)
	}
}

// What the length is told to be is what is announced.
func TestTransferAnnouncesItsLength(t *testing.T) {
	var announced []int64
	p := answering(func(_ int, r *http.Request) (*http.Response, error) {
		announced = append(announced, r.ContentLength)
		return reply(200, ""), nil
	})
	for _, content := range []io.Reader{strings.NewReader("text"), lying("text")} {
		if _, err := connect(t, desk(), p).Transfer(t.Context(), runtime.Transfer{URL: uploadURL, Domain: "desk.example", Content: content, Size: 4}); err != nil {
			t.Fatal(err)
		}
	}
	if len(announced) != 2 || announced[0] != 4 || announced[1] != 4 {
		t.Errorf("announced %d bytes", announced)
	}
}

// A large transfer has the time that it needs, and ends with its context.
func TestTransferTakesItsTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		started := make(chan struct{})
		never := answering(func(_ int, r *http.Request) (*http.Response, error) {
			close(started)
			<-r.Context().Done()
			return nil, r.Context().Err()
		})
		c := connect(t, desk(), never)
		send := func(ctx context.Context) error {
			_, err := c.Transfer(ctx, runtime.Transfer{URL: uploadURL, Domain: "desk.example", Content: bytes.NewReader(make([]byte, 640<<10)), Size: -1}, once)
			return err
		}
		start := time.Now()
		if err := send(t.Context()); err == nil || time.Since(start) != 70*time.Second {
			t.Errorf("error %v after %v", err, time.Since(start))
		}
		started = make(chan struct{})
		ctx, cancel := context.WithCancel(t.Context())
		go func() { <-started; cancel() }()
		if err := send(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("error = %v", err)
		}
	})
}
