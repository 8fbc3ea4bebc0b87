package slack_test

import (
	"testing"

	"github.com/weirkit/weir/internal/walk"
	"github.com/weirkit/weir/sdk/slack"
)

func TestLists(t *testing.T) { walk.All(t, &slack.API) }
