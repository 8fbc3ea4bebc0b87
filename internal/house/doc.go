// Package house keeps the rules of this repository, as tests: who may import
// whom, what every file must hold to, and that the documentation's snippets are
// copies of compiled code. CONTRIBUTING.md gives the reasons at length.
//
// The rules are the tables of layout_test.go (imports) and files_test.go
// (files). The engines that apply them are ordinary code, tested on made-up
// repositories, so that a rule that cannot fail is noticed.
package house
