package main

// This file keeps the articles that have arrived, one JSON object a line, so
// that a sync which was killed goes on where it was.

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"sync"
)

// store is a file of articles. A line is written by one call, so a killed
// program leaves at most its last line torn, and open cuts that off.
type store struct {
	mu    sync.Mutex
	file  *os.File
	have  map[int64]bool
	twice int // lines whose article was there before; none is the goal
	found int // articles that an earlier run had left
}

// openStore opens the file; unless resume is set it starts empty.
func openStore(path string, resume bool) (*store, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, fmt.Errorf("open the store: %w", err)
	}
	s := &store{file: file, have: map[int64]bool{}}
	if err := s.load(resume); err != nil {
		file.Close()
		return nil, fmt.Errorf("read the store %s: %w", path, err)
	}
	return s, nil
}

func (s *store) load(resume bool) error {
	var whole int64
	if resume {
		content, err := io.ReadAll(s.file)
		if err != nil {
			return err
		}
		whole = int64(bytes.LastIndexByte(content, '\n') + 1)
		for line := range bytes.Lines(content[:whole]) {
			if err := s.mark(line); err != nil {
				return err
			}
		}
		s.found = len(s.have)
	}
	if err := s.file.Truncate(whole); err != nil {
		return err
	}
	_, err := s.file.Seek(whole, io.SeekStart)
	return err
}

func (s *store) mark(line []byte) error {
	var article struct{ ID int64 }
	if err := json.Unmarshal(line, &article); err != nil {
		return err
	}
	if s.have[article.ID] {
		s.twice++
	}
	s.have[article.ID] = true
	return nil
}

// has reports whether the article has arrived already.
func (s *store) has(id int64) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.have[id]
}

// count is how many articles are there.
func (s *store) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.have)
}

// put writes an article, as the bytes that the provider sent.
func (s *store) put(id int64, raw json.RawMessage) error {
	var line bytes.Buffer
	if err := json.Compact(&line, raw); err != nil {
		return fmt.Errorf("article %d: %w", id, err)
	}
	line.WriteByte('\n')
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.have[id] {
		return nil
	}
	if _, err := s.file.Write(line.Bytes()); err != nil {
		return fmt.Errorf("write article %d: %w", id, err)
	}
	s.have[id] = true
	return nil
}

func (s *store) Close() error { return s.file.Close() }
