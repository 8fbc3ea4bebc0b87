package runtime

// This file asks operations for many things at once: a call for more of them than
// a request may have is cut into several, and their answers are put together.

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"net/url"
	"slices"
	"strings"

	"github.com/go-faster/jx"

	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/jsonpath"
	"github.com/weirkit/weir/runtime/parallel"
)

// partsAtOnce is how many requests of a call that was cut are under way at once,
// each sent when the budget has room for it.
const partsAtOnce = 16

// askKeys makes a call of an operation for many. Its result has the items in the
// order of the call's keys, however many requests that takes and whatever order the
// provider has. Keys that it knows nothing of are left out; items that are for none
// of the keys come last.
func (c *Client) askKeys(ctx context.Context, cl *call, result any) (done bool, err error) {
	k, keys, err := cl.keys()
	if err != nil {
		return true, c.failure(cl, nil, err)
	}
	if k == nil {
		return false, nil
	}
	parts := cut(cl, k, keys)
	var answers []partAnswer
	if len(parts) == 1 {
		answers, err = c.askPart(ctx, cl, k, parts[0])
	} else {
		var lists [][]partAnswer
		lists, err = parallel.Map(ctx, partsAtOnce, parts, func(ctx context.Context, part []string) ([]partAnswer, error) {
			return c.askPart(ctx, cl, k, part)
		})
		answers = slices.Concat(lists...)
	}
	if err != nil {
		return true, c.shared(cl, err)
	}
	last := answers[len(answers)-1]
	for _, other := range answers[:len(answers)-1] {
		last.response.Attempts += other.response.Attempts
		last.response.Warnings = append(last.response.Warnings, other.response.Warnings...)
	}
	last.response.into(cl.config.response)
	whole, path, err := joined(cl.op.Result, k, keys, answers)
	if err == nil {
		err = decodeResult(whole, path, cl.config.raw, result)
	}
	if err != nil {
		return true, c.failure(cl, last.answer, err)
	}
	return true, nil
}

// partAnswer is the answer to one request of a call.
type partAnswer struct {
	*answer
	response Response
}

// keys are those that a call asks for, and by which parameter; nil where it has
// none, or asks by several at once, which only the provider can make sense of.
func (c *call) keys() (k *api.Keys, keys []string, err error) {
	query := c.prepared.url.Query()
	for i := range c.op.Keys {
		values := query[c.op.Keys[i].Name]
		if len(values) == 0 || len(values) == 1 && values[0] == "" {
			continue
		}
		if k != nil {
			return nil, nil, nil
		}
		k = &c.op.Keys[i]
		for _, v := range values {
			if k.Join != "" {
				keys = append(keys, strings.Split(v, k.Join)...)
			} else {
				keys = append(keys, v)
			}
		}
	}
	if at := slices.Index(keys, ""); at >= 0 {
		return nil, nil, invalid("parameter %s: number %d of %d is empty", k.Name, at+1, len(keys))
	}
	return k, keys, nil
}

// cut cuts keys into parts that a request has room for, each key once. A call that
// needs no cutting keeps its keys as they are.
func cut(cl *call, k *api.Keys, keys []string) [][]string {
	room := longestURL - len(urlOf(cl, k, nil).String()) - len(k.Name) - len("?=")
	if len(keys) <= k.Max && sizeOf(k, keys...) <= room {
		return [][]string{keys}
	}
	var parts [][]string
	var part []string
	size, seen := 0, make(map[string]bool, len(keys))
	for _, key := range keys {
		if seen[key] {
			continue
		}
		seen[key] = true
		if len(part) > 0 && (len(part) == k.Max || size+sizeOf(k, key) > room) {
			parts, part, size = append(parts, part), nil, 0
		}
		part, size = append(part, key), size+sizeOf(k, key)
	}
	return append(parts, part)
}

// askPart makes one request, or more where the provider finds it too large.
func (c *Client) askPart(ctx context.Context, cl *call, k *api.Keys, part []string) ([]partAnswer, error) {
	var response Response
	one, p := *cl, *cl.prepared
	p.url, one.prepared = urlOf(cl, k, part), &p
	one.config.response = &response
	ans, err := c.exchange(ctx, &one, p.url)
	if err == nil {
		one.watch.ended(nil)
		return []partAnswer{{ans, response}}, nil
	}
	failed := &failedFlight{c.failure(cl, nil, err), response}
	if !failed.err.tooMuch() || len(part) < 2 {
		return nil, failed
	}
	first, err := c.askPart(ctx, cl, k, part[:len(part)/2])
	if err != nil {
		return nil, err
	}
	second, err := c.askPart(ctx, cl, k, part[len(part)/2:])
	return append(first, second...), err
}

// joined is a list of the items of all answers, in the order of keys, and the path
// to it. One answer that is in order stays as it is.
func joined(path api.Path, k *api.Keys, keys []string, answers []partAnswer) (*answer, api.Path, error) {
	place, anyCase := make(map[string]int, len(keys)), make(map[string]int, len(keys))
	for i, key := range keys {
		if _, twice := place[key]; !twice {
			place[key] = i
		}
		if _, twice := anyCase[strings.ToLower(key)]; !twice { // names are told as their owners write them
			anyCase[strings.ToLower(key)] = i
		}
	}
	type placed struct {
		item []byte
		at   int
	}
	var all []placed
	for _, ans := range answers {
		items, err := listAt(ans.body, path)
		if err != nil && len(answers) > 1 {
			return nil, nil, &DecodeError{Raw: ans.body, Index: -1, Err: err}
		}
		for _, item := range items {
			p := placed{item: item}
			if len(k.ID) > 0 {
				id, _ := jsonpath.Lookup(item, k.ID)
				at, known := place[jsonpath.Text(id)]
				if !known {
					at, known = anyCase[strings.ToLower(jsonpath.Text(id))]
				}
				if p.at = at; !known {
					p.at = len(keys)
				}
			}
			all = append(all, p)
		}
	}
	before := func(a, b placed) int { return cmp.Compare(a.at, b.at) }
	if len(answers) == 1 && slices.IsSortedFunc(all, before) {
		return answers[0].answer, path, nil
	}
	slices.SortStableFunc(all, before)
	var list bytes.Buffer
	list.WriteByte('[')
	for i, p := range all {
		if i > 0 {
			list.WriteByte(',')
		}
		list.Write(p.item)
	}
	list.WriteByte(']')
	whole := *answers[len(answers)-1].answer
	whole.body = list.Bytes()
	return &whole, nil, nil
}

// listAt are the elements of the list at path in a body; of null there are none.
func listAt(body []byte, path api.Path) ([][]byte, error) {
	raw, ok := jsonpath.Lookup(body, path)
	if !ok {
		return nil, pathError(body, path)
	}
	if string(raw) == "null" {
		return nil, nil
	}
	var items [][]byte
	err := jx.DecodeBytes(raw).Arr(func(d *jx.Decoder) error {
		item, err := d.Raw()
		items = append(items, item[:len(item):len(item)])
		return err
	})
	if err != nil {
		return nil, errors.Join(errNoList, err)
	}
	return items, nil
}

var errNoList = errors.New("the answer has no list where its items should be")

// urlOf is a call's URL with other keys.
func urlOf(cl *call, k *api.Keys, keys []string) *url.URL {
	u := *cl.prepared.url
	query := u.Query()
	putKeys(query, k, keys)
	u.RawQuery = query.Encode()
	return &u
}

// putKeys puts keys into a query as the parameter takes them.
func putKeys(query url.Values, k *api.Keys, keys []string) {
	switch {
	case len(keys) == 0:
		query.Del(k.Name)
	case k.Join != "":
		query.Set(k.Name, strings.Join(keys, k.Join))
	default:
		query[k.Name] = keys
	}
}

// sizeOf is how many bytes keys add to a URL, at the most.
func sizeOf(k *api.Keys, keys ...string) int {
	size := 0
	for _, key := range keys {
		size += len(url.QueryEscape(key)) + len("&=") + len(k.Name)
		if k.Join != "" {
			size += len(url.QueryEscape(k.Join)) - len(k.Name) - len("&=")
		}
	}
	return size
}
