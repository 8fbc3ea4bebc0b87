// Package telemetry exports what a client does as OpenTelemetry spans and
// metrics. Give a client the option that [Instrument] makes:
//
//	client, err := zendesk.New("acme", zendesk.APIToken(email, token), telemetry.Instrument())
//
// The providers are the global ones of package otel unless told otherwise. Names
// are those of the semantic conventions 1.43 where these have one, else begin
// with "weir.".
//
// # Spans
//
// A call, or a page of a list, is one span. It has a child for each wait for
// budget, and one for each request: attempts, and hops of redirects.
//
//	Span               Kind      Is
//	Tickets.List       client    a call: the operation's name
//	weir.budget.wait   internal  a wait until a limit has room
//	GET /tickets       client    a request: method and url.template
//
// A page that is fetched ahead has a span only if the budget had room for it.
// If it fails it is fetched again when it is needed; its span then has an
// error.type but no error status, since nobody gets that error.
//
// Calls that share a request are one span, of the operation for many. It is below
// the first caller's and has links to the others'.
//
//	Attribute                   Of             Is
//	weir.api                    all            the API's name
//	weir.operation              all            the operation's name
//	weir.prefetch               call           true of a page fetched ahead
//	weir.retry.count            call           attempts that were repeated, if any
//	weir.request.count          call           requests sent
//	weir.cached                 call           how a cache took part: fresh, confirmed, stale or shared
//	weir.budget.waited          call, request  seconds waited for budget before, if any
//	weir.limit                  wait, request  the limit waited for; that refused, if told
//	weir.scope                  wait           the counter, with WithScopes
//	weir.budget.until           wait           when there will be room, as then known
//	weir.refused                request        true of a refusal for lack of budget
//	weir.error.code             call           the provider's error code, if it is a plain word
//	weir.request.id             call           the provider's name for a failed call
//	http.request.method         call, request
//	http.request.resend_count   request        redirects count too
//	http.response.status_code   call, request  a call's last answer
//	url.template                call, request  the operation's path; not of redirects
//	url.scheme                  request
//	server.address, server.port call, request
//	error.type                  all            if it failed; see below
//
// There is no url.full, though the conventions ask for it: addresses have ids,
// cursors and sometimes keys in them. Nor are there errors' texts, which quote
// the provider. Spans are in the machine's time, durations in metrics and
// weir.budget.* in the client's clock.
//
// # Metrics
//
//	Metric                        Kind, unit            Attributes
//	http.client.request.duration  histogram, s          http.request.method, url.template, server.address,
//	                                                    server.port, http.response.status_code, error.type
//	weir.calls                    counter, {call}       weir.api, weir.operation, error.type, weir.cached
//	weir.retries                  counter, {request}    weir.api, weir.operation, error.type of what was repeated
//	weir.refusals                 counter, {request}    weir.api, weir.operation, weir.limit if told
//	weir.budget.wait.duration     histogram, s          weir.api, weir.operation, weir.limit, error.type
//	weir.limit.max                gauge, {unit}         weir.api, weir.limit (and weir.scope, with WithScopes)
//	weir.limit.used               gauge, {unit}         the same
//	weir.limit.utilization        gauge, 1              the same
//	weir.limit.waiting            gauge, {call}         the same
//	weir.limit.frozen             gauge, {counter}      the same
//	weir.limit.counters           gauge, {counter}      the same
//
// The duration of a request is from its sending to the end of the body, without
// the wait for budget. weir.calls leaves out pages that were fetched ahead in
// vain. weir.budget.wait.duration counts the calls that had to wait, not the
// others.
//
// The gauges are read from the ledgers of all living clients that share a
// MeterProvider, a shared ledger once. A limit has a counter for each account,
// operation or channel that it is counted by; their numbers are added up, but
// for utilization (used / max), which is that of the fullest counter. Used, max
// and utilization are in the limit's units: calls, or points. A limit without a
// number has no max. Frozen is how many counters admit nothing at present.
// Counters that have been idle for a while are forgotten by the ledger.
//
// Where each customer has a host of its own server.address has many values; a
// View of the SDK can drop it from the histogram.
//
// # error.type
//
//	404, 500, ...       the status, where that is the error
//	rate_limited        a refusal by another status than an error's
//	api_error           the provider reports an error in a 2xx answer
//	budget_deadline     the wait for budget would outlast the deadline
//	budget_impossible   the call costs more than its limit
//	budget_closed       the ledger was closed
//	canceled, timeout   the context's end, or an attempt's timeout
//	dns_error, tls_error, connection_error
//	decode_error, response_too_large, redirect
//	_OTHER
package telemetry
