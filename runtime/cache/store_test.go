package cache

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func opened(t testing.TB, dir string, bytes int64) *folder {
	t.Helper()
	s, err := Folder(dir, bytes)
	if err != nil {
		t.Fatal(err)
	}
	f := s.(*folder)
	t.Cleanup(func() { f.root.Close() })
	return f
}

// TestCacheStoresForget is what holds of all stores: what is read is what was set
// last, and what they hold is within their bound.
func TestCacheStoresForget(t *testing.T) {
	const most = 4000
	for name, open := range map[string]func() (Store, func() int64){
		"memory": func() (Store, func() int64) {
			m := Memory(most).(*memory)
			return m, func() int64 {
				var size int64
				for e := m.order.Front(); e != nil; e = e.Next() {
					size += e.Value.(*remembered).size()
				}
				if size != m.size || len(m.at) != m.order.Len() {
					t.Errorf("holds %d bytes in %d entries, and counts %d in %d", size, m.order.Len(), m.size, len(m.at))
				}
				return size
			}
		},
		"folder": func() (Store, func() int64) {
			f := opened(t, t.TempDir(), most)
			return f, func() int64 {
				all, err := f.look()
				if err != nil {
					t.Error(err)
				}
				var size int64
				for _, file := range all {
					size += file.size
				}
				return size
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				s, size := open()
				last := map[string]string{}
				for range rapid.IntRange(1, 30).Draw(t, "steps") {
					key := Key(rapid.StringMatching("[a-d]").Draw(t, "key"))
					switch rapid.IntRange(0, 3).Draw(t, "step") {
					case 0:
						if err := s.Delete(key); err != nil {
							t.Fatal(err)
						}
						delete(last, key)
					case 1, 2:
						last[key] = strings.Repeat(rapid.StringMatching("[x-z]").Draw(t, "value"), rapid.IntRange(0, 5000).Draw(t, "length"))
						if err := s.Set(key, []byte(last[key])); err != nil {
							t.Fatal(err)
						}
					}
					got, err := s.Get(key)
					switch {
					case err == nil && string(got) != last[key]:
						t.Fatalf("read %d bytes that were not set last", len(got))
					case err != nil && !errors.Is(err, fs.ErrNotExist):
						t.Fatal(err)
					}
					if n := size(); n > most {
						t.Fatalf("holds %d bytes, at most %d are allowed", n, most)
					}
				}
			})
		})
	}
}

func TestCacheMemoryForgetsWhatWasUsedLongestAgo(t *testing.T) {
	m := Memory(3 * (1 + perEntry))
	for _, key := range []string{"a", "b", "c"} {
		m.Set(key, nil)
	}
	m.Get("a")
	m.Set("d", nil)
	for key, want := range map[string]bool{"a": true, "b": false, "c": true, "d": true} {
		if _, err := m.Get(key); (err == nil) != want {
			t.Errorf("%s: %v", key, err)
		}
	}
	none := Memory(0)
	none.Set("a", []byte("x"))
	if _, err := none.Get("a"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a memory of nothing: %v", err)
	}
}

func TestCacheFolderForgetsWhatIsOldest(t *testing.T) {
	f := opened(t, t.TempDir(), 100)
	var keys []string
	for i, text := range []string{"a", "b", "c"} {
		keys = append(keys, Key(text))
		f.Set(keys[i], make([]byte, 10+20*min(i, 1)))
		file, _ := name(keys[i])
		at := time.Now().Add(time.Duration(i-10) * time.Hour)
		if err := f.root.Chtimes(file, at, at); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := f.Get(keys[0]); err != nil { // it is the newest now
		t.Fatal(err)
	}
	f.Set(Key("c"), make([]byte, 35))
	f.Set(Key("d"), make([]byte, 30))
	for i, want := range []bool{true, false, true} {
		if _, err := f.Get(keys[i]); (err == nil) != want {
			t.Errorf("entry %d: %v", i, err)
		}
	}
}

// TestCacheFolderIsShared: another program opens the same one.
func TestCacheFolderIsShared(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "deep", "folder")
	one, two := opened(t, dir, 1000), opened(t, dir, 1000)
	key := Key("a")
	one.Set(key, []byte("1"))
	if b, err := two.Get(key); string(b) != "1" {
		t.Errorf("read %q, %v", b, err)
	}
	two.Delete(key)
	if _, err := one.Get(key); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("error = %v", err)
	}
	var done sync.WaitGroup
	for i := range 8 {
		done.Go(func() {
			for range 50 {
				if err := []*folder{one, two}[i%2].Set(key, []byte(strings.Repeat("x", 100))); err != nil {
					t.Error(err)
				}
				if b, err := two.Get(key); err == nil && len(b) != 100 {
					t.Errorf("read %d bytes: a file that is not whole", len(b))
				}
			}
		})
	}
	done.Wait()
	for path, want := range map[string]fs.FileMode{dir: 0o700, filepath.Join(dir, key[:2]): 0o700, filepath.Join(dir, key[:2], key[2:]): 0o600} {
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: mode %v, %v", path, info.Mode(), err)
		}
	}
}

// TestCacheFolderLeavesOthersFilesAlone, but for what was begun long ago under a
// name of ours.
func TestCacheFolderLeavesOthersFilesAlone(t *testing.T) {
	dir := t.TempDir()
	long := time.Now().Add(-2 * time.Hour)
	files := map[string]bool{"README": true, "ab/notes.txt": true, "ab/" + unfinished + "old": false, "ab/" + unfinished + "young": true}
	os.Mkdir(filepath.Join(dir, "ab"), 0o700)
	for name := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.WriteFile(path, make([]byte, 50), 0o600); err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(name, "old") {
			os.Chtimes(path, long, long)
		}
	}
	f := opened(t, dir, 100)
	if f.size != 0 {
		t.Errorf("counts %d bytes as its own", f.size)
	}
	for _, key := range []string{"a", "b", "c"} {
		f.Set(Key(key), make([]byte, 60))
	}
	for name, want := range files {
		if _, err := os.Stat(filepath.Join(dir, filepath.FromSlash(name))); (err == nil) != want {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestCacheFolderErrors(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Folder(file, 100); err == nil || !strings.HasPrefix(err.Error(), "cache folder: ") {
		t.Errorf("error = %v", err)
	}
	f := opened(t, t.TempDir(), 100)
	for _, key := range []string{"", "ab", "../../etc/passwd", "AB12", "ab/cd"} {
		_, err := f.Get(key)
		if err == nil || f.Set(key, nil) == nil || f.Delete(key) == nil {
			t.Errorf("%q is taken as a key", key)
		}
	}
}
