package cli

import (
	"flag"
	"fmt"
	"io"
	"runtime/debug"
)

func runHelp(env Environment, args []string) error {
	if len(args) == 0 {
		printHelp(env.Stdout)
		return nil
	}
	for _, c := range commands() {
		if c.name == args[0] {
			fmt.Fprintf(env.Stdout, "usage: weir %s %s\n\n%s\n", c.name, c.usage, c.summary)
			if flags := flagsOf(c.name); flags != nil {
				fmt.Fprintln(env.Stdout)
				printFlags(env.Stdout, flags)
			}
			return nil
		}
	}
	return usagef("unknown command %q: see weir help", args[0])
}

// flagsOf are the flags of a command, nil where it has none.
func flagsOf(name string) *flag.FlagSet {
	var flags *flag.FlagSet
	switch name {
	case "generate":
		flags, _ = generateFlags()
	case "new":
		flags, _ = newFlags()
	case "import":
		flags, _ = importFlags()
	case "plan":
		flags, _ = planFlags()
	case "limits":
		flags, _ = limitsFlags()
	case "drift":
		flags, _ = driftFlags()
	}
	return flags
}

func printHelp(w io.Writer) {
	fmt.Fprint(w, "weir generates connector SDKs from OpenAPI documents and annotations.\n\n")
	for _, c := range commands() {
		fmt.Fprintf(w, "  weir %-9s %s\n", c.name, c.summary)
	}
}

func printFlags(w io.Writer, flags *flag.FlagSet) {
	flags.VisitAll(func(f *flag.Flag) {
		value, usage := flag.UnquoteUsage(f)
		if value != "" {
			value = " " + value
		}
		fmt.Fprintf(w, "  --%s%s\n\t%s\n", f.Name, value, usage)
	})
}

func runVersion(env Environment, args []string) error {
	if len(args) > 0 {
		return usagef("version takes no arguments")
	}
	version := "(devel)"
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		version = info.Main.Version
	}
	fmt.Fprintf(env.Stdout, "weir %s\n", version)
	return nil
}
