package cli

// This file is weir limits: it tells what is known of each operation's limits,
// pages and batches, with the source of each number.

import (
	"errors"
	"flag"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/weirkit/weir/generator"
	"github.com/weirkit/weir/runtime/api"
)

type limitsOptions struct {
	plan string
	json bool
}

func limitsFlags() (*flag.FlagSet, *limitsOptions) {
	o := &limitsOptions{}
	flags := flag.NewFlagSet("limits", flag.ContinueOnError)
	flags.StringVar(&o.plan, "plan", "", "the customer's plan, a `NAME` of the annotations; without it the lowest numbers of all plans")
	flags.BoolVar(&o.json, "json", false, "print one JSON object a line, an operation each, in place of the table")
	return flags, o
}

func runLimits(env Environment, args []string) error {
	flags, o := limitsFlags()
	args, err := parse(flags, env, args)
	if err != nil {
		return err
	}
	if len(args) == 0 {
		return usagef("limits: name a provider, as in weir limits zendesk, and operations of it if you like: weir limits zendesk tickets.list 'users.*'")
	}
	targets, err := providerTargets(env, args[:1])
	if err != nil {
		return err
	}
	desc, document, err := generator.Describe(targets[0].input)
	if err != nil {
		return fmt.Errorf("%s: %w", args[0], err)
	}
	if err := knowPlan(desc, o.plan); err != nil {
		return err
	}
	operations, err := chooseOperations(desc, args[1:])
	if err != nil {
		return err
	}
	t := teller{desc: desc, document: document, plan: o.plan}
	facts, err := t.facts(operations)
	if err != nil {
		return err
	}
	if o.json {
		return writeFacts(env.Stdout, facts)
	}
	return writeFactTable(env.Stdout, desc.Name, o.plan, facts)
}

// chooseOperations are those that a pattern names, in any case of letters and
// in the order of the API; all of them without a pattern.
func chooseOperations(desc *api.API, patterns []string) ([]*api.Operation, error) {
	if len(patterns) == 0 {
		return desc.Operations, nil
	}
	chosen := map[*api.Operation]bool{}
	for _, p := range patterns {
		found := false
		for _, op := range desc.Operations {
			match, err := path.Match(strings.ToLower(p), strings.ToLower(op.Name))
			if errors.Is(err, path.ErrBadPattern) {
				return nil, usagef("limits: the pattern %q is not complete: * stands for any letters, ? for one, [ab] for one of these", p)
			}
			if match {
				chosen[op], found = true, true
			}
		}
		if found {
			continue
		}
		if strings.ContainsAny(p, "*?[") {
			return nil, fmt.Errorf("%s has no operation like %q: weir limits %s lists them all", desc.Name, p, desc.Name)
		}
		if _, err := findOperation(desc, p); err != nil {
			return nil, err
		}
	}
	return slices.DeleteFunc(slices.Clone(desc.Operations), func(op *api.Operation) bool { return !chosen[op] }), nil
}
