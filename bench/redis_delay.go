package main

// This file is a Redis that is far away: a TCP proxy, in a process of its own,
// that holds back what it is sent for half of the added round trip, each way.
//
// The delay is the same for all, so one queue of all connections keeps the order
// of each, and nobody waits for another's delay to pass. One thread empties
// it: Go's own timers wake an idle process up to a millisecond late, which would
// double the delay.

import (
	"encoding/json"
	"io"
	"net"
	"runtime"
	"time"
)

// distance is what the proxy is told to be.
type distance struct {
	To    string        // the address of Redis
	Delay time.Duration // of each way
}

// parcel is on its way; one without bytes ends the connection.
type parcel struct {
	due   time.Time
	to    net.Conn
	bytes []byte
}

func serveDelay(in io.Reader, out io.Writer) error {
	var d distance
	if err := json.NewDecoder(in).Decode(&d); err != nil {
		return err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	runtime.GOMAXPROCS(4) // a thread that sleeps in the kernel holds one of them for a while
	queue := make(chan parcel, 1<<16)
	go deliver(queue)
	go func() {
		for {
			near, err := listener.Accept()
			if err != nil {
				return
			}
			far, err := net.Dial("tcp", d.To)
			if err != nil {
				near.Close()
				continue
			}
			go d.carry(near, far, queue)
			go d.carry(far, near, queue)
		}
	}()
	if err := json.NewEncoder(out).Encode(listener.Addr().String()); err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, in)
	return err
}

// carry puts what comes from one connection on its way to the other.
func (d distance) carry(from, to net.Conn, queue chan<- parcel) {
	buffer := make([]byte, 64<<10)
	for {
		n, err := from.Read(buffer)
		due := time.Now().Add(d.Delay)
		if n > 0 {
			queue <- parcel{due, to, append([]byte(nil), buffer[:n]...)}
		}
		if err != nil {
			queue <- parcel{due: due, to: to}
			return
		}
	}
}

// deliver writes each parcel when it is due. A write to loopback does not wait
// unless a member stops reading for longer than its socket's buffer lasts.
func deliver(queue <-chan parcel) {
	runtime.LockOSThread()
	for p := range queue {
		sleepPrecisely(time.Until(p.due))
		if p.bytes == nil {
			p.to.Close()
			continue
		}
		p.to.Write(p.bytes) // where it fails its reader ends
	}
}
