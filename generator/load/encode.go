package load

import (
	"bytes"
	"encoding/json"
	"math"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

// encode writes a tree as the JSON that kin-openapi reads. Going through its
// YAML reader instead would parse the document a second time, and would read
// version: 1.0 as a number.
func encode(buf *bytes.Buffer, n *yaml.Node, p place) {
	switch n.Kind {
	case yaml.MappingNode:
		buf.WriteByte('{')
		first := true
		for i := 0; i+1 < len(n.Content); i += 2 {
			key, value := n.Content[i].Value, n.Content[i+1]
			under := p.under(key, value)
			if under == left {
				continue
			}
			if !first {
				buf.WriteByte(',')
			}
			first = false
			encodeText(buf, key)
			buf.WriteByte(':')
			encode(buf, value, under)
		}
		buf.WriteByte('}')
	case yaml.SequenceNode:
		buf.WriteByte('[')
		for i, item := range n.Content {
			if i > 0 {
				buf.WriteByte(',')
			}
			encode(buf, item, p)
		}
		buf.WriteByte(']')
	default:
		encodeScalar(buf, n, p)
	}
}

func encodeScalar(buf *bytes.Buffer, n *yaml.Node, p place) {
	tag := n.ShortTag()
	if p == typeNames || p == texts && tag != "!!null" {
		encodeText(buf, n.Value)
		return
	}
	switch tag {
	case "!!null":
		buf.WriteString("null")
	case "!!bool":
		var b bool
		if err := n.Decode(&b); err != nil {
			encodeText(buf, n.Value)
			return
		}
		buf.WriteString(strconv.FormatBool(b))
	case "!!int", "!!float":
		encodeNumber(buf, n)
	default:
		// Strings, timestamps, YAML 1.1's "=", tags of the vendor's own.
		encodeText(buf, n.Value)
	}
}

// encodeNumber keeps a number's own text where JSON has that form: a large
// integer would lose digits as a float.
func encodeNumber(buf *bytes.Buffer, n *yaml.Node) {
	if text := []byte(n.Value); json.Valid(text) && !strings.HasPrefix(n.Value, `"`) {
		buf.Write(text)
		return
	}
	var i int64
	if err := n.Decode(&i); err == nil && n.ShortTag() == "!!int" { // it also takes .5, as 0
		buf.WriteString(strconv.FormatInt(i, 10))
		return
	}
	var f float64
	if err := n.Decode(&f); err == nil && !math.IsInf(f, 0) && !math.IsNaN(f) {
		buf.WriteString(strconv.FormatFloat(f, 'g', -1, 64))
		return
	}
	encodeText(buf, n.Value)
}

func encodeText(buf *bytes.Buffer, s string) {
	text, err := json.Marshal(s)
	if err != nil { // json.Marshal takes every string
		panic(err)
	}
	buf.Write(text)
}
