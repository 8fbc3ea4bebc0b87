package runtime

// This file encodes request bodies by content type.

import (
	"bytes"
	"encoding/json"
	"io"
	"mime"
	"mime/multipart"
	"net/textproto"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/jsonpath"
	"github.com/weirkit/weir/runtime/page"
)

func encodeBody(op *api.Operation, body any) (requestBody, error) {
	if v := reflect.ValueOf(body); !v.IsValid() || v.Kind() == reflect.Pointer && v.IsNil() {
		return requestBody{}, nil
	}
	contentType := op.ContentType
	if contentType == "" {
		contentType = "application/json"
	}
	media, _, err := mime.ParseMediaType(contentType)
	if err != nil {
		return requestBody{}, invalid("content type %q: %v", contentType, err)
	}
	switch {
	case media == "application/json" || strings.HasSuffix(media, "+json"):
		b, err := encodeJSON(op.Body, body)
		return requestBody{contentType: contentType, bytes: b}, err
	case media == "application/x-www-form-urlencoded":
		b, err := encodeForm(body)
		return requestBody{contentType: contentType, bytes: b}, err
	case media == "multipart/form-data":
		return encodeMultipart(body)
	}
	switch raw := body.(type) {
	case []byte:
		return requestBody{contentType: contentType, bytes: raw, asGiven: true}, nil
	case *bytes.Buffer: // has no way back, but need not be read
		return requestBody{contentType: contentType, bytes: raw.Bytes(), asGiven: true}, nil
	case io.Reader:
		return requestBody{contentType: contentType, stream: raw, asGiven: true}, nil
	}
	return requestBody{}, invalid("a %s body is an io.Reader or []byte, not a %T", contentType, body)
}

// encodeJSON writes v where path leads to.
func encodeJSON(path api.Path, v any) ([]byte, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return nil, invalid("the request body: %v", err)
	}
	for _, name := range slices.Backward(path) {
		key, _ := json.Marshal(name)
		b = slices.Concat([]byte("{"), key, []byte(":"), b, []byte("}"))
	}
	return b, nil
}

// members are a struct's fields by their JSON names, absent ones left out.
func members(body any) (map[string]reflect.Value, error) {
	v := indirect(reflect.ValueOf(body))
	if v.Kind() != reflect.Struct {
		return nil, invalid("a form is made from a struct, not a %T", body)
	}
	fields := map[string]reflect.Value{}
	for i := range v.NumField() {
		name, options, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ",")
		if name == "" || name == "-" {
			continue
		}
		optional := strings.Contains(options, "omitzero") || strings.Contains(options, "omitempty")
		if optional && v.Field(i).IsZero() {
			continue
		}
		fields[name] = v.Field(i)
	}
	return fields, nil
}

// formTexts are a field's values in a form. What has no text of its own goes
// as JSON, as Slack's blocks do, but that a text (of a Nullable or a Union) has
// no quotes and null is empty.
func formTexts(v reflect.Value) ([]string, error) {
	if inner := indirect(v); inner.Kind() != reflect.Slice || inner.Type().Elem().Kind() != reflect.Uint8 { // raw JSON is a slice, too
		if list, err := texts(v); err == nil {
			return list, nil
		}
	}
	b, err := json.Marshal(v.Interface())
	if string(b) == "null" {
		return []string{""}, err
	}
	return []string{jsonpath.Text(b)}, err
}

func encodeForm(body any) ([]byte, error) {
	if values, ok := body.(url.Values); ok {
		return []byte(values.Encode()), nil
	}
	fields, err := members(body)
	if err != nil {
		return nil, err
	}
	form := url.Values{}
	for name, v := range fields {
		list, err := formTexts(v)
		if err != nil {
			return nil, invalid("form field %s: %v", name, err)
		}
		form[name] = list
	}
	return []byte(form.Encode()), nil
}

// encodeMultipart holds the whole body in memory, so that it can be sent again.
func encodeMultipart(body any) (requestBody, error) {
	fields, err := members(body)
	if err != nil {
		return requestBody{}, err
	}
	names := make([]string, 0, len(fields))
	for name := range fields {
		names = append(names, name)
	}
	slices.Sort(names)
	var buf bytes.Buffer
	w := multipart.NewWriter(&buf)
	for _, name := range names {
		if err := writePart(w, name, fields[name]); err != nil {
			return requestBody{}, invalid("form field %s: %v", name, err)
		}
	}
	if err := w.Close(); err != nil {
		return requestBody{}, err
	}
	return requestBody{contentType: w.FormDataContentType(), bytes: buf.Bytes()}, nil
}

func writePart(w *multipart.Writer, name string, v reflect.Value) error {
	switch file := v.Interface().(type) {
	case File:
		return writeFile(w, name, file)
	case *File:
		return writeFile(w, name, *file)
	case []File:
		for _, f := range file {
			if err := writeFile(w, name, f); err != nil {
				return err
			}
		}
		return nil
	}
	list, err := formTexts(v)
	if err != nil {
		return err
	}
	for _, s := range list {
		if err := w.WriteField(name, s); err != nil {
			return err
		}
	}
	return nil
}

func writeFile(w *multipart.Writer, name string, f File) error {
	if f.Content == nil {
		return invalid("the file has no content")
	}
	contentType := f.ContentType
	if contentType == "" {
		contentType = "application/octet-stream"
	}
	h := textproto.MIMEHeader{}
	h.Set("Content-Disposition", mime.FormatMediaType("form-data", map[string]string{"name": name, "filename": f.Name}))
	h.Set("Content-Type", contentType)
	part, err := w.CreatePart(h)
	if err != nil {
		return err
	}
	_, err = io.Copy(part, f.Content)
	return err
}

func parseForm(b []byte) (url.Values, error) { return url.ParseQuery(string(b)) }

// with returns the body with one top-level member set. Whole numbers are
// written as such in JSON: no provider's cursor in a body is a text of digits
// that it would not also take as a number.
func (b requestBody) with(name, value string) (requestBody, error) {
	if strings.HasPrefix(b.contentType, "application/x-www-form-urlencoded") {
		form, err := parseForm(b.bytes)
		if err != nil {
			return b, invalid("the form: %v", err)
		}
		form.Set(name, value)
		b.bytes = []byte(form.Encode())
		return b, nil
	}
	object := map[string]json.RawMessage{}
	if len(b.bytes) > 0 {
		if err := json.Unmarshal(b.bytes, &object); err != nil {
			return b, invalid("the body has to be a JSON object, for its member %s to select a page: %v", name, err)
		}
	}
	if object == nil { // the body was null
		object = map[string]json.RawMessage{}
	}
	raw, err := json.Marshal(value)
	if n, notNumber := strconv.ParseInt(value, 10, 64); notNumber == nil && strconv.FormatInt(n, 10) == value {
		raw = []byte(value)
	}
	if err != nil {
		return b, err
	}
	object[name] = raw
	b.bytes, err = json.Marshal(object)
	return b, err
}

// withVariable returns the body of a GraphQL query with a variable set. Only a
// page's size is a number: a cursor of digits is none.
func (b requestBody) withVariable(p page.Param, pages *api.Pagination) (requestBody, error) {
	var object map[string]json.RawMessage
	if err := json.Unmarshal(b.bytes, &object); err != nil {
		return b, invalid("the body has to be that of a GraphQL query, for a variable to select a page: %v", err)
	}
	variables := map[string]json.RawMessage{}
	if raw := object["variables"]; len(raw) > 0 {
		if err := json.Unmarshal(raw, &variables); err != nil {
			return b, invalid("the variables have to be a JSON object: %v", err)
		}
	}
	value := json.RawMessage(p.Value)
	if pages.Size == nil || pages.Size.Param != p.Param {
		value, _ = json.Marshal(p.Value)
	}
	variables[p.Name] = value
	raw, err := json.Marshal(variables)
	if err != nil {
		return b, err
	}
	object["variables"] = raw
	b.bytes, err = json.Marshal(object)
	return b, err
}
