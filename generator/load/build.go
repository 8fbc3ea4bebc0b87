package load

// This file makes the typed document of the tree.

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"

	"github.com/getkin/kin-openapi/openapi2"
	"github.com/getkin/kin-openapi/openapi2conv"
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

// convert makes OpenAPI 3.0 of Swagger 2.0. The result goes through JSON, since
// the converter leaves empty allOf lists that are not nil, on which oapi-codegen
// panics, and references that are not resolved.
func convert(text []byte) (converted []byte, err error) {
	var two openapi2.T
	if err := json.Unmarshal(text, &two); err != nil {
		return nil, err
	}
	defer func() {
		// The converter follows some references without looking.
		if r := recover(); r != nil {
			converted, err = nil, fmt.Errorf("cannot convert Swagger 2.0: %v", r)
		}
	}()
	three, err := openapi2conv.ToV3(&two)
	if err != nil {
		return nil, errors.Unwrap(fmt.Errorf("%w", err))
	}
	return json.Marshal(three)
}
