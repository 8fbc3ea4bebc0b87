package runtime

// This file sends a stream more than once.

import (
	"errors"
	"io"
	"sync"
)

// rewinder is a stream that each attempt reads from where it stood at first.
type rewinder struct {
	mu     sync.Mutex
	stream io.ReadSeeker
	turn   int
}

// rewinding returns what makes the stream's body for one attempt, and its
// length; ok is false for a stream that can be read only once. A pipe has the
// method Seek, and only fails.
func rewinding(stream io.Reader) (again func() (io.ReadCloser, error), length int64, ok bool) {
	s, ok := stream.(io.ReadSeeker)
	if !ok {
		return nil, 0, false
	}
	start, err := s.Seek(0, io.SeekCurrent)
	if err != nil {
		return nil, 0, false
	}
	end, err := s.Seek(0, io.SeekEnd)
	if err != nil {
		return nil, 0, false
	}
	r := &rewinder{stream: s}
	return func() (io.ReadCloser, error) {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.turn++
		_, err := s.Seek(start, io.SeekStart)
		return rewound{r, r.turn}, err
	}, end - start, true
}

// rewound is the stream for one attempt. An answer may come before the whole
// body was sent, and net/http may still be reading it when the next attempt
// begins: from then on it fails.
type rewound struct {
	*rewinder
	turn int
}

var errSuperseded = errors.New("the body is being sent again")

func (b rewound) Read(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.turn != b.rewinder.turn {
		return 0, errSuperseded
	}
	return b.stream.Read(p)
}

func (rewound) Close() error { return nil }
