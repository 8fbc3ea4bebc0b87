package runtime

import (
	"fmt"
	"io"
)

// Args are what a call adds to its operation's facts.
type Args struct {
	// Path fills the placeholders of the operation's path, in order.
	Path []any
	// Params is a pointer to a struct whose fields are tagged `query:"name"` or
	// `header:"Name"`, or nil. See params.go for the tag's options.
	Params any
	// Body is the request body: a value for JSON and forms, an io.Reader or
	// []byte for any other content type, nil for none.
	Body any
}

// File is a part of a multipart/form-data body that is a file.
type File struct {
	Name        string // the file's name, without folders
	ContentType string // empty means application/octet-stream
	Content     io.Reader
}

func invalid(format string, args ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{ErrInvalidArgument}, args...)...)
}
