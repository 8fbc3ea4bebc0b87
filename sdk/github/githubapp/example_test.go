package githubapp_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"net/http"

	"github.com/weirkit/weir/runtime"
	"github.com/weirkit/weir/runtime/providertest"
	"github.com/weirkit/weir/sdk/github"
	"github.com/weirkit/weir/sdk/github/githubapp"
)

// An app is made of its id and its private key; an installation of it signs for a
// client. Here a stand-in takes GitHub's place.
func ExampleNew() {
	p, err := providertest.New(&github.API, providertest.Options{Plan: github.PlanInstallation})
	if err != nil {
		log.Fatal(err)
	}
	defer p.Close()
	p.Handle("Apps.CreateInstallationAccessToken", func(*providertest.Call) providertest.Answer {
		return providertest.Answer{Status: http.StatusCreated, Body: []byte(`{"token": "ghs_1", "expires_at": "2100-01-01T00:00:00Z"}`)}
	})
	p.Items("Apps.ListReposAccessibleToInstallation", func(*providertest.Call) []json.RawMessage {
		return []json.RawMessage{json.RawMessage(`{"id": 1, "full_name": "weirkit/weir"}`)}
	})
	privateKeyPEM, direct := keyPEM(), runtime.WithTransport(p.Transport())

	app, err := githubapp.New("12345", privateKeyPEM, direct)
	if err != nil {
		log.Fatal(err)
	}
	gh, err := github.New(runtime.WithCredential(app.Installation(67890)), github.OnPlan(github.PlanInstallation), direct)
	if err != nil {
		log.Fatal(err)
	}
	for repo, err := range gh.Apps.ListReposAccessibleToInstallation(context.Background(), nil) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(repo.FullName)
	}
	// Output: weirkit/weir
}
