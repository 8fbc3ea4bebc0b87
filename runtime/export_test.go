package runtime

// Groups is how many groups of calls a client keeps.
func Groups(c *Client) int { return len(c.coalescing.groups) }
