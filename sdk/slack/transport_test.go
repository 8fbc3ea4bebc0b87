package slack_test

import (
	"testing"

	"github.com/weirkit/weir/internal/walk"
	"github.com/weirkit/weir/sdk/slack"
)

func TestRoutes(t *testing.T) { walk.Routes(t, &slack.API) }
