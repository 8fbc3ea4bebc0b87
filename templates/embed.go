// Package templates holds the templates of generated files, one for each kind
// of file. They print package model's values and decide nothing.
package templates

import "embed"

// FS has all templates.
//
//go:embed *.go.tmpl
var FS embed.FS
