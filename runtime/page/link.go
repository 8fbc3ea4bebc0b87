package page

// This file reads what URLs of next pages come in and consist of.

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/weirkit/weir/runtime/api"
)

// nextLink finds the link with the relation "next" in Link headers (RFC 8288);
// it returns "" where there is none.
//
// github.com/peterhellberg/link is not used: it drops commas from URLs
// (?fields=id,name becomes ?fields=idname), and all links where a relation is
// not quoted.
func nextLink(h http.Header) string {
	for _, value := range h["Link"] {
		for value != "" {
			var target string
			var params []string
			target, params, value = cutLink(value)
			if target != "" && isNext(params) {
				return target
			}
		}
	}
	return ""
}

// cutLink reads the first link of a header's value, and returns the rest.
func cutLink(s string) (target string, params []string, rest string) {
	_, s, ok := strings.Cut(s, "<")
	if !ok {
		return "", nil, ""
	}
	target, s, ok = strings.Cut(s, ">")
	if !ok {
		return "", nil, ""
	}
	quoted, start := false, 0
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == ';':
			params = append(params, s[start:i])
			start = i + 1
		case c == ',':
			return target, append(params, s[start:i]), s[i+1:]
		}
	}
	return target, append(params, s[start:]), ""
}

func isNext(params []string) bool {
	for _, param := range params {
		name, value, _ := strings.Cut(param, "=")
		if !strings.EqualFold(strings.TrimSpace(name), "rel") {
			continue
		}
		for relation := range strings.FieldsSeq(strings.Trim(strings.TrimSpace(value), `"`)) {
			if strings.EqualFold(relation, "next") {
				return true
			}
		}
		return false // only the first rel counts
	}
	return false
}

// numbered is how many items come before the page of a URL whose parameters
// count pages and tell their size; 0 for other URLs.
func numbered(link string, param *api.PageSize) int {
	u, err := url.Parse(link)
	if err != nil || param == nil || param.In != api.InQuery {
		return 0
	}
	query := u.Query()
	size, sizeErr := strconv.Atoi(query.Get(param.Name))
	number, numberErr := strconv.Atoi(query.Get("page"))
	if sizeErr != nil || numberErr != nil || size < 1 || number < 1 || size >= 1<<31 || number >= 1<<31 {
		return 0
	}
	return (number - 1) * size
}

// resize writes a page size into a URL that the provider made, where that is
// known to move no item, and returns the size that the URL asks for; 0 if none.
//
// It is known where the URL's other parameters count nothing, being cursors; and
// where one named "page" counts pages, if the page begins at a multiple of the
// new size. Any other number may count pages as well, so it is left alone.
func resize(u *url.URL, param *api.PageSize, size int) int {
	if param == nil || param.In != api.InQuery {
		return 0
	}
	query := u.Query()
	was, err := strconv.Atoi(query.Get(param.Name))
	if err != nil || was < 1 {
		return 0
	}
	if size < 1 || size == was {
		return was
	}
	for name, values := range query {
		if name == param.Name {
			continue
		}
		n, err := strconv.Atoi(values[0])
		switch {
		case err != nil:
		case name == "page" && n >= 1 && n < 1<<31 && was < 1<<31 && (n-1)*was%size == 0:
			query.Set(name, strconv.Itoa((n-1)*was/size+1))
		default:
			return was
		}
	}
	query.Set(param.Name, strconv.Itoa(size))
	u.RawQuery = query.Encode()
	return size
}
