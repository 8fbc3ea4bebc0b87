package providertest

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"

	"github.com/weirkit/weir/runtime/api"
)

// maxParams is the largest number of path parameters of one operation.
const maxParams = 12

// Call is one request for an operation, as the functions that answer it see
// it. It is valid until they return.
type Call struct {
	// Operation is what the request asks for.
	Operation *api.Operation
	// Request is the request; read its body with Body.
	Request *http.Request

	op     *operation
	values []string // of op.params
	room   [maxParams]string

	query url.Values

	body   func() []byte
	fields url.Values // the top level of the body, as texts; nil until read

	effects effects
	content *Answer  // made before the call is counted; nil where it need not be
	same    bool     // it is that nothing has changed
	charges []charge // what it draws, and the counters as it left them
	few     [4]charge
	busy    bool // occupies a place among the calls that are answered at once
}

// Path is the value of a path parameter, empty when there is none of the name.
func (c *Call) Path(name string) string {
	v, _ := c.Param(api.Param{In: api.InPath, Name: name})
	return v
}

// Query is the first value of a query parameter, empty when it was not sent.
func (c *Call) Query(name string) string {
	v, _ := c.Param(api.Param{In: api.InQuery, Name: name})
	return v
}

// Body is the whole request body.
func (c *Call) Body() []byte {
	if c.body == nil {
		c.body = sync.OnceValue(func() []byte {
			if c.Request.Body == nil {
				return nil
			}
			b, err := io.ReadAll(c.Request.Body)
			if err != nil {
				return nil // the connection is gone, and with it whoever would read an answer
			}
			return b
		})
	}
	return c.body()
}

// Param is the value of a parameter wherever it is sent, and whether it was. A
// member of a JSON body that is no string is its JSON text.
func (c *Call) Param(p api.Param) (string, bool) {
	switch p.In {
	case api.InPath:
		for i, name := range c.op.params {
			if name == p.Name {
				return c.values[i], true
			}
		}
		return "", false
	case api.InHeader:
		return first(c.Request.Header[http.CanonicalHeaderKey(p.Name)])
	case api.InBody:
		if c.fields == nil {
			c.fields = bodyFields(c.Request.Header.Get("Content-Type"), c.Body())
		}
		return first(c.fields[p.Name])
	default:
		if c.query == nil {
			c.query = c.Request.URL.Query()
		}
		return first(c.query[p.Name])
	}
}

func first(values []string) (string, bool) {
	if len(values) == 0 {
		return "", false
	}
	return values[0], true
}

// bodyFields reads the top level of a form or of a JSON object. Anything else
// has no fields.
func bodyFields(contentType string, body []byte) url.Values {
	if strings.HasPrefix(contentType, "application/x-www-form-urlencoded") {
		form, _ := url.ParseQuery(string(body)) // what can be read of it counts
		if form == nil {
			form = url.Values{}
		}
		return form
	}
	var members map[string]json.RawMessage
	if json.Unmarshal(body, &members) != nil {
		return url.Values{}
	}
	fields := make(url.Values, len(members))
	for name, raw := range members {
		if string(raw) != "null" {
			fields[name] = []string{text(raw)}
		}
	}
	return fields
}

// text is a JSON value as a parameter is written: strings without quotes.
func text(raw json.RawMessage) string {
	var s string
	if json.Unmarshal(raw, &s) == nil {
		return s
	}
	return string(raw)
}

// satisfies tells whether a draw's condition is true of the call.
func (c *Call) satisfies(when *api.When) bool {
	if when == nil {
		return true
	}
	value, ok := c.Param(when.Param)
	if !ok {
		return false
	}
	if when.Above != 0 {
		if n, err := strconv.Atoi(value); err != nil || n <= when.Above {
			return false
		}
	}
	if len(when.Equals) == 0 {
		return true
	}
	for _, want := range when.Equals {
		if value == want {
			return true
		}
	}
	return false
}
