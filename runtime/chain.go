package runtime

import "net/http"

// chain puts the layers of a call together, in the order in which a call
// passes them. The order matters:
//
//   - Caching stands outside of everything, where a client has a cache: what is
//     stored costs no budget and no wait, and what fails for good after all
//     attempts may be answered from what was stored (cached, below).
//   - Retrying stands outside of the budget, so that every attempt is admitted
//     and charged; and so does redirecting, since every hop is a request.
//   - Renewing, where a credential can be replaced, stands inside of retrying: the
//     policy is of what a provider fails at, not of what it is not shown. And it
//     stands outside of the budget, since what is sent again is another request.
//   - Resizing stands between the two, since an attempt may ask for less than
//     the one before.
//   - Buffering stands inside of retrying, so that an answer which is cut short
//     counts as a failed attempt; and outside of admission, so that a charge's
//     release clock starts when the headers are in, not the last byte.
//   - Observing, where somebody does, stands around what is one request.
//   - Admission also sees what the transport repeats by itself: transmission.go.
//   - Signing stands inside of admission, since that picks the credential; and
//     right above sending, so that no layer ever sees a secret.
//
// What a caller gets from an answer (errors, results, pages) is decoded above
// the chain, in do.go and list.go.
func (c *Client) chain(transport http.RoundTripper) retrying {
	var next http.RoundTripper
	next = sending{transport: transport, clock: c.clock}
	next = signing{next: next, client: c}
	next = admission{next: next, client: c}
	next = buffering{next: next}
	if c.watched != nil {
		next = observing{next: next}
	}
	next = redirecting{next: next}
	next = resizing{next: next}
	if c.pool != nil || c.renewable != nil {
		next = renewing{next: next, client: c}
	}
	return newRetrying(next, c)
}

// chainUnder is the way of requests that others have made, by a Transport. What
// is above the retries is theirs: they follow redirects and read bodies, which
// are not buffered here; and they have signed.
func (c *Client) chainUnder(transport http.RoundTripper) retrying {
	var next http.RoundTripper
	next = sending{transport: transport, clock: c.clock}
	next = admission{next: next, client: c}
	if c.watched != nil {
		next = streaming{next: next}
	}
	next = keeping{next: next, client: c}
	return newRetrying(next, c)
}

// cached puts the client's cache on top of a chain, where there is one.
func (c *Client) cached(next retrying, cfg config) top {
	if cfg.cache == nil {
		return next
	}
	return newCaching(next, c, cfg)
}

// chainAside is the way of what goes to other addresses than the provider's
// API: it is not signed, and nobody has said what limits there are.
func (c *Client) chainAside(transport http.RoundTripper) retrying {
	var next http.RoundTripper
	next = sending{transport: transport, clock: c.clock}
	next = sendingAside{next: next}
	next = buffering{next: next}
	return newRetrying(next, c)
}
