// Command small is for the test of the comparison. It imports nothing, so that
// little of the standard library has to be built for it.
package main

func main() { println("small") }
