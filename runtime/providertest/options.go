package providertest

import (
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/clock"
)

// Options say what kind of provider it is. The zero value is a fast and honest
// one, whose windows open with their first request.
type Options struct {
	// Plan is what the customer has bought; empty means the API's own numbers.
	Plan string
	// Shapes replace the shapes of limits by name, for a provider that is not
	// what its annotations say.
	Shapes map[string]api.Shape
	// Clock is the provider's time; nil means clock.Real. All latencies, resets
	// and dates are in it.
	Clock clock.Clock
	// Seed makes what is random repeatable, as far as the order of calls is.
	Seed uint64

	// Phase is where in a window its first request falls, from 0 (the window
	// opens with it) to just under 1.
	Phase float64
	// RandomPhases gives each counter a phase of its own in place of Phase.
	RandomPhases bool
	// Reopen opens each fixed window at the first request after the last one
	// ended; otherwise they follow one another without a gap.
	Reopen bool
	// CountRefused counts refused calls in windows and buckets too. Most
	// providers do not.
	CountRefused bool
	// CountAt tells which part of a call's latency passes before it is counted;
	// nil means none. (*rand.Rand).Float64 counts it at any moment.
	CountAt func(*rand.Rand) float64
	// Latency is the time between a call's arrival and its answer; nil means
	// none. See Between.
	Latency func(*rand.Rand) time.Duration
	// Cost corrects what a call draws from a limit, given the annotated cost: for
	// queries whose cost only the provider knows, and calls that are free (0);
	// nil means the annotated cost.
	Cost func(c *Call, limit string, cost int) int
	// Identify corrects whose call it is. It is given what can be seen: the
	// account by the host called, user and credential by the Authorization
	// header, the address by the connection.
	Identify func(*http.Request, *Identity)

	// ETags has good answers to reads carry an ETag, and answers a request that
	// brings it, or a date as late as its Last-Modified, with 304. What the answer
	// is, is decided as the request arrives.
	ETags bool
	// UnchangedIsFree are the limits that a request with an Authorization header
	// does not count in when it is so answered.
	UnchangedIsFree []string

	// Headers decides what answers tell of the limits; nil means HeadersDefault.
	Headers HeaderMode
	// FloorResets cuts reset times to whole seconds; otherwise they are rounded up.
	FloorResets bool
	// Throttling is how calls are refused; nil means the first way that the API
	// names, or status 429 with Retry-After.
	Throttling *api.Throttling
	// RetryAfter is how a refusal that has a Retry-After header writes it.
	RetryAfter RetryAfter
	// RefusalBody makes the body of a refusal; nil means an error body of the
	// kind that the API describes, with the code TooManyRequests.
	RefusalBody func(limit string, wait time.Duration) []byte

	// DefaultPage is the page size for one who does not ask for any; zero means
	// 30. It is never above the largest.
	DefaultPage int
	// BasePath may come before every path, as the base paths of the API's
	// servers may anyway.
	BasePath string
}

// Between returns latencies of an even spread from least to most.
func Between(least, most time.Duration) func(*rand.Rand) time.Duration {
	return func(r *rand.Rand) time.Duration {
		return least + time.Duration(r.Int64N(int64(max(0, most-least))+1))
	}
}
