package annotation

import (
	"regexp"
	"strconv"

	"github.com/weirkit/weir/runtime/api"
)

// sizes are the query parameters that ask for a page size.
var sizes = []string{"page[size]", "per_page", "perPage", "limit", "page_size", "pageSize", "maxResults", "max_results"}

// largest finds the maximum in a description. Few documents have it as a
// schema's maximum: 9 of GitHub's 260 page sizes.
var largest = regexp.MustCompile(`(?i)\b(?:max(?:imum)?(?: (?:is|of|value is|page size is|allowed(?: is)?|number is))?:?|up to|between 1 and|range from 1 to|from 1 to|no larger than|not exceed)\s+(\d{1,5})\b`)

// size is the parameter for the page size, if its maximum is told by the schema
// or, without contradiction, by the description.
func (op operation) size() *api.PageSize {
	for _, name := range sizes {
		schema := op.query(name)
		if schema == nil || schema.Type != nil && !schema.Type.Is("integer") && !schema.Type.Is("number") && !schema.Type.Is("string") {
			continue
		}
		most := 0
		if schema.Max != nil {
			most = int(*schema.Max)
		} else {
			text := schema.Description
			for _, p := range op.spec.Parameters {
				if p.Value.Name == name {
					text += " " + p.Value.Description
				}
			}
			for _, m := range largest.FindAllStringSubmatch(text, -1) {
				n, err := strconv.Atoi(m[1])
				if err != nil || most != 0 && n != most {
					return nil
				}
				most = n
			}
		}
		if most < 1 || most > 100_000 {
			return nil
		}
		return &api.PageSize{
			Param: api.Param{In: api.InQuery, Name: name}, Max: most,
			Source: api.Source{Confidence: api.Inferred},
		}
	}
	return nil
}
