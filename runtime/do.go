package runtime

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/jsonpath"
)

// Do calls an operation and decodes its result, unwrapped as the operation
// says. Where T is a pointer, as it is for the structs of generated methods, the
// result points at a new value, and is nil only beside an error. A T of []byte
// takes the body as it is. A result that does not fit T is
// an error that wraps a *DecodeError; every error is an *Error.
//
// Calls of an operation with a Batch that are made at the same time share requests,
// see [WithoutBatch]. A call of one with Keys takes any number of them.
//
//go:noinline
func Do[T any](ctx context.Context, c *Client, op *api.Operation, args Args, opts ...Option) (T, error) {
	var result T
	err := c.do(ctx, op, args, opts, &result)
	return result, err
}

// do is Do for a result of any type, so that the compiler makes little anew for
// each.
func (c *Client) do(ctx context.Context, op *api.Operation, args Args, opts []Option, result any) error {
	whole, ok := result.(*[]byte)
	if ok { // before the caller's options, which may ask for one type
		opts = append([]Option{WithHeader("Accept", "*/*")}, opts...)
	}
	cl, err := c.newCall(op, args, opts)
	if err != nil {
		return err
	}
	if !ok {
		if done, err := c.together(ctx, cl, result); done {
			return err
		}
	}
	ans, err := c.exchange(ctx, cl, cl.prepared.url)
	if err != nil {
		return err
	}
	if ok {
		*whole = ans.body
		if cl.config.raw != nil {
			*cl.config.raw = ans.body
		}
	} else if err = decodeResult(ans, op.Result, cl.config.raw, result); err != nil {
		err = c.failure(cl, ans, err)
	}
	cl.watch.ended(err)
	return err
}

// Exec calls an operation whose answer has no result. Every error is an *Error.
func Exec(ctx context.Context, c *Client, op *api.Operation, args Args, opts ...Option) error {
	cl, err := c.newCall(op, args, opts)
	if err != nil {
		return err
	}
	ans, err := c.exchange(ctx, cl, cl.prepared.url)
	if err == nil && cl.config.raw != nil {
		*cl.config.raw = ans.body
	}
	cl.watch.ended(err)
	return err
}

func (c *Client) newCall(op *api.Operation, args Args, opts []Option) (*call, error) {
	cl := &call{op: op}
	var err error
	if cl.config, err = c.configure(opts); err != nil {
		return nil, c.failure(cl, nil, err)
	}
	if cl.prepared, err = c.prepare(op, args, cl.config); err != nil {
		return nil, c.failure(cl, nil, err)
	}
	return cl, nil
}

// decodeResult decodes what stands at path in the body into result, and keeps
// its bytes in raw if that is wanted. An answer that says to have no content
// leaves the result zero, as does one that says "not modified", which only a
// caller hears who asked for it with a header and so looks at the status.
func decodeResult(ans *answer, path api.Path, raw *json.RawMessage, result any) error {
	switch ans.status {
	case http.StatusNoContent, http.StatusResetContent, http.StatusNotModified:
		decodeNothing(result)
		return nil
	}
	body := ans.body
	if len(path) > 0 {
		at, ok := jsonpath.Lookup(body, path)
		if !ok {
			return &DecodeError{Raw: body, Index: -1, Err: pathError(body, path)}
		}
		body = at
	}
	if raw != nil {
		*raw = body
	}
	if err := decode(body, result); err != nil {
		return &DecodeError{Raw: body, Index: -1, Err: err}
	}
	return nil
}
