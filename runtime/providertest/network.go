package providertest

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"sync"
)

// network is where a stand-in is served.
type network struct {
	mu      sync.Mutex
	memory  *memoryListener
	servers []*http.Server
	clients []*http.Transport
	running sync.WaitGroup
}

// Server is a stand-in served on loopback.
type Server struct {
	// URL is its address, as http://127.0.0.1:40123.
	URL    string
	server *http.Server
}

// Close ends the server and its connections.
func (s *Server) Close() error { return s.server.Close() }

// Listen serves the stand-in on a free port of the loopback address, until it
// or the Provider is closed.
func (p *Provider) Listen() (*Server, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("providertest: listen: %w", err)
	}
	p.network.mu.Lock()
	defer p.network.mu.Unlock()
	return &Server{URL: "http://" + l.Addr().String(), server: p.serve(l)}, nil
}

// serve starts a server. The caller holds the network's lock.
func (p *Provider) serve(l net.Listener) *http.Server {
	s := &http.Server{Handler: p}
	p.network.servers = append(p.network.servers, s)
	p.network.running.Go(func() {
		_ = s.Serve(l) // ends with http.ErrServerClosed
	})
	return s
}

// DialContext connects to the stand-in in memory, whatever the address. It is
// for an http.Transport of one's own; Transport has one ready.
func (p *Provider) DialContext(ctx context.Context, _, _ string) (net.Conn, error) {
	p.network.mu.Lock()
	if p.network.memory == nil {
		p.network.memory = newMemoryListener()
		p.serve(p.network.memory)
	}
	l := p.network.memory
	p.network.mu.Unlock()
	return l.dial(ctx)
}

// Transport reaches the stand-in in memory by real HTTP, whatever the address,
// over as many connections as there are calls. It works inside a synctest
// bubble in which the Provider was made and is closed.
func (p *Provider) Transport() *Transport {
	t := &http.Transport{DialContext: p.DialContext, MaxIdleConnsPerHost: 1024, DisableCompression: true}
	p.network.mu.Lock()
	defer p.network.mu.Unlock()
	p.network.clients = append(p.network.clients, t)
	return &Transport{t}
}

// Transport is an http.RoundTripper to a stand-in.
type Transport struct{ http *http.Transport }

// RoundTrip sends a request. An address of scheme https is called in plain
// text, and the stand-in is told of the scheme for the links that it writes.
func (t *Transport) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Scheme != "https" {
		return t.http.RoundTrip(r)
	}
	plain := *r
	address := *r.URL
	address.Scheme = "http"
	plain.URL = &address
	plain.Header = r.Header.Clone()
	if plain.Header == nil {
		plain.Header = make(http.Header)
	}
	plain.Header.Set(forwardedProto, "https")
	response, err := t.http.RoundTrip(&plain)
	if response != nil {
		response.Request = r
	}
	return response, err
}

// CloseIdleConnections closes the connections that no call uses.
func (t *Transport) CloseIdleConnections() { t.http.CloseIdleConnections() }

// Close ends every server and connection of the stand-in. What it has seen
// can still be reported.
func (p *Provider) Close() error {
	p.network.mu.Lock()
	for _, t := range p.network.clients {
		t.CloseIdleConnections()
	}
	for _, s := range p.network.servers {
		_ = s.Close() // closing listeners in memory or on loopback has nothing to lose
	}
	p.network.mu.Unlock()
	p.network.running.Wait()
	return nil
}
