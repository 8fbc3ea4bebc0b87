// Command weir generates connector SDKs from OpenAPI documents and annotations.
//
// In this module:
//
//	go generate ./...          # all of specs/ into sdk/
//	go run . generate zendesk  # one provider
//
// In a module of your own, with weir as a tool in go.mod:
//
//	//go:generate go tool weir generate --spec acme.yaml --annotations acme.limits.yaml --package acme --out acme
//
// See weir help for the rest.
package main

//go:generate go run . generate

import (
	"os"

	"github.com/weirkit/weir/generator/cli"
)

func main() {
	os.Exit(cli.Run(os.Args[1:], cli.Environment{Dir: ".", Stdout: os.Stdout, Stderr: os.Stderr}))
}
