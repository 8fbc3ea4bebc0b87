// Package cli is the weir command: each subcommand in a file of its own. It
// reads and writes files; what it does between is package generator's.
package cli

import (
	"errors"
	"flag"
	"fmt"
	"io"
)

// Environment is where a command runs.
type Environment struct {
	// Dir is the folder that relative paths start from; "." is the process's own.
	Dir            string
	Stdout, Stderr io.Writer
}

// command is one subcommand.
type command struct {
	name    string
	usage   string // its arguments
	summary string
	run     func(env Environment, args []string) error
}

// commands are listed in the order of weir help.
func commands() []command {
	return []command{
		{"generate", "[--check] [provider...] | --spec FILE [--annotations FILE] --package NAME --out DIR",
			"write the SDK of each provider in specs/, or of one document", runGenerate},
		{"new", "NAME --spec FILE",
			"begin a provider in specs/: its document, and annotations drafted from it to review", runNew},
		{"import", "--spec FILE --out FILE [--tag TAG]... [--operation OPERATION]... [--title TEXT] [--source TEXT]",
			"cut a vendor's document down to bare facts, of all operations or of some", runImport},
		{"plan", "[--plan NAME] [--using RATE] [--latency TIME] [--json] PROVIDER OPERATION=NUMBER...",
			"tell how long work will take, which limit holds it up, and what another plan would change", runPlan},
		{"limits", "[--plan NAME] [--json] PROVIDER [OPERATION...]",
			"tell what each operation draws on, how large its pages are, and where the numbers come from", runLimits},
		{"drift", "[--all] [--json] --reference DIR [PROVIDER...] | --spec FILE [--annotations FILE] --against FILE... [--accept FILE]",
			"compare our documents with the vendors' own, and fail where they differ without a reason", runDrift},
		{"version", "", "print the version of weir", runVersion},
		{"help", "[command]", "print this, or a command's flags", runHelp},
	}
}

// usageError is a command line that makes no sense.
type usageError struct{ message string }

func (e *usageError) Error() string { return e.message }

func usagef(format string, args ...any) error {
	return &usageError{fmt.Sprintf(format, args...)}
}

// Run runs the command that args name and returns the exit status: 0; 1 when it
// failed; 2 when the command line is wrong.
func Run(args []string, env Environment) int {
	if len(args) == 0 {
		printHelp(env.Stderr)
		return 2
	}
	name := args[0]
	if name == "-h" || name == "--help" || name == "-help" {
		name = "help"
	}
	for _, c := range commands() {
		if c.name == name {
			return status(c.run(env, args[1:]), env)
		}
	}
	return status(usagef("unknown command %q: see weir help", name), env)
}

func status(err error, env Environment) int {
	if err == nil || errors.Is(err, flag.ErrHelp) {
		return 0
	}
	fmt.Fprintf(env.Stderr, "weir: %v\n", err)
	if _, ok := errors.AsType[*usageError](err); ok {
		return 2
	}
	return 1
}

// parse reads flags that stand anywhere among the arguments, and returns the others.
func parse(flags *flag.FlagSet, env Environment, args []string) ([]string, error) {
	flags.SetOutput(io.Discard)
	var positional []string
	for {
		if err := flags.Parse(args); err != nil {
			if errors.Is(err, flag.ErrHelp) {
				printFlags(env.Stdout, flags)
				return nil, err
			}
			return nil, usagef("%s: %v: see weir help %s", flags.Name(), err, flags.Name())
		}
		if flags.NArg() == 0 {
			return positional, nil
		}
		positional = append(positional, flags.Arg(0))
		args = flags.Args()[1:]
	}
}
