package redisbudget

import "context"

// WithOwnTime has Redis go by the clock of each call, so that virtual time drives both.
func WithOwnTime() Option {
	return func(c *config) error {
		c.ownTime = true
		if c.ear == nil { // one that reads from a network would keep virtual time from passing
			c.ear = func(context.Context, string, func(string, error)) {}
		}
		return nil
	}
}

// WithEar has the member hear by f what the others tell.
func WithEar(f func(ctx context.Context, channel string, heard func(message string, err error))) Option {
	return func(c *config) error {
		c.ear = f
		return nil
	}
}

// Script is what runs in Redis.
var Script = script
