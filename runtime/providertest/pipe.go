package providertest

// This file is a network in memory. Its connections are buffered, as those of
// an operating system are: a client and a server that both write first would
// wait for each other forever over net.Pipe. It blocks on conditions and timers
// only, so that it works inside a synctest bubble.

import (
	"context"
	"io"
	"net"
	"os"
	"sync"
	"time"
)

// pipeBuffer is how much one side may write before the other reads.
const pipeBuffer = 64 << 10

// stream carries bytes one way.
type stream struct {
	mu        sync.Mutex
	changed   sync.Cond
	data      []byte // data[at:] is yet to be read
	at        int
	ended     bool // the writer has closed
	refused   bool // the reader has closed
	readBy    deadline
	writtenBy deadline
}

func newStream() *stream {
	s := new(stream)
	s.changed.L = &s.mu
	return s
}

// deadline is a time after which a side waits no longer.
type deadline struct {
	at    time.Time
	timer *time.Timer
}

func (d *deadline) passed() bool { return !d.at.IsZero() && !time.Now().Before(d.at) }

// set moves a deadline and wakes whoever waits once it passes. The caller
// holds the stream's lock.
func (d *deadline) set(at time.Time, s *stream) {
	if d.timer != nil {
		d.timer.Stop()
		d.timer = nil
	}
	if d.at = at; !at.IsZero() && !d.passed() {
		d.timer = time.AfterFunc(time.Until(at), s.wake)
	}
	s.changed.Broadcast()
}

func (s *stream) wake() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.changed.Broadcast()
}

func (s *stream) read(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for {
		switch {
		case s.refused:
			return 0, net.ErrClosed
		case s.readBy.passed():
			return 0, os.ErrDeadlineExceeded
		case s.at < len(s.data):
			n := copy(b, s.data[s.at:])
			if s.at += n; s.at == len(s.data) {
				s.data, s.at = s.data[:0], 0
			}
			s.changed.Broadcast()
			return n, nil
		case s.ended:
			return 0, io.EOF
		}
		s.changed.Wait()
	}
}

func (s *stream) write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	written := 0
	for {
		switch {
		case s.ended:
			return written, net.ErrClosed
		case s.refused:
			return written, io.ErrClosedPipe
		case s.writtenBy.passed():
			return written, os.ErrDeadlineExceeded
		}
		n := min(len(b)-written, pipeBuffer-len(s.data)) // room comes back when all is read
		s.data = append(s.data, b[written:written+n]...)
		s.changed.Broadcast()
		if written += n; written == len(b) {
			return written, nil
		}
		s.changed.Wait()
	}
}

// close ends the stream from one of its sides.
func (s *stream) close(side *bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	*side = true
	s.readBy.set(time.Time{}, s)
	s.writtenBy.set(time.Time{}, s)
}

// pipeConn is one end of a connection.
type pipeConn struct {
	in, out       *stream
	local, remote memoryAddr
}

// newPipe returns both ends of a new connection.
func newPipe(client, server memoryAddr) (net.Conn, net.Conn) {
	up, down := newStream(), newStream()
	return &pipeConn{in: down, out: up, local: client, remote: server},
		&pipeConn{in: up, out: down, local: server, remote: client}
}

func (c *pipeConn) Read(b []byte) (int, error)  { return c.in.read(b) }
func (c *pipeConn) Write(b []byte) (int, error) { return c.out.write(b) }
func (c *pipeConn) LocalAddr() net.Addr         { return c.local }
func (c *pipeConn) RemoteAddr() net.Addr        { return c.remote }

func (c *pipeConn) Close() error {
	c.out.close(&c.out.ended)
	c.in.close(&c.in.refused)
	return nil
}

func (c *pipeConn) SetDeadline(t time.Time) error {
	c.SetReadDeadline(t)
	return c.SetWriteDeadline(t)
}

func (c *pipeConn) SetReadDeadline(t time.Time) error {
	c.in.mu.Lock()
	defer c.in.mu.Unlock()
	c.in.readBy.set(t, c.in)
	return nil
}

func (c *pipeConn) SetWriteDeadline(t time.Time) error {
	c.out.mu.Lock()
	defer c.out.mu.Unlock()
	c.out.writtenBy.set(t, c.out)
	return nil
}

// memoryAddr is the address of an end in memory.
type memoryAddr string

func (memoryAddr) Network() string  { return "memory" }
func (a memoryAddr) String() string { return string(a) }

// The addresses of every connection in memory, from those for documentation (RFC 5737).
const (
	clientAddr = memoryAddr("192.0.2.1:49152")
	serverAddr = memoryAddr("192.0.2.2:80")
)

// memoryListener accepts connections that are dialed in memory.
type memoryListener struct {
	incoming chan net.Conn
	closed   chan struct{}
	close    func()
}

func newMemoryListener() *memoryListener {
	l := &memoryListener{incoming: make(chan net.Conn), closed: make(chan struct{})}
	l.close = sync.OnceFunc(func() { close(l.closed) })
	return l
}

// dial connects to the listener.
func (l *memoryListener) dial(ctx context.Context) (net.Conn, error) {
	client, server := newPipe(clientAddr, serverAddr)
	select {
	case l.incoming <- server:
		return client, nil
	case <-l.closed:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (l *memoryListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.incoming:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *memoryListener) Addr() net.Addr { return serverAddr }

func (l *memoryListener) Close() error {
	l.close()
	return nil
}
