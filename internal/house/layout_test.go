// This file is the map of the house: who may import whom, and why.

package house

import "testing"

const root = "../.." // the repository's, from this package's tests

// Packages of ours are named as in the go command's patterns. The first row
// that matches counts.
var rows = []Row{
	// The command and the generator.
	{".", []string{"./generator/cli"}, "gen.go only starts the command"},
	{"./generator/cli", []string{
		"./generator", "./generator/load", "./generator/annotation", "./generator/facts", "./generator/model", "./generator/draft", "./generator/drift", "./templates",
		"./runtime/api", "./runtime/budget", "./runtime/clock",
		"github.com/schollz/progressbar/v3", "golang.org/x/term", "gopkg.in/yaml.v3",
	}, "the command's surface; the engine is for weir plan alone"},
	{"./generator", []string{
		"./generator/load", "./generator/annotation", "./generator/model", "./templates", "./runtime/api",
		"github.com/getkin/kin-openapi/openapi3", "github.com/oapi-codegen/oapi-codegen/v2/pkg/codegen",
	}, "load, resolve, render: it decides from a loaded document, and prints the model"},
	{"./generator/load", []string{
		"github.com/getkin/kin-openapi/...", "github.com/speakeasy-api/openapi/...", "gopkg.in/yaml.v3",
	}, "the one place that reads documents"},
	{"./generator/annotation", []string{
		"./generator/load", "./runtime/api",
		"github.com/getkin/kin-openapi/openapi3", "github.com/santhosh-tekuri/jsonschema/v6/...", "gopkg.in/yaml.v3",
	}, "annotations become runtime/api's plain data"},
	{"./generator/facts", []string{"./generator/load", "gopkg.in/yaml.v3"}, "what weir import keeps of a document; it copies nodes and knows no types"},
	{"./generator/model", []string{
		"./generator/annotation", "./runtime/api",
	}, "decisions as plain data: it knows no OpenAPI library"},
	{"./generator/draft", []string{
		"./generator", "./generator/load", "./generator/annotation", "./runtime/api", "github.com/getkin/kin-openapi/openapi3",
	}, "what weir new writes; it has the generator judge its own drafts"},
	{"./generator/drift", []string{
		"./generator/load", "github.com/getkin/kin-openapi/openapi3", "github.com/oasdiff/oasdiff/diff", "gopkg.in/yaml.v3",
	}, "the one place that compares documents; oasdiff is for weir drift alone"},
	{"./templates", nil, "text, embedded"},

	// The runtime, from the bottom.
	{"./runtime/clock", nil, "a leaf that everything waits through"},
	{"./runtime/api", nil, "plain data that generated code is made of"},
	{"./runtime/jsonpath", []string{"./runtime/api", "github.com/go-faster/jx"}, "a leaf: members of raw JSON"},
	{"./runtime/budget", []string{"./runtime/api", "./runtime/clock"}, "the engine knows no HTTP and no library"},
	{"./runtime/quota", []string{
		"./runtime/api", "./runtime/clock", "./runtime/budget", "./runtime/jsonpath", "github.com/dunglas/httpsfv",
	}, "a leaf: what providers say becomes Observations; httpsfv reads the IETF draft's structured fields"},
	{"./runtime/retry", []string{
		"./runtime/api", "./runtime/clock", "github.com/hashicorp/go-retryablehttp",
	}, "a leaf: the one place that knows go-retryablehttp"},
	{"./runtime/page", []string{
		"./runtime/api", "./runtime/clock", "./runtime/jsonpath", "github.com/go-faster/jx", "github.com/peterhellberg/link",
	}, "a leaf: pages and cursors"},
	{"./runtime/graphql", []string{"./runtime/api"}, "a leaf: it reads and prints queries, and reads answers; a parser of others would come with every SDK"},
	{"./runtime/cache", nil, "a leaf: what is kept of answers, how long they hold, and where they are kept"},
	{"./runtime/route", []string{"./runtime/api"}, "a leaf: which operation a request is for"},
	{"./runtime/parallel", []string{"golang.org/x/sync/errgroup"}, "a leaf: errgroup, bounded and ordered"},
	{"./runtime/batch", []string{
		"./runtime/api", "./runtime/clock", "./runtime/budget", "./runtime/jsonpath", "./runtime/parallel",
	}, "a leaf: it makes calls through functions that it is given"},
	{"./runtime/field", nil, "a leaf: which headers can be sent"},
	{"./runtime/credential", []string{"./runtime/api", "./runtime/clock", "./runtime/field"}, "a leaf: tokens, pools, reserves"},
	{"./runtime/credential/oauth", []string{"./runtime/clock", "./runtime/credential", "golang.org/x/oauth2"}, "it brings x/oauth2 to those who ask for it"},
	{"./runtime/redisbudget/...", []string{
		"./runtime/api", "./runtime/clock", "./runtime/budget", "github.com/redis/go-redis/v9/...",
	}, "a Ledger like another; it brings the Redis client to those who ask for it"},
	{"./runtime/telemetry", []string{
		"./runtime", "./runtime/api", "./runtime/clock", "./runtime/budget", "go.opentelemetry.io/otel/...",
	}, "it brings OpenTelemetry to those who ask for it"},
	{"./runtime/providertest/...", []string{
		"./runtime/api", "./runtime/clock", "github.com/go-faster/jx",
	}, "the referee counts by itself, in small code"},
	{"./runtime", []string{
		"./runtime/api", "./runtime/clock", "./runtime/jsonpath", "./runtime/budget", "./runtime/quota", "./runtime/retry",
		"./runtime/page", "./runtime/graphql", "./runtime/route", "./runtime/parallel", "./runtime/batch", "./runtime/cache", "./runtime/credential",
		"./runtime/field", "github.com/go-faster/jx",
	}, "it joins the leaves; what only some users need they import themselves"},

	// What users import and run.
	{"./sdk/github/githubapp", []string{
		"./sdk/github", "./runtime", "./runtime/clock", "./runtime/credential", "github.com/golang-jwt/jwt/v5",
	}, "it brings the library that signs for apps to those who ask for it"},
	{"./sdk/...", []string{
		"./runtime", "./runtime/api", "./runtime/page", "./runtime/graphql", "./runtime/batch", "./runtime/budget",
		"./runtime/cache", "./runtime/credential", "./runtime/quota", "./runtime/retry",
	}, "an SDK is facts about one API on top of the runtime"},
	{"./examples/...", []string{
		"./examples/...", "./runtime/...", "./sdk/...", "github.com/schollz/progressbar/v3", "golang.org/x/term", "github.com/redis/go-redis/v9/...",
	}, "an example shows what a user's own module can do"},
	{"./internal/walk", []string{
		"./runtime", "./runtime/api", "./runtime/page", "./runtime/providertest", "./runtime/route",
	}, "a test kit: it has the client walk what the referee serves, and shares code with neither"},
	{"./docs", nil, "tests that follow the pages"},
	{"./internal/house", nil, "it looks at the house from outside"},
}

// What no row of the table shows, for it holds through others and for tests.
var bans = []Ban{
	{From: ".", To: "./sdk/...", Tests: true, Why: "the command must build while an SDK is broken, to generate it again"},
	{From: "./generator/...", To: "./sdk/...", Tests: true, Why: "the generator reads specs, never its own output"},
	{From: "./generator/...", Not: "./generator/cli", To: "./runtime/budget", Why: "only weir plan asks the engine"},
	{From: "./runtime/...", To: "./generator/...", Tests: true, Why: "users of an SDK do not carry the generator"},
	{From: "./runtime/...", To: "./sdk/...", Tests: true, Why: "the runtime knows no provider"},
	{From: "./sdk/...", Not: "./sdk/github/githubapp", To: "./sdk/...", Tests: true, Why: "an SDK is complete by itself"},
	{From: "./sdk/...", Not: "./sdk/github/githubapp", To: "github.com/golang-jwt/...", Why: "signing for apps is for those who import githubapp"},
	{From: "./sdk/...", To: "./generator/...", Tests: true, Why: "an SDK does not carry the generator"},
	{From: "./runtime/api", To: ThirdParty, Why: "the core is std alone"},
	{From: "./runtime/clock", To: ThirdParty, Why: "the core is std alone"},
	{From: "./runtime/budget", To: ThirdParty, Why: "the core is std alone"},
	{From: "./runtime/providertest/...", To: "./runtime", Why: "a referee that shares code with the player sees nothing"},
	{From: "./runtime/providertest/...", To: "./runtime/budget", Why: "a referee that shares code with the player sees nothing"},
	{From: "./runtime/...", Not: "./runtime/redisbudget/...", To: "github.com/redis/go-redis/...", Why: "the Redis client is for redisbudget alone"},
	{From: "./runtime/...", Not: "./runtime/telemetry", To: "go.opentelemetry.io/...", Why: "OpenTelemetry is for telemetry alone"},
	{From: "./runtime/...", Not: "./runtime/credential/oauth", To: "golang.org/x/oauth2/...", Why: "x/oauth2 is for those who import its adapter"},
	{From: "./sdk/...", To: "golang.org/x/oauth2/...", Why: "x/oauth2 is for those who import its adapter"},
	{From: "./sdk/...", To: "github.com/redis/go-redis/...", Why: "the Redis client is for those who import redisbudget"},
	{From: "./sdk/...", To: "go.opentelemetry.io/...", Why: "OpenTelemetry is for those who import telemetry"},
	{From: "./sdk/...", To: "github.com/oasdiff/...", Tests: true, Why: "comparing documents is for the command"},
	{From: "./runtime/...", To: "github.com/oasdiff/...", Tests: true, Why: "comparing documents is for the command"},
}

func TestLayout(t *testing.T) {
	graph, err := Load(root)
	if err != nil {
		t.Fatal(err)
	}
	if len(graph.Sorted()) < 5 || !graph.Standard("fmt") {
		t.Fatalf("go list gave %v: the rules would hold for want of packages", graph.Sorted())
	}
	for _, broken := range [][]string{
		graph.CheckRows(rows),
		graph.CheckBans(bans),
		graph.CheckNames("util", "utils", "common", "models", "helper", "helpers", "misc", "shared"),
	} {
		for _, message := range broken {
			t.Error(message)
		}
	}
}
