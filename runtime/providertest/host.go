package providertest

// This file tells whether a request has gone to the right one of an API's hosts:
// documents give single operations servers of their own, as for uploads.

import (
	"strings"

	"github.com/weirkit/weir/runtime/api"
)

// splitAddress returns the host and the path of a server's address. Its variables
// keep it from being parsed.
func splitAddress(address string) (host, path string) {
	_, rest, _ := strings.Cut(address, "://")
	host, path, _ = strings.Cut(rest, "/")
	return strings.ToLower(host), path
}

// addHosts notes the hosts of a's operations that have servers of their own.
func (p *Provider) addHosts(a *api.API) {
	for _, op := range a.Operations {
		if op.Server == "" {
			continue
		}
		if p.hosts == nil {
			p.hosts = map[string]bool{}
			for _, s := range a.Servers {
				host, _ := splitAddress(s.URL)
				p.hosts[host] = true
			}
		}
		host, _ := splitAddress(op.Server)
		p.hosts[host] = true
	}
}

// astray reports whether a request for op went to another of the API's hosts than
// op's. At an address of its own a stand-in serves all of them.
func (p *Provider) astray(op *api.Operation, host string) bool {
	host = strings.ToLower(host)
	if !p.hosts[host] {
		return false
	}
	if op.Server != "" {
		own, _ := splitAddress(op.Server)
		return host != own
	}
	for _, s := range p.api.Servers {
		if own, _ := splitAddress(s.URL); own == host {
			return false
		}
	}
	return true
}
