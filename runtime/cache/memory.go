package cache

import (
	"container/list"
	"fmt"
	"io/fs"
	"sync"
)

// perEntry is about what an entry takes beside its bytes.
const perEntry = 256

// Memory keeps up to so many bytes in memory; with fewer than an entry takes it
// keeps nothing. When it is full it forgets what was used longest ago. So what one
// sync reads in a row should fit as a whole: a cache of less than that has
// forgotten the beginning when the next sync comes there.
//
// It is a plain list in order of use rather than maypok86/otter, which keeps more
// of what is used often: that one may be above its bound until its goroutines have
// caught up, and a bound on memory, and a test, are worth more where it is exact.
func Memory(bytes int64) Store {
	return &memory{most: bytes, at: map[string]*list.Element{}}
}

type memory struct {
	mu    sync.Mutex
	most  int64
	size  int64
	at    map[string]*list.Element
	order list.List // of *remembered, used last first
}

type remembered struct {
	key   string
	value []byte
}

func (r *remembered) size() int64 { return int64(len(r.key)+len(r.value)) + perEntry }

func (m *memory) Get(key string) ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	e, ok := m.at[key]
	if !ok {
		return nil, fmt.Errorf("cache: %w", fs.ErrNotExist)
	}
	m.order.MoveToFront(e)
	return e.Value.(*remembered).value, nil
}

func (m *memory) Set(key string, value []byte) error {
	r := &remembered{key, value}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.forget(m.at[key])
	if r.size() > m.most {
		return nil
	}
	for m.size+r.size() > m.most {
		m.forget(m.order.Back())
	}
	m.size += r.size()
	m.at[key] = m.order.PushFront(r)
	return nil
}

func (m *memory) Delete(key string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.forget(m.at[key])
	return nil
}

func (m *memory) forget(e *list.Element) {
	if e == nil {
		return
	}
	r := m.order.Remove(e).(*remembered)
	m.size -= r.size()
	delete(m.at, r.key)
}
