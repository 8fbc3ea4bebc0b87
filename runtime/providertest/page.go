package providertest

// This file cuts lists into pages, in each style of api.PageStyle.

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"github.com/weirkit/weir/runtime/api"
)

// The slots of a page's body.
const (
	itemsSlot = iota
	nextSlot
	moreSlot
	endSlot
	totalSlot
	pagesSlot
	okSlot
)

// pager pages the list of one operation.
type pager struct {
	api.Pagination
	max, size int // the largest page, and that of one who asks for none
	body      envelope
}

func newPager(pg api.Pagination, largest, size int, ok api.Path) (*pager, error) {
	body, err := newEnvelope(whole(pg.Items), pg.Next, pg.More, pg.End, pg.Total, pg.Pages, ok)
	if err != nil {
		// The list is the body, or "ok" is taken: then nothing says that all is well.
		if body, err = newEnvelope(whole(pg.Items), pg.Next, pg.More, pg.End, pg.Total, pg.Pages); err != nil {
			return nil, err
		}
	}
	return &pager{Pagination: pg, max: largest, size: min(size, largest), body: body}, nil
}

// page is the part of a list that one answer has.
type page struct {
	items      []json.RawMessage
	start, end int // of all, the items before it and up to its end
	total      int
	size       int // as asked for
	last       bool
	origin     string // of the next link, if not the request's own
}

// cut finds the page that a call asks for.
func (pg *pager) cut(c *Call, all []json.RawMessage) (page, error) {
	p := page{total: len(all), size: pg.size}
	if pg.Cap > 0 {
		all = all[:min(len(all), pg.Cap)] // and tells of all
	}
	if pg.Size != nil {
		if v, ok := c.Param(pg.Size.Param); ok {
			if n, err := strconv.Atoi(v); err == nil && n > 0 {
				p.size = min(n, pg.max)
			}
		}
	}
	start, err := pg.start(c, all, p.size)
	if err != nil {
		return p, err
	}
	take := p.size
	repeat := false
	for _, e := range c.effects.page {
		switch e.kind {
		case shortPageEffect:
			take = min(take, int(e.n))
		case foreignLinkEffect:
			p.origin = e.text
		default:
			repeat = true
		}
	}
	p.start = min(start, len(all))
	p.end = p.start + min(take, len(all)-p.start)
	p.items = all[p.start:p.end]
	p.last = p.end == len(all)
	if repeat {
		p.end, p.last = p.start, false
	}
	return p, nil
}

// start is the number of items before the page that a call asks for.
func (pg *pager) start(c *Call, all []json.RawMessage, size int) (int, error) {
	value, ok := c.Param(pg.cursor())
	if !ok || value == "" {
		return 0, nil
	}
	switch {
	case pg.Style == api.KeysetStyle:
		for i, item := range all {
			// Most items need no parsing to know that they are others.
			if bytes.Contains(item, []byte(value)) && pg.id(item) == value {
				return i + 1, nil
			}
		}
		return 0, fmt.Errorf("no item has the id %q", value)
	case pg.Style == api.OffsetStyle:
		n, err := strconv.Atoi(value)
		if err != nil || n < 0 {
			return 0, fmt.Errorf("%q is no offset", value)
		}
		return n, nil
	case pg.numbered():
		n, err := strconv.Atoi(value)
		if n -= pg.first(); err != nil || n < 0 {
			return 0, fmt.Errorf("%q is no page number", value)
		}
		return min(n, len(all)) * size, nil // a page past the end is an empty one
	default:
		return parseCursor(value)
	}
}

// cursor is the parameter that selects a page. Links carry one whether or not
// the annotations name it; it counts pages unless they name another than "page".
func (pg *pager) cursor() api.Param {
	if pg.Cursor.Name == "" {
		return api.Param{In: api.InQuery, Name: "page"}
	}
	return pg.Cursor
}

func (pg *pager) numbered() bool {
	links := pg.Style == api.LinkStyle || pg.Style == api.URLStyle
	return pg.Style == api.PageNumberStyle || links && pg.cursor().Name == "page"
}

// first is the number of the first page; links count from 1.
func (pg *pager) first() int {
	if pg.Style == api.PageNumberStyle {
		return pg.First
	}
	return max(pg.First, 1)
}

// next is the value of the cursor parameter that selects what follows a page.
func (pg *pager) next(p page) string {
	switch {
	case pg.Style == api.KeysetStyle && len(p.items) > 0:
		return pg.id(p.items[len(p.items)-1])
	case pg.Style == api.OffsetStyle:
		return strconv.Itoa(p.end)
	case pg.numbered():
		return strconv.Itoa(pg.first() + p.end/p.size)
	default:
		return formatCursor(p.end)
	}
}

// id is an item's id as text, "" when it has none.
func (pg *pager) id(item json.RawMessage) string {
	for _, name := range pg.ID {
		var members map[string]json.RawMessage
		if json.Unmarshal(item, &members) != nil {
			return ""
		}
		item = members[name]
	}
	return text(item)
}

// formatCursor makes an opaque cursor, parseCursor reads it.
func formatCursor(offset int) string {
	return base64.RawURLEncoding.EncodeToString(strconv.AppendInt([]byte("after:"), int64(offset), 10))
}

func parseCursor(cursor string) (int, error) {
	plain, err := base64.RawURLEncoding.DecodeString(cursor)
	digits, ok := bytes.CutPrefix(plain, []byte("after:"))
	if n, numErr := strconv.Atoi(string(digits)); err == nil && ok && numErr == nil && n >= 0 {
		return n, nil
	}
	return 0, fmt.Errorf("%q is no cursor of this list", cursor)
}

// render is the body of a page. The last page of a list that says by another
// member that it ends keeps its cursor, as providers do.
func (pg *pager) render(c *Call, p page) []byte {
	size := 256
	for _, item := range p.items {
		size += len(item) + 1
	}
	return pg.body.render(make([]byte, 0, size), func(b []byte, slot int) []byte {
		switch slot {
		case itemsSlot:
			b = append(b, '[')
			for i, item := range p.items {
				if i > 0 {
					b = append(b, ',')
				}
				b = append(b, item...)
			}
			return append(b, ']')
		case nextSlot:
			return pg.appendNext(b, c, p)
		case moreSlot:
			return strconv.AppendBool(b, !p.last)
		case endSlot:
			return strconv.AppendBool(b, p.last)
		case totalSlot:
			return strconv.AppendInt(b, int64(p.total), 10)
		case pagesSlot:
			return strconv.AppendInt(b, int64((p.total+p.size-1)/p.size), 10)
		default:
			return append(b, "true"...)
		}
	})
}

func (pg *pager) appendNext(b []byte, c *Call, p page) []byte {
	switch {
	case p.last && pg.Style == api.CursorStyle && pg.More == nil && pg.End == nil:
		return append(b, `""`...)
	case p.last && pg.End == nil && (pg.Style != api.CursorStyle || p.total == 0):
		return append(b, "null"...)
	case pg.Style == api.URLStyle:
		return append(b, JSON(pg.link(c, p, pg.next(p)))...)
	case pg.Style == api.CursorStyle:
		return append(b, JSON(pg.next(p))...)
	default:
		return append(b, literal(pg.next(p))...)
	}
}

// linkHeader is the Link header of a page, in the order that GitHub writes it.
func (pg *pager) linkHeader(c *Call, p page) string {
	var links []string
	add := func(rel, cursor string) {
		links = append(links, "<"+pg.link(c, p, cursor)+`>; rel="`+rel+`"`)
	}
	if !p.last {
		add("next", pg.next(p))
	}
	if p.start > 0 {
		at := page{size: p.size}
		add("first", pg.next(at))
	}
	return strings.Join(links, ", ")
}

// link is the URL of the request with another cursor.
func (pg *pager) link(c *Call, p page, cursor string) string {
	u := *c.Request.URL
	u.Host = c.Request.Host
	u.Scheme = requestScheme(c)
	if origin, err := url.Parse(p.origin); err == nil && p.origin != "" {
		u.Scheme, u.Host = origin.Scheme, origin.Host
	}
	query := u.Query()
	query.Set(pg.cursor().Name, cursor)
	u.RawQuery = query.Encode()
	return u.String()
}

// requestScheme is the scheme by which the client called, which a proxy or
// Transport may have hidden.
func requestScheme(c *Call) string {
	switch r := c.Request; {
	case r.Header.Get(forwardedProto) != "":
		return r.Header.Get(forwardedProto)
	case r.URL.Scheme != "":
		return r.URL.Scheme
	case r.TLS != nil:
		return "https"
	default:
		return "http"
	}
}

const forwardedProto = "X-Forwarded-Proto"
