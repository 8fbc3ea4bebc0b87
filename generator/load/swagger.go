package load

// This file makes OpenAPI 3.0 of Swagger 2.0.

import (
	"encoding/json"
	"fmt"

	"github.com/getkin/kin-openapi/openapi2"
	"github.com/getkin/kin-openapi/openapi2conv"
	"github.com/getkin/kin-openapi/openapi3"
)

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
		return nil, err
	}
	restoreFormats(&two, three)
	return json.Marshal(three)
}

// restoreFormats gives lists in parameters the form that they have on the wire,
// which the converter drops. It matters: Swagger's lists are joined by commas
// unless it says otherwise, and those of OpenAPI 3.0 repeat the parameter.
func restoreFormats(two *openapi2.T, three *openapi3.T) {
	for name, p := range two.Parameters {
		if ref := three.Components.Parameters[name]; ref != nil {
			restoreFormat(p, ref.Value)
		}
	}
	for path, item := range two.Paths {
		into := three.Paths.Value(path)
		if into == nil {
			continue
		}
		restoreList(item.Parameters, into.Parameters)
		for method, op := range item.Operations() {
			if converted := into.GetOperation(method); converted != nil {
				restoreList(op.Parameters, converted.Parameters)
			}
		}
	}
}

func restoreList(two openapi2.Parameters, three openapi3.Parameters) {
	for _, p := range two {
		for _, ref := range three {
			if p != nil && p.Ref == "" && ref.Ref == "" && ref.Value != nil && ref.Value.In == p.In && ref.Value.Name == p.Name {
				restoreFormat(p, ref.Value)
			}
		}
	}
}

func restoreFormat(two *openapi2.Parameter, three *openapi3.Parameter) {
	if three == nil || !two.Type.Is("array") || three.In != openapi3.ParameterInQuery {
		return // in paths and headers both versions join by commas
	}
	three.Style, three.Explode = openapi3.SerializationForm, new(bool)
	switch two.CollectionFormat {
	case "multi":
		*three.Explode = true
	case "ssv":
		three.Style = openapi3.SerializationSpaceDelimited
	case "pipes":
		three.Style = openapi3.SerializationPipeDelimited
	}
}
