package load

// This file knows where in an OpenAPI document a key is a keyword and where it
// is a name that the vendor chose: a schema may have a property called $ref,
// default or example.

import (
	"strings"

	"gopkg.in/yaml.v3"
)

// place tells how the keys and scalars of a value are to be read.
type place int

const (
	// keywords: an object of the specification; its keys are keywords.
	keywords place = iota
	// names: an object whose keys are names and whose values are keywords.
	names
	// data: anything; defaults, enums and extensions.
	data
	// texts: scalars in it are strings, however YAML reads them (version: 1.0).
	texts
	// typeNames: as texts, but that null is the name of a type.
	typeNames
	// textNames: an object whose keys are names and whose values are texts.
	textNames
	// left: left out of what is loaded.
	left
)

var placeOf = map[string]place{
	"paths": names, "webhooks": names, "pathItems": names,
	"schemas": names, "responses": names, "parameters": names, "requestBodies": names,
	"headers": names, "securitySchemes": names, "links": names, "callbacks": names,
	"content": names, "encoding": names,
	"properties": names, "patternProperties": names, "dependentSchemas": names, "$defs": names,
	"definitions": names, "securityDefinitions": names,

	"variables": textNames,

	"default": data, "enum": data, "const": data, "security": data, "dependentRequired": data,

	"openapi": texts, "swagger": texts, "version": texts, "title": texts, "summary": texts,
	"description": texts, "termsOfService": texts, "url": texts, "email": texts,
	"operationId": texts, "tags": texts, "name": texts, "in": texts, "$ref": texts,
	"format": texts, "pattern": texts, "type": typeNames, "propertyName": texts,
	"mapping": texts, "scopes": texts, "required": texts, "style": texts,
	"host": texts, "basePath": texts, "schemes": texts, "consumes": texts, "produces": texts,
	"bearerFormat": texts, "scheme": texts, "authorizationUrl": texts, "tokenUrl": texts,

	// Examples are most of some documents (GitHub's: 70 %), and no code is made of them.
	"example": left, "examples": left,
}

// under is the place of a member's value.
func (p place) under(key string, value *yaml.Node) place {
	switch p {
	case keywords:
		if strings.HasPrefix(key, "x-") {
			return data
		}
		next, ok := placeOf[key]
		switch {
		case !ok:
			return keywords
		case next == texts && (key == "required" || key == "tags"):
			// required is a boolean in parameters, tags are objects at the root.
			if value.Kind == yaml.SequenceNode && allScalars(value) {
				return texts
			}
			return keywords
		case next == names && value.Kind == yaml.SequenceNode:
			return keywords // an operation's parameters
		}
		return next
	case names:
		if strings.HasPrefix(key, "x-") && value.Kind != yaml.MappingNode {
			return data
		}
		return keywords
	case textNames:
		return texts
	}
	return p
}

func allScalars(n *yaml.Node) bool {
	for _, item := range n.Content {
		if item.Kind != yaml.ScalarNode {
			return false
		}
	}
	return true
}

// eachObject calls visit for every object of the specification, outside in.
func eachObject(n *yaml.Node, p place, visit func(object *yaml.Node)) {
	switch n.Kind {
	case yaml.MappingNode:
		if p == keywords {
			visit(n)
		}
		for i := 0; i+1 < len(n.Content); i += 2 {
			switch under := p.under(n.Content[i].Value, n.Content[i+1]); under {
			case keywords, names:
				eachObject(n.Content[i+1], under, visit)
			}
		}
	case yaml.SequenceNode:
		for _, item := range n.Content {
			eachObject(item, p, visit)
		}
	}
}
