// Package model is what the generator makes of a document before it prints
// anything: an API of services, operations and types, each named and decided.
//
// Everything here is final text, so that templates print and never decide. The
// package has no behaviour; generator/resolve.go fills it.
package model

// API is one package to generate.
type API struct {
	// Package is the Go package's name.
	Package string
	// Title is the provider's name as comments say it.
	Title string
	// Source is the document's name for the files' headers.
	Source string
	// Literal is the api.API as Go source, its operations included.
	Literal string
	// Servers are the arguments of New that fill the server's address.
	Servers []Argument
	// Address is the server's address with variables, for New's comment.
	Address string
	// Plans are the constants for plan names.
	Plans []Constant
	// Options are the constructors of credentials.
	Options []Option
	// Services and Types are sorted by name, operations too.
	Services   []*Service
	Operations []*Operation
	Types      []*Type
	// Imports are the packages that vendor extensions (x-go-type) name, by
	// package name, besides the usual.
	Imports map[string]string
}

// Argument is one argument of a function.
type Argument struct {
	Name string // the Go name
	Key  string // the document's name
}

// Constant is one typed or untyped constant.
type Constant struct {
	Name  string
	Value string // Go source
}

// Option is a constructor of a client option, one for each way to sign calls.
type Option struct {
	Name      string
	Comment   string
	Signature string // the arguments
	Call      string // what it returns
}

// Service is the operations on one kind of resource: a field of Client.
type Service struct {
	Name    string // Tickets
	Type    string // TicketsService
	File    string // tickets.gen.go
	Comment string
	Methods []*Operation
}

// Operation is one method and what it delegates to.
type Operation struct {
	Name     string // Tickets.List
	Method   string // List
	Pages    string // ListPages, for a paged operation
	Variable string // ticketsList
	Literal  string // the api.Operation as Go source
	Comment  []string
	// Signature is the arguments between ctx and opts, each followed by a comma and a space.
	Signature string
	// Args are the fields of runtime.Args.
	Args string
	// Result is the type of the result or of a page's items, a pointer to a struct;
	// empty where there is none.
	Result string
	Paged  bool
	// Bulk is the method for any number of items, of an operation that starts jobs
	// of many; Wait the name of the one that waits for jobs, of one that shows them.
	Bulk *Bulk
	Wait string
	// Locates tells that the result, a string, is the address that an answer
	// redirects to.
	Locates bool
}

// Bulk is a method that writes any number of items by jobs.
type Bulk struct {
	Method  string // CreateManyBulk
	Comment string
	// Signature and Args are as in Operation; Items is the argument that has the items.
	Signature, Args, Items string
}

// Type is one declared type: a struct, an enum or a union.
type Type struct {
	Name    string
	Comment []string
	// Fields are a struct's.
	IsStruct bool
	Fields   []Field
	// Base and Constants are an enum's.
	Base      string
	Constants []Constant
	// Members are a union's.
	Members []Member
}

// Field is one field of a struct.
type Field struct {
	Name    string
	Type    string
	Tag     string // with its quotes
	Comment []string
}

// Member is one of the types that a union may hold.
type Member struct {
	Name  string // String, for AsString
	Type  string // string
	Got   string // what the accessor returns: a struct's is a pointer
	Maker string // the constructor's name, where requests use the union
}
