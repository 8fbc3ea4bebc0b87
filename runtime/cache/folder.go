package cache

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

// Folder keeps up to so many bytes in the files of a folder, which it makes, for
// its owner alone, if it is not there. Programs that run at the same time may share
// one. When it is full it forgets what was used longest ago, to the hour, and then a
// quarter of all, so that it need not look at all files each time. A file appears whole under its name or not at all; what a machine that goes
// down leaves of one is found by its checksum.
//
// What providers answer stands in the files as it came. Credentials do not: names
// are hashes, cookies are not kept, and neither is an answer that repeats the secret
// which it was asked with.
func Folder(path string, bytes int64) (Store, error) {
	if err := os.MkdirAll(path, 0o700); err != nil {
		return nil, fmt.Errorf("cache folder: %w", err)
	}
	root, err := os.OpenRoot(path)
	if err != nil {
		return nil, fmt.Errorf("cache folder: %w", err)
	}
	f := &folder{root: root, most: bytes}
	if _, err := f.look(); err != nil {
		return nil, fmt.Errorf("cache folder: %w", err)
	}
	return f, nil
}

type folder struct {
	root *os.Root
	most int64

	mu   sync.Mutex
	size int64 // as far as this program knows
}

// unfinished begins the names of files that are being written.
const unfinished = "new-"

// name is where a key's file stands: a hundred thousand files in one folder are
// slow to look through with the usual tools.
func name(key string) (string, error) {
	if len(key) < 3 || strings.Trim(key, "0123456789abcdef") != "" {
		return "", fmt.Errorf("cache: %q is no key", key)
	}
	return filepath.Join(key[:2], key[2:]), nil
}

func (f *folder) Get(key string) ([]byte, error) {
	file, err := name(key)
	if err != nil {
		return nil, err
	}
	b, err := f.root.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("cache: %w", err)
	}
	if info, err := f.root.Stat(file); err == nil && time.Since(info.ModTime()) > time.Hour {
		f.root.Chtimes(file, time.Time{}, time.Now()) // if it cannot be, it is forgotten earlier
	}
	return b, nil
}

func (f *folder) Set(key string, value []byte) error {
	file, err := name(key)
	if err != nil {
		return err
	}
	if int64(len(value)) > f.most {
		return f.remove(file)
	}
	if err := f.write(file, value); err != nil {
		return fmt.Errorf("cache: %w", err)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.size += int64(len(value)); f.size > f.most {
		return f.shrink()
	}
	return nil
}

// write does not wait for the disk: what is lost of a file in a crash is found
// when it is read, and costs a request.
func (f *folder) write(file string, value []byte) error {
	dir := filepath.Dir(file)
	if err := f.root.Mkdir(dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	temporary := filepath.Join(dir, unfinished+rand.Text())
	if err := f.root.WriteFile(temporary, value, 0o600); err != nil {
		f.root.Remove(temporary)
		return err
	}
	if err := f.root.Rename(temporary, file); err != nil {
		f.root.Remove(temporary)
		return err
	}
	return nil
}

func (f *folder) Delete(key string) error {
	file, err := name(key)
	if err != nil {
		return err
	}
	return f.remove(file)
}

func (f *folder) remove(file string) error {
	if err := f.root.Remove(file); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("cache: %w", err)
	}
	return nil
}

// found is a file of ours.
type found struct {
	name string
	size int64
	at   time.Time
}

// look reads what there is, whoever has written it, and sweeps away what was
// begun and not finished. Files that are not ours are left alone.
func (f *folder) look() ([]found, error) {
	var all []found
	f.size = 0
	err := fs.WalkDir(f.root.FS(), ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		half := strings.HasPrefix(d.Name(), unfinished)
		if file, err := name(strings.ReplaceAll(path, "/", "")); !half && (err != nil || file != filepath.FromSlash(path)) {
			return nil
		}
		info, err := d.Info()
		if errors.Is(err, fs.ErrNotExist) { // another program was faster
			return nil
		}
		if err != nil {
			return err
		}
		if half {
			// The age is by the clock of the file system, which all programs share.
			if time.Since(info.ModTime()) > time.Hour {
				f.root.Remove(path)
			}
			return nil
		}
		f.size += info.Size()
		all = append(all, found{path, info.Size(), info.ModTime()})
		return nil
	})
	return all, err
}

// shrink removes the oldest files, down to three quarters of the bound. The caller
// holds the lock.
func (f *folder) shrink() error {
	all, err := f.look()
	if err != nil {
		return fmt.Errorf("cache: %w", err)
	}
	if f.size <= f.most { // others have removed some, or were replaced
		return nil
	}
	slices.SortFunc(all, func(a, b found) int { return a.at.Compare(b.at) })
	for _, old := range all {
		if f.size <= f.most/4*3 {
			break
		}
		if err := f.remove(old.name); err != nil {
			return err
		}
		f.size -= old.size
	}
	return nil
}
