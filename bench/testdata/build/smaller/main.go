// Command smaller is for the test of the comparison.
package main

func main() {}
