package load

// This file makes the typed document of the tree.

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"

	"github.com/getkin/kin-openapi/openapi3"
)

// check reports what is wrong with the tree before anything is made of it.
func (d *Document) check() error {
	var problems Problems
	d.tree.checkReferences(&problems)
	d.checkOperations(&problems)
	return problems.Err()
}

// build sets d.OpenAPI.
func (d *Document) build() error {
	d.tree.prepare()
	var buf bytes.Buffer
	encode(&buf, d.tree.root, keywords)
	text := buf.Bytes()
	if d.Version == "2.0" {
		var err error
		if text, err = convert(text); err != nil {
			return d.locate(err)
		}
	}
	doc := &openapi3.T{}
	if err := json.Unmarshal(text, doc); err != nil {
		return d.locate(err)
	}
	loader := openapi3.NewLoader()
	loader.ReadFromURIFunc = func(_ *openapi3.Loader, location *url.URL) ([]byte, error) {
		return nil, fmt.Errorf("%s is outside of this document", location)
	}
	if err := loader.ResolveRefsIn(doc, nil); err != nil {
		return d.locate(err)
	}
	d.OpenAPI = doc
	d.completeOperations()
	d.normalise()
	return nil
}
