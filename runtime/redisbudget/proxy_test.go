package redisbudget_test

// This file is a network between members and Redis that goes wrong as it is told.

import (
	"net"
	"sync"
	"testing"
	"time"
)

// proxy passes connections on to a server.
type proxy struct {
	addr, target string
	mu           sync.Mutex
	delay        time.Duration // of each reply
	cut          bool          // there are no connections
	deaf, mute   bool          // what is sent there, and from there, is lost
	open         map[net.Conn]bool
}

func newProxy(t *testing.T, target string) *proxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{addr: l.Addr().String(), target: target, open: map[net.Conn]bool{}}
	t.Cleanup(func() {
		l.Close()
		p.set(func() { p.cut = true })
	})
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go p.serve(conn)
		}
	}()
	return p
}

// set changes what goes wrong.
func (p *proxy) set(change func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	change()
	if p.cut {
		for conn := range p.open {
			conn.Close()
		}
	}
}

func (p *proxy) serve(client net.Conn) {
	defer client.Close()
	server, err := net.Dial("tcp", p.target)
	if err != nil {
		return
	}
	defer server.Close()
	p.mu.Lock()
	ok := !p.cut
	p.open[client] = ok
	p.mu.Unlock()
	defer func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		delete(p.open, client)
	}()
	if !ok {
		return
	}
	go func() {
		defer client.Close()
		p.pass(client, server, func() bool { return p.mute })
	}()
	p.pass(server, client, func() bool { return p.deaf })
}

// pass copies from one side to the other, less what is lost; replies take a while.
func (p *proxy) pass(to, from net.Conn, lost func() bool) {
	buffer := make([]byte, 64<<10)
	for {
		n, err := from.Read(buffer)
		if err != nil {
			return
		}
		p.mu.Lock()
		drop, delay := lost(), p.delay
		p.mu.Unlock()
		if delay > 0 {
			<-time.After(delay)
		}
		if drop {
			continue
		}
		if _, err := to.Write(buffer[:n]); err != nil {
			return
		}
	}
}
