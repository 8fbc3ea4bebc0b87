package main

import (
	"syscall"
	"time"
)

// sleepPrecisely blocks its thread, and wakes within some 70 µs.
func sleepPrecisely(d time.Duration) {
	if d > 0 {
		t := syscall.NsecToTimespec(int64(d))
		syscall.Nanosleep(&t, nil) // an interrupted sleep is a shorter delay, and rare
	}
}
