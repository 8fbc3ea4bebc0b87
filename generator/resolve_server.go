package generator

// This file decides which operations have a server of their own, as uploads of
// files often do.

import (
	"fmt"
	"slices"
	"strings"

	"github.com/weirkit/weir/runtime/api"
)

// resolveServer finds the first address that the operation lists for itself, or
// its path for all of its operations. One that is the API's own, however often it
// is repeated, is none of the operation's.
func (r *resolver) resolveServer(op *operation) error {
	listed := op.item.Servers
	if op.spec.Servers != nil {
		listed = *op.spec.Servers
	}
	theirs := serversOf(listed, r.set.Account)
	if len(theirs) == 0 {
		return nil
	}
	ours := serversOf(r.doc.Servers, r.set.Account)
	if slices.ContainsFunc(ours, func(s api.Server) bool { return s.URL == theirs[0].URL }) {
		return nil
	}
	address := theirs[0].URL
	for _, v := range theirs[0].Variables {
		if v.Default == "" {
			return fmt.Errorf("its own server %s has the variable %s without a default", address, v.Name)
		}
		address = strings.ReplaceAll(address, "{"+v.Name+"}", v.Default)
	}
	if !strings.HasPrefix(address, "https://") && !strings.HasPrefix(address, "http://") {
		return fmt.Errorf("its own server %q is not a whole address", address)
	}
	op.value.Server = address
	return nil
}
