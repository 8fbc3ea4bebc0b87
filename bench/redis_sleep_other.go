//go:build !linux

package main

import "time"

// sleepPrecisely is as precise as Go's timers are here.
func sleepPrecisely(d time.Duration) { time.Sleep(d) }
