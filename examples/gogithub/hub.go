package main

// This file is the stand-in: a GitHub with 2,000 repositories.

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/weirkit/weir/runtime/clock"
	"github.com/weirkit/weir/runtime/providertest"
	"github.com/weirkit/weir/sdk/github"
)

const owner = "acme"

func name(n int) string { return "repository-" + strconv.Itoa(n) }

// hub is a stand-in with its clock.
type hub struct {
	provider *providertest.Provider
	clock    clock.Clock
}

func newHub(cl clock.Clock) (*hub, error) {
	provider, err := providertest.New(&github.API, providertest.Options{
		Plan:    github.PlanToken,
		Clock:   cl,
		Latency: providertest.Between(50*time.Millisecond, 250*time.Millisecond),
		// By the end of this address go-github knows a refusal.
		RefusalBody: func(string, time.Duration) []byte {
			return providertest.JSON(map[string]any{
				"message": "You have exceeded a secondary rate limit.", "documentation_url": "https://docs.github.com/#secondary-rate-limits",
			})
		},
	})
	if err != nil {
		return nil, err
	}
	provider.Single("Repos.Get", func(c *providertest.Call) (json.RawMessage, bool) {
		text, _ := strings.CutPrefix(c.Path("repo"), "repository-")
		n, err := strconv.Atoi(text)
		if err != nil || n < 0 || n >= repositories {
			return nil, false
		}
		return providertest.JSON(map[string]any{"id": n, "name": name(n), "full_name": fmt.Sprintf("%s/%s", owner, name(n))}), true
	})
	return &hub{provider: provider, clock: cl}, nil
}

// outcome reports by the stand-in's own counting.
func (h *hub) outcome(read int) outcome {
	report := h.provider.Report()
	return outcome{
		Calls:    repositories,
		Requests: report.Requests,
		Refused:  report.Refused,
		Lost:     repositories - read,
		Seconds:  math.Round(report.Last.Sub(report.First).Seconds()*1e3) / 1e3,
	}
}

func (h *hub) Close() error { return h.provider.Close() }
