package credential_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/weirkit/weir/runtime/credential"
)

func member(name string) credential.Member {
	return credential.Member{Credential: credential.Bearer("token-" + name), Name: name}
}

func reserve(name string) credential.Member {
	m := member(name)
	m.Reserve = true
	return m
}

// now is when the tests take place.
var now = time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)

// offered are the names that a pool offers, for several requests in turn.
func offered(p *credential.Pool, at time.Time, requests int) (orders []string) {
	members := p.Members()
	for range requests {
		order := ""
		for _, i := range p.Offer(at) {
			order += members[i].Name
		}
		orders = append(orders, order)
	}
	return orders
}

func TestCredentialPoolTakesTurns(t *testing.T) {
	p, err := credential.NewPool(member("a"), reserve("r"), member("b"), member("c"), reserve("s"))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"abcrs", "bcasr", "cabrs", "abcsr"}, offered(p, now, 4)); diff != "" {
		t.Error(diff)
	}
	if err := p.Revoke("b"); err != nil {
		t.Fatal(err)
	}
	p.TakeOut(3, now, now.Add(time.Minute), errors.New("the source is down"))
	if diff := cmp.Diff([]string{"ars", "asr"}, offered(p, now, 2)); diff != "" {
		t.Error(diff)
	}
	if left := len(p.Left(now)); left != 3 {
		t.Errorf("%d left", left)
	}
	if diff := cmp.Diff([]string{"acrs"}, offered(p, now.Add(time.Minute), 1)); diff != "" {
		t.Error(diff)
	}
	if err := p.PutBack("b"); err != nil {
		t.Fatal(err)
	}
	if got := offered(p, now, 1)[0]; len(got) != 5 {
		t.Errorf("offered %s", got)
	}
	if err := errors.Join(p.PutBack("x"), p.Revoke("y")); err == nil || !strings.Contains(err.Error(), `no member "x"`) || !strings.Contains(err.Error(), `no member "y"`) {
		t.Errorf("error = %v", err)
	}
}

// A member that the provider refuses is out for good, also where it was out for a
// while; and it goes out once.
func TestCredentialTakenOutOnce(t *testing.T) {
	p, err := credential.NewPool(member("a"), member("b"))
	if err != nil {
		t.Fatal(err)
	}
	down, refused := errors.New("down"), errors.New("refused")
	if !p.TakeOut(0, now, now.Add(time.Minute), down) || p.TakeOut(0, now, time.Time{}, refused) || p.TakeOut(0, now, now.Add(time.Second), down) {
		t.Error("it went out more than once, or not at all")
	}
	want := []credential.State{{Name: "a", Out: refused}, {Name: "b"}}
	if diff := cmp.Diff(want, p.States(), cmp.Comparer(func(a, b error) bool { return a == b })); diff != "" {
		t.Error(diff)
	}
	if got := offered(p, now.Add(time.Hour), 1); got[0] != "b" {
		t.Errorf("offered %v", got)
	}
}

func TestCredentialPoolsThatCannotBe(t *testing.T) {
	source := credential.SourceFunc(nil)
	for want, members := range map[string][]credential.Member{
		"a pool needs a member":                      nil,
		"member 2 of the pool has no credential":     {member("1"), {}},
		"members a and 2 of the pool have the same":  {member("a"), {Credential: credential.Bearer("token-a")}},
		"two members of the pool are called a":       {member("a"), {Credential: credential.Bearer("x"), Name: "a"}},
		"member octo of the pool: the secret is emp": {{Credential: credential.Bearer(""), Identity: credential.Identity{User: "octo"}}},
		"there is no name, or no source":             {{Credential: credential.FromSource("", source)}},
	} {
		if _, err := credential.NewPool(members...); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error = %v, want %s", err, want)
		}
	}
}

func TestCredentialMembersHaveNames(t *testing.T) {
	octo := credential.Identity{User: "octo", Account: "acme"}
	p, err := credential.NewPool(
		credential.Member{Credential: credential.Bearer("1")},
		credential.Member{Credential: credential.Bearer("2"), Identity: octo},
		credential.Member{Credential: credential.Bearer("3"), Identity: octo},
		credential.Member{Credential: credential.Bearer("4"), Identity: credential.Identity{Account: "acme"}},
	)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, m := range p.Members() {
		names = append(names, m.Name)
	}
	if diff := cmp.Diff([]string{"1", "octo", "octo (3)", "acme"}, names); diff != "" {
		t.Error(diff)
	}
}

func ExampleNewPool() {
	p, err := credential.NewPool(
		credential.Member{Credential: credential.Bearer("ghp_1"), Identity: credential.Identity{User: "octocat"}},
		credential.Member{Credential: credential.Bearer("ghp_2"), Identity: credential.Identity{User: "hubot"}},
		credential.Member{Credential: credential.Bearer("ghp_3"), Identity: credential.Identity{User: "monalisa"}, Reserve: true},
	)
	if err != nil {
		panic(err)
	}
	if err := p.Revoke("hubot"); err != nil {
		panic(err)
	}
	for _, s := range p.States() {
		fmt.Println(s.Name, s.Reserve, s.Out)
	}
	// Output:
	// octocat false <nil>
	// hubot false revoked by the program
	// monalisa true <nil>
}
