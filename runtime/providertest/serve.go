package providertest

// This file is the way of one request through the stand-in.

import (
	"bytes"
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/weirkit/weir/runtime/api"
)

// RetryAfter is how a refusal's Retry-After header is written.
type RetryAfter string

const (
	// RetryAfterSeconds writes whole seconds, rounded up.
	RetryAfterSeconds RetryAfter = ""
	// RetryAfterDecimal writes seconds with decimals.
	RetryAfterDecimal RetryAfter = "decimal"
	// RetryAfterDate writes an HTTP date, rounded up.
	RetryAfterDate RetryAfter = "date"
	// RetryAfterMissing writes none, neither as header nor in the body.
	RetryAfterMissing RetryAfter = "missing"
)

// ServeHTTP answers one request.
func (p *Provider) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c := &Call{Request: r}
	if !p.route(c) {
		p.history.unrouted(p.now(), r)
		p.send(w, c, p.Error(http.StatusNotFound, "InvalidEndpoint", r.Method+" "+r.URL.Path+" is no operation of "+p.api.Name))
		return
	}
	p.faults.strike(c)
	p.meter.measure(c)
	p.unchanged(c)
	latency := chance(p, p.options.Latency)
	before := time.Duration(float64(latency) * chance(p, p.options.CountAt))
	p.history.arrived(p.now(), c)

	// A call whose client has gone is counted all the same: it was received.
	alive := p.wait(r.Context(), before)
	refused := p.count(c)
	defer p.meter.leave(c)
	if !alive || !p.wait(r.Context(), latency-before+c.effects.slow) {
		panic(http.ErrAbortHandler)
	}
	p.send(w, c, p.decide(c, refused))
}

// count charges the call to its counters, unless a fault keeps it from them.
func (p *Provider) count(c *Call) *refusal {
	if c.effects.uncounted {
		return nil
	}
	p.meter.mu.Lock()
	now := p.now() // read under the lock, so that it never goes back
	refused := p.meter.admit(c, now)
	p.meter.mu.Unlock()
	if refused != nil {
		p.history.refused(now, c, refused)
	}
	return refused
}

// decide makes the answer of a call.
func (p *Provider) decide(c *Call, refused *refusal) Answer {
	e := c.effects.answer
	switch {
	case refused != nil:
		now := p.now()
		return p.refusal(refused.limit.name, time.Duration(max(0, refused.free-now)))
	case e.kind == refuseEffect:
		return p.refusal("", e.after)
	case e.kind == statusEffect:
		a := p.Error(int(e.n), "ServiceUnavailable", http.StatusText(int(e.n)))
		if e.after > 0 {
			a.Header = http.Header{"Retry-After": {strconv.FormatInt(wholeSeconds(e.after), 10)}}
		}
		return a
	case e.kind == error200Effect:
		return p.Error(http.StatusOK, e.text, "The call failed")
	case e.kind == garbageEffect:
		return Answer{Body: []byte("<html><body>Bad day</body></html>")}
	case e.kind == hugeEffect:
		return Answer{Body: []byte(`{"padding":"`), padding: e.n}
	}
	if c.same {
		p.history.unchanged()
	}
	if c.content != nil {
		return *c.content
	}
	return p.content(c)
}

// content is what a call is answered where nothing is in the way.
func (p *Provider) content(c *Call) Answer {
	if answer := c.op.answer.Load(); answer != nil {
		return (*answer)(c)
	}
	switch {
	case c.op.pager != nil:
		return Answer{Body: c.op.pager.render(c, page{last: true, size: 1})}
	case c.Operation.Method == http.MethodDelete:
		return Answer{}
	default:
		return Answer{Body: p.wrap(c.op, []byte("{}"))}
	}
}

// refusal is the answer to a call that has no budget; a wait below zero is not told.
func (p *Provider) refusal(limit string, wait time.Duration) Answer {
	t := p.throttling
	told := wait >= 0 && p.options.RetryAfter != RetryAfterMissing
	body := p.errorBody("TooManyRequests", "Rate limit exceeded", t.When)
	a := Answer{Status: t.Status, Header: http.Header{}}
	switch seconds := max(1, wholeSeconds(wait)); {
	case !told || t.RetryAfter == api.RetryAfterNone:
	case t.RetryAfter == api.RetryAfterBody:
		body.set(t.Path, seconds)
	case p.options.RetryAfter == RetryAfterDecimal:
		a.Header.Set("Retry-After", strconv.FormatFloat(wait.Seconds(), 'f', 3, 64))
	case p.options.RetryAfter == RetryAfterDate:
		at := time.Unix(0, p.now()).Add(wait + time.Second - 1)
		a.Header.Set("Retry-After", at.UTC().Format(http.TimeFormat))
	default:
		a.Header.Set("Retry-After", strconv.FormatInt(seconds, 10))
	}
	a.Body = JSON(body)
	if p.options.RefusalBody != nil {
		a.Body = p.options.RefusalBody(limit, wait)
	}
	return a
}

// Error is an answer with an error body of the kind that the API describes.
func (p *Provider) Error(status int, code, message string) Answer {
	return Answer{Status: status, Body: JSON(p.errorBody(code, message, nil))}
}

// errorBody is an error of the given code, which is overruled by the value
// that a throttling rule wants to find.
func (p *Provider) errorBody(code, message string, rule *api.BodyRule) document {
	d := document{}
	for _, r := range []*api.BodyRule{rule, p.api.Errors.When} {
		switch {
		case r == nil:
		case len(r.In) > 0:
			d.set(r.Path, literal(r.In[0]))
		case len(r.Contains) > 0:
			d.set(r.Path, "Sorry: "+r.Contains[0]+".")
		}
	}
	codePath, messagePath := api.Path{"error"}, api.Path{"description"}
	if len(p.api.Errors.Code) > 0 {
		codePath = p.api.Errors.Code[0]
	}
	if len(p.api.Errors.Message) > 0 {
		messagePath = p.api.Errors.Message[0]
	}
	d.set(codePath, code)
	d.set(messagePath, message)
	return d
}

// wait lets d pass on the provider's clock; it reports false when the client
// has gone before.
func (p *Provider) wait(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return ctx.Err() == nil
	}
	timer := p.options.Clock.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C():
		return true
	case <-ctx.Done():
		return false
	}
}

var jsonType = []string{"application/json; charset=utf-8"}

// send writes an answer, as far as the faults let it.
func (p *Provider) send(w http.ResponseWriter, c *Call, a Answer) {
	if c.effects.answer.kind == dropEffect {
		p.finish(c)
		panic(http.ErrAbortHandler)
	}
	h := w.Header()
	h["Date"] = p.dateNow()
	h["Content-Type"] = jsonType
	set(h, canonical(p.api.Errors.RequestID), "stand-in-"+strconv.FormatInt(p.serial.Add(1), 10))
	p.tell(h, c)
	for name, values := range a.Header {
		h[name] = values
	}
	status := a.Status
	if status == 0 {
		status = http.StatusOK
		if a.Body == nil {
			status = http.StatusNoContent
		}
	}
	if len(a.Body) > 0 {
		length := int64(len(a.Body))
		if a.padding > 0 {
			length += a.padding + int64(len(paddingEnd))
		}
		h["Content-Length"] = []string{strconv.FormatInt(length, 10)}
	} else {
		delete(h, "Content-Type")
	}
	w.WriteHeader(status)
	if c.Request.Method != http.MethodHead {
		if a.padding > 0 {
			writePadding(w, a)
			a.Body = []byte(paddingEnd)
		}
		p.sendBody(w, c, a.Body)
	}
	p.finish(c)
}

// sendBody writes a body. A call gives its place among those answered at once
// back just before the last byte, so that no client can know of the end first.
func (p *Provider) sendBody(w http.ResponseWriter, c *Call, body []byte) {
	if c.effects.cuts && c.effects.cut < len(body) {
		write(w, body[:c.effects.cut])
		flush(w)
		p.finish(c)
		panic(http.ErrAbortHandler)
	}
	if c.effects.stall > 0 {
		half := len(body) / 2
		write(w, body[:half])
		flush(w)
		if !p.wait(c.Request.Context(), c.effects.stall) {
			panic(http.ErrAbortHandler)
		}
		body = body[half:]
	}
	if c.busy && len(body) > 0 {
		write(w, body[:len(body)-1])
		body = body[len(body)-1:]
		p.meter.leave(c)
	}
	write(w, body)
}

const paddingEnd = `"}`

// writePadding writes a body and its padding in chunks, so that a huge one
// needs no memory.
func writePadding(w http.ResponseWriter, a Answer) {
	write(w, a.Body)
	chunk := bytes.Repeat([]byte("x"), 32<<10)
	for left := a.padding; left > 0; left -= int64(len(chunk)) {
		chunk = chunk[:min(left, int64(len(chunk)))]
		if _, err := w.Write(chunk); err != nil {
			return
		}
	}
}

// write drops the error: a client that has gone needs no answer.
func write(w http.ResponseWriter, b []byte) { _, _ = w.Write(b) }

func flush(w http.ResponseWriter) {
	if f, ok := w.(http.Flusher); ok {
		f.Flush()
	}
}

// finish notes that a call was answered.
func (p *Provider) finish(c *Call) {
	p.meter.leave(c)
	p.history.answered(p.now())
}

// dateHeader is the Date header of one second.
type dateHeader struct {
	second int64
	value  []string
}

// dateNow is the Date header, made once a second.
func (p *Provider) dateNow() []string {
	second := p.now() / int64(time.Second)
	d := p.date.Load()
	if d == nil || d.second != second {
		d = &dateHeader{second, []string{time.Unix(second, 0).UTC().Format(http.TimeFormat)}}
		p.date.Store(d)
	}
	return d.value
}
