// Package callsites has the code that docs/call-sites.md shows: the same jobs
// by weir's SDKs and by other SDKs for Go, a function for each, whose whole body
// is a block of the page. It is here, and not beside the SDKs, so that the
// others stay out of the module that users of weir inherit.
//
// It is tests alone: they run every function against a stand-in and compare what
// each pair has found, so that two functions that stand side by side do one job.
package callsites
