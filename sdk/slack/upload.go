package slack

// This file has the upload of files, which Slack takes in three steps: it gives
// an address for a length, takes the bytes there, and is told where they go.

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/weirkit/weir/runtime"
)

// Upload is a file to upload.
type Upload struct {
	// Filename is the file's name, with its extension. It is required, as is
	// Content.
	Filename string
	// Content is read from where it stands to its end. One that can seek, as a file
	// or a bytes.Reader, is sent again where an attempt fails; any other has one.
	Content io.Reader
	// Size is Content's exact length in bytes. Zero lets Content tell by seeking;
	// where it cannot, up to MaxBuffered bytes of it are read into memory.
	Size int64
	// Title is what Slack shows in place of the name.
	Title string
	// AltText describes an image to those who do not see it.
	AltText string
	// SnippetType makes a snippet of the file, in a language ("go").
	SnippetType string
}

// Share is where uploaded files go. They are private to the token's owner until
// they are shared.
type Share struct {
	// ChannelID is the conversation to post them in.
	ChannelID string
	// ThreadTS is the message to post them below, if any.
	ThreadTS string
	// InitialComment is the text of the message that brings them.
	InitialComment string
}

// MaxBuffered is how many bytes of an upload of unknown length are held in memory.
const MaxBuffered = 64 << 20

// uploads is what the errors of an upload call it, where no method's name fits.
const uploads = "Files.Upload"

// Upload uploads a file and shares it, or does not where share is nil. Each step
// waits for the budget of its method. Content of another length than it was said
// to have fails by [runtime.ErrLength], and nothing is shared. The bytes go to
// the address that Slack gives, on one of its own hosts, without the token.
func (s *FilesService) Upload(ctx context.Context, file Upload, share *Share, opts ...runtime.Option) (File, error) {
	done, err := s.UploadAll(ctx, []Upload{file}, share, opts...)
	if err != nil {
		return File{}, err
	}
	if len(done) == 0 {
		return File{}, &runtime.Error{Operation: uploads, Err: errors.New("slack names no file in its answer")}
	}
	return done[0], nil
}

// UploadAll uploads files, one after the other, and shares them in one message.
// Where one fails none is shared.
func (s *FilesService) UploadAll(ctx context.Context, files []Upload, share *Share, opts ...runtime.Option) ([]File, error) {
	if len(files) == 0 {
		return nil, unfit("", "there is nothing to upload")
	}
	files = slices.Clone(files) // measuring changes them
	body := FilesCompleteUploadExternalBody{}
	for i := range files { // what is unfit is told before anything is sent
		if err := files[i].measure(); err != nil {
			return nil, err
		}
	}
	for i := range files {
		id, err := s.send(ctx, &files[i], opts)
		if err != nil {
			return nil, err
		}
		body.Files = append(body.Files, UploadedFile{ID: id, Title: optional(files[i].Title)})
	}
	if share != nil {
		body.ChannelID, body.ThreadTS, body.InitialComment = optional(share.ChannelID), optional(share.ThreadTS), optional(share.InitialComment)
	}
	return s.CompleteUploadExternal(ctx, body, opts...)
}

// send uploads the bytes of one file and returns the id that it will have.
func (s *FilesService) send(ctx context.Context, file *Upload, opts []runtime.Option) (string, error) {
	place, err := s.GetUploadURLExternal(ctx, FilesGetUploadURLExternalBody{
		Filename: file.Filename, Length: file.Size, AltTxt: optional(file.AltText), SnippetType: optional(file.SnippetType),
	}, opts...)
	if err != nil {
		return "", err
	}
	_, err = s.client.Transfer(ctx, runtime.Transfer{
		Operation: uploads, URL: place.UploadURL, Domain: "slack.com", Content: file.Content, Size: file.Size,
	}, opts...)
	return place.FileID, err
}

// measure finds out the length of a file, which Slack wants to know first.
func (u *Upload) measure() error {
	if u.Filename == "" || u.Content == nil || u.Size < 0 {
		return unfit(u.Filename, "a name, content, and a size that is not negative are needed")
	}
	if length, ok := left(u.Content); ok {
		if u.Size != 0 && u.Size != length {
			return &runtime.Error{Operation: uploads, Err: fmt.Errorf("%q: %w: it has %d bytes, and %d were said", u.Filename, runtime.ErrLength, length, u.Size)}
		}
		u.Size = length
		return nil
	}
	if u.Size != 0 {
		return nil
	}
	var whole bytes.Buffer
	n, err := io.Copy(&whole, io.LimitReader(u.Content, MaxBuffered+1))
	if err != nil {
		return &runtime.Error{Operation: uploads, Err: fmt.Errorf("%q: read the content: %w", u.Filename, err)}
	}
	if n > MaxBuffered {
		return unfit(u.Filename, fmt.Sprintf("content of unknown length is longer than %d bytes: say its Size", MaxBuffered))
	}
	u.Content, u.Size = bytes.NewReader(whole.Bytes()), n
	return nil
}

// left is how much there is to read of content that can seek. (A pipe has the
// method, and only fails.)
func left(content io.Reader) (int64, bool) {
	s, ok := content.(io.Seeker)
	if !ok {
		return 0, false
	}
	start, err := s.Seek(0, io.SeekCurrent)
	if err != nil {
		return 0, false
	}
	end, err := s.Seek(0, io.SeekEnd)
	if err != nil {
		return 0, false
	}
	_, err = s.Seek(start, io.SeekStart)
	return end - start, err == nil
}

func unfit(name, why string) error {
	return &runtime.Error{Operation: uploads, Err: fmt.Errorf("%w: %q: %s", runtime.ErrInvalidArgument, name, why)}
}

// optional is a text that is left out where it is empty.
func optional(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}
