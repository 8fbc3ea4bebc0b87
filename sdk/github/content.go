package github

import (
	"encoding/base64"
	"fmt"
	"strings"
)

// Bytes are the file's content, which Repos.GetContent has in base64, in lines.
// Files above a megabyte come without it, and with the encoding none: that is an
// error here, and DownloadURL is where such a file is.
func (f ContentFile) Bytes() ([]byte, error) {
	switch f.Encoding {
	case "base64":
		content, err := base64.StdEncoding.DecodeString(strings.ReplaceAll(f.Content, "\n", ""))
		if err != nil {
			return nil, fmt.Errorf("github: the content of %s: %w", f.Path, err)
		}
		return content, nil
	case "": // as in the list of a folder, of files that are empty, and of texts
		return []byte(f.Content), nil
	default:
		return nil, fmt.Errorf("github: the content of %s is in the encoding %q: fetch it from its DownloadURL", f.Path, f.Encoding)
	}
}
