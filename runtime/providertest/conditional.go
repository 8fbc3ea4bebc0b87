package providertest

// This file answers conditional requests (RFC 9110, 13).

import (
	"hash/fnv"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// unchanged looks, before a call is counted, at whether its answer will be that
// nothing has changed: some providers do not count those.
func (p *Provider) unchanged(c *Call) {
	if !p.options.ETags || c.Request.Method != http.MethodGet && c.Request.Method != http.MethodHead || c.effects.answer.kind != noEffect {
		return
	}
	a := p.content(c)
	if len(a.Body) == 0 || a.Status != 0 && a.Status != http.StatusOK {
		c.content = &a
		return
	}
	if a.Header == nil {
		a.Header = http.Header{}
	}
	sum := fnv.New64a()
	sum.Write(a.Body)
	tag := `"` + strconv.FormatUint(sum.Sum64(), 16) + `"`
	a.Header.Set("Etag", tag)
	if has(c.Request.Header["If-None-Match"], tag) || modifiedNotSince(c.Request.Header, a.Header) {
		a = Answer{Status: http.StatusNotModified, Header: a.Header}
		c.same = true
		if c.Request.Header.Get("Authorization") != "" {
			for i := range c.charges {
				if slices.Contains(p.options.UnchangedIsFree, c.charges[i].limit.name) {
					c.charges[i].cost = 0
				}
			}
		}
	}
	c.content = &a
}

// has reports whether a list of entity tags has one, strong or weak.
func has(lists []string, tag string) bool {
	for _, list := range lists {
		for one := range strings.SplitSeq(list, ",") {
			if one = strings.TrimSpace(one); one == "*" || strings.TrimPrefix(one, "W/") == tag {
				return true
			}
		}
	}
	return false
}

// modifiedNotSince counts only where there is no If-None-Match.
func modifiedNotSince(request, answer http.Header) bool {
	if request.Get("If-None-Match") != "" {
		return false
	}
	since, err := http.ParseTime(request.Get("If-Modified-Since"))
	modified, unknown := http.ParseTime(answer.Get("Last-Modified"))
	return err == nil && unknown == nil && !modified.After(since)
}
