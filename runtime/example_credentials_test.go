package runtime_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/weirkit/weir/runtime"
	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/budget"
	"github.com/weirkit/weir/runtime/credential"
)

// Two people's tokens serve each call by one that has room; the third is kept for
// when both would have to wait. The provider no longer takes the second.
func ExampleWithCredentials() {
	pool, err := credential.NewPool(
		credential.Member{Credential: credential.Bearer("token-1"), Identity: runtime.Identity{User: "octocat"}},
		credential.Member{Credential: credential.Bearer("token-2"), Identity: runtime.Identity{User: "hubot"}},
		credential.Member{Credential: credential.Bearer("token-3"), Identity: runtime.Identity{User: "monalisa"}, Reserve: true},
	)
	if err != nil {
		log.Fatal(err)
	}
	desc := &api.API{
		Name: "made-up", Servers: []api.Server{{URL: "https://api.example"}},
		Limits: []api.Limit{{Name: "calls", Shape: api.Window{Limit: 2, Per: time.Minute}, Scope: []api.Scope{api.ScopeUser}}},
	}
	provider := revocable("token-2")
	client, err := runtime.NewClient(desc, nil, runtime.WithCredentials(pool), runtime.WithTransport(provider),
		runtime.WithEvents(func(e budget.Event) {
			if e.Kind == runtime.CredentialOut {
				fmt.Println("out:", e.Credential)
			}
		}))
	if err != nil {
		log.Fatal(err)
	}
	ping := &api.Operation{Name: "Ping", Method: "GET", Path: "/ping", Draws: []api.Draw{{Limit: "calls"}}}
	for range 4 {
		if err := runtime.Exec(context.Background(), client, ping, runtime.Args{}); err != nil {
			log.Fatal(err)
		}
	}
	fmt.Println(provider.signers())
	// Output:
	// out: hubot
	// map[token-1:2 token-2:1 token-3:2]
}
