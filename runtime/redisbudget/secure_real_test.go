package redisbudget_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/budget"
	"github.com/weirkit/weir/runtime/redisbudget"
)

// certificate makes a certificate of loopback, and returns its files and who trusts it.
func certificate(t *testing.T) (certFile, keyFile string, trust *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "a test's"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true}
	cert, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	certFile, keyFile = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	trust = x509.NewCertPool()
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert})
	trust.AppendCertsFromPEM(text)
	if err := os.WriteFile(certFile, text, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(keyFile, pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: private}), 0o600); err != nil {
		t.Fatal(err)
	}
	return certFile, keyFile, trust
}

// TestSecureRedis has two members share a limit over TLS, as a user with the rights
// that docs/many-machines.md asks for and no others.
func TestSecureRedis(t *testing.T) {
	t.Parallel()
	cert, key, trust := certificate(t)
	s := serve(t, "--port", "0", "--tls-port", "{port}", "--tls-cert-file", cert, "--tls-key-file", key, "--tls-ca-cert-file", cert, "--tls-auth-clients", "no",
		"--requirepass", "secret-5")
	secure := &tls.Config{RootCAs: trust, MinVersion: tls.VersionTLS12}
	admin := connect(t, redis.Options{Addr: s.addr, TLSConfig: secure, Password: "secret-5"})
	if err := admin.Do(t.Context(), "acl", "setuser", "weir", "on", ">secret-6", "resetchannels", "~weir:*", "&weir:*", "-@all",
		"+evalsha", "+eval", "+time", "+type", "+get", "+set", "+publish", "+subscribe").Err(); err != nil {
		t.Fatal(err)
	}
	user := redis.Options{Addr: s.addr, TLSConfig: secure, Username: "weir", Password: "secret-6"}
	p := newProvider(t, fast, &referee{name: "limit", shape: api.Window{Limit: 60, Per: 10 * time.Second}})
	var h happenings
	for _, name := range []string{"a", "b"} {
		p.calls(p.member(connect(t, user), &h), name, 3, p.limit.request(1))
	}
	p.runs("both to call", "a", 60)
	p.runs("both to call", "b", 60)
	p.judge(0, 60)
	for _, kind := range []budget.EventKind{redisbudget.Failing, redisbudget.Late} {
		for _, e := range h.of(kind) {
			t.Errorf("%s: %v", kind, e.Err)
		}
	}

	for name, test := range map[string]struct {
		options redis.Options
		want    string
	}{
		"without TLS":      {redis.Options{Username: "weir", Password: "secret-6"}, "TLSConfig"},
		"unknown issuer":   {redis.Options{Username: "weir", Password: "secret-6", TLSConfig: &tls.Config{MinVersion: tls.VersionTLS12}}, "TLSConfig"},
		"without password": {redis.Options{TLSConfig: secure}, "check the client's user name and password"},
		"wrong password":   {redis.Options{TLSConfig: secure, Username: "weir", Password: "wrong-7"}, "check the client's user name and password"},
	} {
		test.options.Addr = s.addr
		l, err := redisbudget.New(t.Context(), connect(t, test.options), redisbudget.WithNamespace(t.Name()))
		if err == nil {
			l.Close()
		}
		tells(t, err, test.want)
		if err != nil && (strings.Contains(err.Error(), "secret-") || strings.Contains(err.Error(), "wrong-")) {
			t.Errorf("%s: %v tells a password", name, err)
		}
	}
}
