package load

import "github.com/getkin/kin-openapi/openapi3"

// giveSchemas gives every body and parameter of an operation that has no schema
// one of any value; for a parameter that is a text.
func giveSchemas(op *openapi3.Operation) {
	for _, p := range op.Parameters {
		if p.Value.Schema == nil && len(p.Value.Content) == 0 {
			p.Value.Schema = &openapi3.SchemaRef{Value: &openapi3.Schema{Type: &openapi3.Types{"string"}}}
		}
		giveContent(p.Value.Content)
	}
	if op.RequestBody != nil && op.RequestBody.Value != nil {
		giveContent(op.RequestBody.Value.Content)
	}
	if op.Responses == nil {
		op.Responses = &openapi3.Responses{}
	}
	for _, r := range op.Responses.Map() {
		if r.Value == nil {
			r.Value = &openapi3.Response{}
		}
		giveContent(r.Value.Content)
	}
}

func giveContent(content openapi3.Content) {
	for name, media := range content {
		if media == nil {
			media = &openapi3.MediaType{}
			content[name] = media
		}
		if media.Schema == nil || media.Schema.Value == nil {
			media.Schema = &openapi3.SchemaRef{Value: &openapi3.Schema{}}
		}
	}
}
