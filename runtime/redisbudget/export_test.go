package redisbudget

// WithOwnTime has Redis go by the clock of each call, so that virtual time drives both.
func WithOwnTime() Option {
	return func(c *config) error {
		c.ownTime = true
		return nil
	}
}

// Script is what runs in Redis.
var Script = script
