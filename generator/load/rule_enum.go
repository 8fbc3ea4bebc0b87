package load

import (
	"encoding/json"
	"fmt"

	"github.com/getkin/kin-openapi/openapi3"
)

// cleanEnum leaves an enum with distinct texts or distinct numbers, of its
// type: null makes the schema nullable, YAML's true and 1 become texts where
// the type says so, and an enum of anything else is dropped.
func cleanEnum(s *openapi3.Schema) {
	if s.Enum == nil {
		return
	}
	var values []any
	seen := map[any]bool{}
	for _, v := range s.Enum {
		if v == nil {
			s.Nullable = true
			continue
		}
		v, ok := enumValue(s.Type, v)
		if !ok {
			s.Enum = nil
			return
		}
		if !seen[v] {
			seen[v] = true
			values = append(values, v)
		}
	}
	if len(values) == 0 && len(s.Enum) > 0 {
		s.Type = nil // only null is left
	}
	s.Enum = values
}

// enumValue is a value as the type has it; not ok where the type has no enums.
func enumValue(types *openapi3.Types, v any) (any, bool) {
	switch {
	case types.Is("string"):
		switch v := v.(type) {
		case string:
			return v, true
		case bool, float64, json.Number:
			return fmt.Sprint(v), true
		}
	case types.Is("integer"), types.Is("number"):
		if f, ok := v.(float64); ok {
			return f, true
		}
	}
	return nil, false
}
