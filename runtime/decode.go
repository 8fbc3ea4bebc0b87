package runtime

import (
	"encoding/json"
	"reflect"
)

// decode decodes JSON into what result points at. Where that is a pointer in turn,
// as the results of generated methods are, it gets a new value to point at, also
// for null, and stays nil on an error.
func decode(body []byte, result any) error {
	at := reflect.ValueOf(result).Elem()
	if at.Kind() != reflect.Pointer {
		return json.Unmarshal(body, result)
	}
	value := reflect.New(at.Type().Elem())
	if err := json.Unmarshal(body, value.Interface()); err != nil {
		return err
	}
	at.Set(value)
	return nil
}

// decodeNothing leaves the result zero, or a pointer to zero.
func decodeNothing(result any) {
	if at := reflect.ValueOf(result).Elem(); at.Kind() == reflect.Pointer {
		at.Set(reflect.New(at.Type().Elem()))
	}
}
