package runtime

// This file looks at requests for what limits are counted by.

import (
	"bytes"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"

	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/route"
)

// parts are what has to be known of an operation's requests beside their address.
type parts struct{ path, body bool }

func partsOf(op *api.Operation, limits map[string]api.Limit) (p parts) {
	note := func(in string) {
		p.path = p.path || in == api.InPath
		p.body = p.body || in == api.InBody
	}
	for _, d := range op.Draws {
		if d.When != nil {
			note(d.When.In)
		}
		for _, s := range limits[d.Limit].Scope {
			if in, _, ok := strings.Cut(string(s), ":"); ok {
				note(in)
			}
		}
	}
	return p
}

// looked is what a request tells.
type looked struct {
	prepared *prepared
	secret   string // what it is signed with
}

const formType = "application/x-www-form-urlencoded"

// look reads what is needed of a request. What it returns is to be sent in its
// place: it differs only where the body had to be opened and cannot be opened anew.
func (t *Transport) look(req *http.Request, known recognised, path string) (*http.Request, looked, error) {
	p := &prepared{header: req.Header}
	told := looked{prepared: p, secret: headerSecret(req.Header)}
	need := t.parts[known.as]
	if need.path {
		p.path = route.Values(known.as.Path, path)
	}
	if told.secret == "" {
		told.secret = querySecret(req.URL.RawQuery)
	}
	media, _, _ := mime.ParseMediaType(req.Header.Get("Content-Type"))
	signsInForm := told.secret == "" && media == formType
	if !need.body && !signsInForm {
		return req, told, nil
	}
	p.body.contentType = media
	if req.Body == nil || req.Body == http.NoBody {
		// What others send in a form may stand in the query as well.
		p.body.contentType, p.body.bytes = formType, []byte(req.URL.RawQuery)
		return req, told, nil
	}
	if media != formType && media != "" && media != "application/json" && !strings.HasSuffix(media, "+json") {
		return req, told, nil
	}
	out, head, err := openBody(req)
	if err != nil {
		return nil, looked{}, err
	}
	p.body.bytes = head
	if signsInForm {
		told.secret = querySecret(string(head))
	}
	return out, told, nil
}

// maxOpened is how much is read of a request's body. It is more than the text of
// any message; what stands behind is taken as not said.
const maxOpened = 256 << 10

// openBody reads the beginning of a request's body: of a copy, or else of the body
// itself, which is then sent from memory as far as it was read.
func openBody(req *http.Request) (*http.Request, []byte, error) {
	if req.GetBody != nil {
		body, err := req.GetBody()
		if err != nil {
			return nil, nil, err
		}
		defer body.Close()
		head, err := io.ReadAll(io.LimitReader(body, maxOpened))
		return req, head, err
	}
	head, err := io.ReadAll(io.LimitReader(req.Body, maxOpened))
	rest := io.Reader(req.Body)
	if err != nil {
		rest = broken{err}
	}
	out := req.WithContext(req.Context())
	out.Body = struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(head), rest), req.Body}
	return out, head, nil
}

func headerSecret(h http.Header) string {
	for _, name := range []string{"Authorization", "X-Api-Key"} {
		if values := h[name]; len(values) > 0 {
			return strings.Join(values, ",")
		}
	}
	return ""
}

// querySecret is the token in a query or form: access_token is its name by RFC
// 6750; the others are usual. It is written as the header would have it, so that
// a token counts the same wherever it stands.
func querySecret(query string) string {
	if !strings.Contains(query, "token=") && !strings.Contains(query, "api_key=") {
		return ""
	}
	values, _ := url.ParseQuery(query) // a body may be cut short
	for _, name := range []string{"access_token", "token", "api_key"} {
		if value := values.Get(name); value != "" {
			return "Bearer " + value
		}
	}
	return ""
}
