package github_test

import (
	"testing"

	"github.com/weirkit/weir/internal/walk"
	"github.com/weirkit/weir/sdk/github"
)

// Every list comes whole, in order and with nothing refused, on every plan.
func TestWalk(t *testing.T) { walk.All(t, &github.API) }
