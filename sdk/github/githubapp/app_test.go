package githubapp_test

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/weirkit/weir/runtime"
	"github.com/weirkit/weir/runtime/providertest"
	"github.com/weirkit/weir/runtime/retry"
	"github.com/weirkit/weir/sdk/github"
	"github.com/weirkit/weir/sdk/github/githubapp"
)

const planted = "ghs_planted"

var key = sync.OnceValue(func() *rsa.PrivateKey {
	k, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return k
})

func keyPEM() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key())})
}

// server is a GitHub in memory that gives out tokens and knows by itself whether
// an app's own token is right.
type server struct {
	*providertest.Provider
	t       *testing.T
	mu      sync.Mutex
	minted  []string              // the bodies of requests for tokens
	used    map[string]int        // calls by their Authorization
	life    time.Duration         // of tokens
	slow    time.Duration         // before a token comes
	answers []providertest.Answer // instead of tokens, in turn
}

func newServer(t *testing.T) *server {
	t.Helper()
	p, err := providertest.New(&github.API, providertest.Options{Plan: github.PlanInstallation, BasePath: "/api/v3"})
	if err != nil {
		t.Fatal(err)
	}
	s := &server{Provider: p, t: t, used: map[string]int{}, life: time.Hour}
	p.Handle("Apps.CreateInstallationAccessToken", s.mint)
	p.Handle("Repos.Get", func(c *providertest.Call) providertest.Answer {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.used[c.Request.Header.Get("Authorization")]++
		return providertest.Answer{Body: []byte(`{"id": 1, "name": "weir"}`)}
	})
	return s
}

func (s *server) mint(c *providertest.Call) providertest.Answer {
	if err := checkAppToken(c.Request.Header.Get("Authorization")); err != nil {
		s.t.Error(err)
		return s.Error(http.StatusUnauthorized, "", "Bad credentials")
	}
	time.Sleep(s.slow)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.minted = append(s.minted, c.Path("installation_id")+string(c.Body()))
	if len(s.answers) > 0 {
		a := s.answers[0]
		s.answers = s.answers[1:]
		return a
	}
	return providertest.Answer{Status: http.StatusCreated, Body: fmt.Appendf(nil, `{"token": "%s%d", "expires_at": "%s"}`,
		planted, len(s.minted), time.Now().Add(s.life).UTC().Format(time.RFC3339))}
}

// checkAppToken reads a JSON Web Token (RFC 7519) as GitHub does.
func checkAppToken(authorization string) error {
	token, ok := strings.CutPrefix(authorization, "Bearer ")
	parts := strings.Split(token, ".")
	if !ok || len(parts) != 3 {
		return fmt.Errorf("Authorization has no JSON Web Token")
	}
	var head struct{ Alg, Typ string }
	var claims struct {
		Iss      string
		Iat, Exp int64
	}
	for i, into := range []any{&head, &claims} {
		b, err := base64.RawURLEncoding.DecodeString(parts[i])
		if err == nil {
			err = json.Unmarshal(b, into)
		}
		if err != nil {
			return err
		}
	}
	signature, err := base64.RawURLEncoding.DecodeString(parts[2])
	if err != nil {
		return err
	}
	sum := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	if err := rsa.VerifyPKCS1v15(&key().PublicKey, crypto.SHA256, sum[:], signature); err != nil {
		return err
	}
	now := time.Now().Unix()
	if head.Alg != "RS256" || claims.Iss != "12345" || claims.Iat != now-60 || claims.Exp <= now || claims.Exp > now+600 {
		return fmt.Errorf("at %d the token says %+v %+v", now, head, claims)
	}
	return nil
}

// connect returns an installation of the server's app, and a client that it signs for.
func (s *server) connect(narrowed ...githubapp.Narrowing) *github.Client {
	s.t.Helper()
	app, err := githubapp.New("12345", keyPEM(), runtime.WithTransport(s.Direct()), runtime.WithRetry(retry.Policy{Attempts: 1}))
	if err != nil {
		s.t.Fatal(err)
	}
	return s.client(app.Installation(67890, narrowed...))
}

func (s *server) client(cred runtime.Credential, opts ...runtime.ClientOption) *github.Client {
	s.t.Helper()
	gh, err := github.New(runtime.WithTransport(s.Direct()), runtime.WithCredential(cred), github.OnPlan(github.PlanInstallation),
		runtime.WithRetry(retry.Policy{Attempts: 1}), runtime.Options(opts...))
	if err != nil {
		s.t.Fatal(err)
	}
	return gh
}

func TestTokensAreKeptUntilShortlyBeforeTheirEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newServer(t)
		gh := s.connect()
		call := func(want string) {
			t.Helper()
			if _, err := gh.Repos.Get(t.Context(), "weirkit", "weir"); err != nil {
				t.Fatal(err)
			}
			if s.used["Bearer "+want] == 0 {
				t.Errorf("the call was not signed by %s: %v", want, s.used)
			}
		}
		if len(s.minted) != 0 {
			t.Error("a token was asked for before the first call")
		}
		call(planted + "1")
		time.Sleep(57 * time.Minute)
		call(planted + "1")
		time.Sleep(2 * time.Minute)
		call(planted + "2")
		call(planted + "2")
		if len(s.minted) != 2 {
			t.Errorf("%d tokens, want 2", len(s.minted))
		}

		s.life = 30 * time.Second // less than they are renewed before
		time.Sleep(time.Hour)
		call(planted + "3")
		call(planted + "3")
		if len(s.minted) != 3 {
			t.Errorf("a token that lasts a short time only is not used: %d were asked for", len(s.minted))
		}
	})
}

func TestOneTokenForAllWhoWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newServer(t)
		s.slow = time.Second
		gh := s.connect()
		hasty, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		errs := make([]error, 20)
		var calls sync.WaitGroup
		for i := range errs {
			ctx := t.Context()
			if i%5 == 0 {
				ctx = hasty
			}
			calls.Go(func() { _, errs[i] = gh.Repos.Get(ctx, "weirkit", "weir") })
			synctest.Wait() // so that one who gives up is the first
		}
		calls.Wait()
		for i, err := range errs {
			if gaveUp := i%5 == 0; gaveUp != (err != nil) || gaveUp && !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("call %d: %v", i, err)
			}
		}
		if len(s.minted) != 1 {
			t.Errorf("%d tokens were asked for, want 1", len(s.minted))
		}
	})
}

func TestAFailureIsNotKept(t *testing.T) {
	for name, tt := range map[string]struct {
		answer providertest.Answer
		want   string
	}{
		"no such installation": {providertest.Answer{Status: 404, Body: []byte(`{"message": "Not Found"}`)}, "Not Found"},
		"no token":             {providertest.Answer{Status: 201, Body: []byte(`{"expires_at": "2026-11-21T00:00:00Z"}`)}, "has no token"},
		"no end":               {providertest.Answer{Status: 201, Body: []byte(`{"token": "` + planted + `", "expires_at": "soon"}`)}, "does not say when it expires"},
		"no JSON":              {providertest.Answer{Status: 201, Body: []byte(`{"token": "` + planted + `", "expires_at": 7}`)}, "the answer is no token"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newServer(t)
				s.answers = []providertest.Answer{tt.answer}
				gh := s.connect()
				_, err := gh.Repos.Get(t.Context(), "weirkit", "weir")
				if err == nil || !strings.Contains(err.Error(), tt.want) || !strings.Contains(err.Error(), "installation 67890") {
					t.Errorf("error = %v", err)
				}
				if errors.Is(err, runtime.ErrNotFound) {
					t.Error("it passes for the repository not being found")
				}
				if shown := fmt.Sprintf("%v %+v %#v", err, err, err); strings.Contains(shown, planted) {
					t.Errorf("the error has the token: %s", shown)
				}
				if _, err := gh.Repos.Get(t.Context(), "weirkit", "weir"); err != nil {
					t.Errorf("the call after it: %v", err)
				}
			})
		})
	}
}

// A token that GitHub takes no longer, though its time has not come, is replaced,
// once for all calls.
func TestCredentialRevokedIsReplaced(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newServer(t)
		gh := s.connect()
		s.Handle("Repos.Get", func(c *providertest.Call) providertest.Answer {
			time.Sleep(time.Second)
			if c.Request.Header.Get("Authorization") != "Bearer "+planted+"2" {
				return s.Error(http.StatusUnauthorized, "", "Bad credentials")
			}
			return providertest.Answer{Body: []byte(`{"id": 1, "name": "weir"}`)}
		})
		var calls sync.WaitGroup
		for range 50 {
			calls.Go(func() {
				if _, err := gh.Repos.Get(t.Context(), "weirkit", "weir"); err != nil {
					t.Error(err)
				}
			})
		}
		calls.Wait()
		if len(s.minted) != 2 {
			t.Errorf("%d tokens were asked for, want 2", len(s.minted))
		}
	})
}

func TestNarrowing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newServer(t)
		gh := s.connect(githubapp.Repositories("weir"), githubapp.RepositoryIDs(7, 8),
			githubapp.Permissions(github.AppPermissionsInput{Contents: new(github.Contents("read"))}))
		if _, err := gh.Repos.Get(t.Context(), "weirkit", "weir"); err != nil {
			t.Fatal(err)
		}
		want := `67890{"permissions":{"contents":"read"},"repositories":["weir"],"repository_ids":[7,8]}`
		if len(s.minted) != 1 || s.minted[0] != want {
			t.Errorf("asked for %v, want %s", s.minted, want)
		}
	})
}

func TestEnterpriseServer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newServer(t)
		own := github.EnterpriseServer("https://github.acme.example/")
		app, err := githubapp.New("12345", keyPEM(), runtime.WithTransport(s.Direct()), own)
		if err != nil {
			t.Fatal(err)
		}
		installation := app.Installation(1)
		if _, err := s.client(installation, own).Repos.Get(t.Context(), "weirkit", "weir"); err != nil {
			t.Error(err)
		}
		_, err = s.client(installation).Repos.Get(t.Context(), "weirkit", "weir")
		if err == nil || !strings.Contains(err.Error(), "api.github.com") {
			t.Errorf("a server's token went to another host: %v", err)
		}
		if s.Report().Unrouted != 0 {
			t.Errorf("calls to %v", s.Report().UnroutedPaths)
		}
	})
}

// Files of releases go to another host of GitHub's, with the same token.
func TestUploadsAreSigned(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newServer(t)
		var signed string
		s.Handle("Repos.UploadReleaseAsset", func(c *providertest.Call) providertest.Answer {
			signed = c.Request.Host + " " + c.Request.Header.Get("Authorization")
			return providertest.Answer{Status: http.StatusCreated, Body: []byte(`{"id": 1}`)}
		})
		_, err := s.connect().Repos.UploadReleaseAsset(t.Context(), "weirkit", "weir", 7, strings.NewReader("text"), &github.ReposUploadReleaseAssetParams{Name: "a"})
		if err != nil || signed != "uploads.github.com Bearer "+planted+"1" {
			t.Errorf("sent to %s, %v", signed, err)
		}
	})
}

func TestKeysThatCannotBe(t *testing.T) {
	whole := string(keyPEM())
	cut := whole[:len(whole)/2]
	for name, tt := range map[string]struct{ id, key, want string }{
		"no id":         {" ", whole, "id is empty"},
		"no key":        {"1", "", "does not parse"},
		"half a key":    {"1", cut, "does not parse"},
		"no key at all": {"1", "-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----\n", "does not parse"},
	} {
		_, err := githubapp.New(tt.id, []byte(tt.key))
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: error = %v", name, err)
		}
		if line := strings.Split(whole, "\n")[1]; err != nil && strings.Contains(err.Error(), line) {
			t.Errorf("%s: the error has the key", name)
		}
	}
}

// Whatever prints an app or a credential shows no secret.
func TestNothingPrintsASecret(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newServer(t)
		app, err := githubapp.New("12345", keyPEM(), runtime.WithTransport(s.Direct()))
		if err != nil {
			t.Fatal(err)
		}
		installation := app.Installation(67890)
		gh := s.client(installation)
		if _, err := gh.Repos.Get(t.Context(), "weirkit", "weir"); err != nil {
			t.Fatal(err)
		}
		// Printing reads all there is without a lock, so who has fetched the token is to be gone.
		synctest.Wait()
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%d", "%x"} { // some of them follow all pointers
			if shown := fmt.Sprintf(verb, gh) + fmt.Sprintf(verb, gh.Runtime()); strings.Contains(shown, planted) {
				t.Errorf("%s of a client shows the token", verb)
			}
		}
		for _, v := range []any{app, app.Credential(), installation} {
			for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
				shown := fmt.Sprintf(verb, v)
				if strings.Contains(shown, planted) || strings.Contains(shown, key().D.String()) || len(shown) > 60 {
					t.Errorf("%s of %T: %s", verb, v, shown)
				}
			}
		}
		if installation.Secret() == app.Installation(1).Secret() {
			t.Error("two installations count as one")
		}
	})
}
