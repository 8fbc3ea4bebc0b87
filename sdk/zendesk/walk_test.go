package zendesk_test

import (
	"testing"

	"github.com/weirkit/weir/internal/walk"
	"github.com/weirkit/weir/sdk/zendesk"
)

func TestLists(t *testing.T) { walk.All(t, &zendesk.API) }
