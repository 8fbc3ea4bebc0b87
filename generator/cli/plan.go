package cli

// This file is weir plan: it tells before a sync how long it will take, which
// limit holds it up, and what another plan would change.

import (
	"errors"
	"flag"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/weirkit/weir/generator"
	"github.com/weirkit/weir/generator/annotation"
	"github.com/weirkit/weir/generator/load"
	"github.com/weirkit/weir/runtime/api"
	"github.com/weirkit/weir/runtime/budget"
)

type planOptions struct {
	plan, using string
	latency     time.Duration
	json        bool
}

func planFlags() (*flag.FlagSet, *planOptions) {
	o := &planOptions{}
	flags := flag.NewFlagSet("plan", flag.ContinueOnError)
	flags.StringVar(&o.plan, "plan", "", "the customer's plan, a `NAME` of the annotations; without it the lowest numbers of all plans")
	flags.StringVar(&o.using, "using", "", "a `RATE` as 600/min that others already use of the limit that holds up the work; or LIMIT=RATE")
	flags.DurationVar(&o.latency, "latency", 200*time.Millisecond, "how long an answer takes, a `TIME` as 200ms")
	flags.BoolVar(&o.json, "json", false, "print one JSON object in place of the tables")
	return flags, o
}

// amount is one piece of work, as the command line names it: of a list with a
// known page size so many items, otherwise so many requests.
type amount struct {
	operation *api.Operation
	count     int
}

// items reports whether the count is of items under a plan, and the page size.
func (a amount) items(desc *api.API, plan string) (pageSize int, ok bool) {
	size := desc.MaxPage(a.operation, plan)
	return size, size > 0
}

func (a amount) requests(desc *api.API, plan string) int {
	if size, ok := a.items(desc, plan); ok {
		return (a.count + size - 1) / size
	}
	return a.count
}

func runPlan(env Environment, args []string) error {
	flags, o := planFlags()
	args, err := parse(flags, env, args)
	if err != nil {
		return err
	}
	if len(args) < 2 {
		return usagef("plan: name a provider and what is to be done, as in weir plan zendesk tickets.list=10000 articles.show=2000")
	}
	if o.latency < 0 {
		return usagef("plan: --latency %v is negative", o.latency)
	}
	limit, rate, err := parseUse(o.using)
	if err != nil {
		return err
	}
	targets, err := providerTargets(env, args[:1])
	if err != nil {
		return err
	}
	desc, _, err := generator.Describe(targets[0].input)
	if err != nil {
		return fmt.Errorf("%s: %w", args[0], err)
	}
	if err := knowPlan(desc, o.plan); err != nil {
		return err
	}
	amounts, err := parseAmounts(desc, args[1:])
	if err != nil {
		return err
	}
	f := &forecaster{desc: desc, amounts: amounts, latency: o.latency, using: o.using[strings.Index(o.using, "=")+1:]}
	if o.using != "" {
		if err := f.beside(o.plan, limit, rate); err != nil {
			return err
		}
	}
	report, err := f.report(o.plan)
	if err != nil {
		return err
	}
	if o.json {
		return report.writeJSON(env.Stdout)
	}
	return report.writeTables(env.Stdout)
}

// parseAmounts reads operation=count.
func parseAmounts(desc *api.API, args []string) ([]amount, error) {
	var amounts []amount
	for _, arg := range args {
		name, number, ok := strings.Cut(arg, "=")
		if !ok || name == "" {
			return nil, usagef("plan: %q: write an operation and how many, as in tickets.list=10000", arg)
		}
		count, err := strconv.Atoi(strings.NewReplacer("_", "", ",", "").Replace(number))
		switch {
		case errors.Is(err, strconv.ErrRange), err == nil && count > 1e9:
			return nil, usagef("plan: %s: %s is more than a billion", name, number)
		case err != nil:
			return nil, usagef("plan: %s: %q is no whole number", name, number)
		case count < 0:
			return nil, usagef("plan: %s: %d is negative", name, count)
		}
		op, err := findOperation(desc, name)
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(amounts, func(a amount) bool { return a.operation == op }) {
			return nil, usagef("plan: %s is named twice: add the numbers up", op.Name)
		}
		amounts = append(amounts, amount{op, count})
	}
	return amounts, nil
}

// findOperation finds an operation by its name in any case of letters.
func findOperation(desc *api.API, name string) (*api.Operation, error) {
	known := make([]string, len(desc.Operations))
	for i, op := range desc.Operations {
		if strings.EqualFold(op.Name, name) {
			return op, nil
		}
		known[i] = strings.ToLower(op.Name)
	}
	service, _, _ := strings.Cut(strings.ToLower(name), ".")
	of := slices.DeleteFunc(slices.Clone(known), func(k string) bool { return !strings.HasPrefix(k, service+".") })
	otherwise := "its operations are methods of the SDK, as " + exampleOf(known)
	if len(of) > 0 {
		otherwise = "of " + service + " there are " + strings.Join(of, ", ")
	}
	return nil, fmt.Errorf("%s has no operation %q%s", desc.Name, name, load.DidYouMean(strings.ToLower(name), known, otherwise))
}

func exampleOf(known []string) string {
	if len(known) == 0 {
		return "tickets.list"
	}
	return known[0]
}

// parseUse reads RATE or LIMIT=RATE; the rate is per second.
func parseUse(text string) (limit string, rate float64, err error) {
	if text == "" {
		return "", 0, nil
	}
	value := text
	if name, rest, ok := strings.Cut(text, "="); ok {
		limit, value = name, rest
	}
	count, unit, _ := strings.Cut(value, "/")
	if count == "0" {
		return limit, 0, nil
	}
	if short, ok := map[string]string{
		"sec": "s", "second": "s", "min": "m", "minute": "m", "hour": "h", "d": "24h", "day": "24h",
	}[unit]; ok {
		value = count + "/" + short
	}
	n, per, err := annotation.ParseRate(value)
	if err != nil {
		return "", 0, usagef("plan: --using %s: write so many per time, as in 600/min or 10/s", text)
	}
	return limit, float64(n) / per.Seconds(), nil
}

// forecaster makes forecasts of the same work under different plans.
type forecaster struct {
	desc    *api.API
	amounts []amount
	latency time.Duration
	limit   string  // that others use
	rate    float64 // of others, per second
	using   string  // the rate as it was given
}

// knowPlan checks the plan's name.
func knowPlan(desc *api.API, plan string) error {
	_, err := desc.LimitsOn(plan)
	if !errors.Is(err, api.ErrUnknownPlan) {
		return err
	}
	names := make([]string, len(desc.Plans))
	for i, p := range desc.Plans {
		names[i] = p.Name
	}
	return fmt.Errorf("%w %q%s", api.ErrUnknownPlan, plan, load.DidYouMean(plan, names, desc.Name+" has "+strings.Join(names, ", ")))
}

// forecast is the outlook under a plan. apart are the limits left out of it.
func (f *forecaster) forecast(plan string) (o budget.Outlook, apart []string, err error) {
	limits, err := f.desc.LimitsOn(plan)
	if err != nil {
		return o, nil, err
	}
	given := budget.Conditions{Latency: f.latency, Others: map[budget.Key]float64{}}
	var works []budget.Work
	for _, a := range f.amounts {
		charges, left, err := budget.ChargesOf(f.desc.Name, limits, a.operation)
		if err != nil {
			return o, nil, err
		}
		for _, c := range charges {
			if f.limit == c.Key.Limit {
				given.Others[c.Key] = f.rate
			}
		}
		w := budget.Work{Name: a.operation.Name, Requests: a.requests(f.desc, plan), Charges: charges}
		if a.operation.Pagination != nil {
			w.AtOnce = 1
		}
		works, apart = append(works, w), append(apart, left...)
	}
	o, err = budget.Forecast(works, given)
	slices.Sort(apart)
	return o, slices.Compact(apart), err
}

// beside has others use a limit: the one that is named, or the one that binds.
func (f *forecaster) beside(plan, limit string, rate float64) error {
	var drawn []string
	slowest, least := "", 0.0
	limits, err := f.desc.LimitsOn(plan)
	if err != nil {
		return err
	}
	for _, a := range f.amounts {
		charges, _, err := budget.ChargesOf(f.desc.Name, limits, a.operation)
		if err != nil {
			return err
		}
		for _, c := range charges {
			drawn = append(drawn, c.Key.Limit)
			if s := api.Sustained(c.Shape) / float64(c.Cost); slowest == "" || s < least {
				slowest, least = c.Key.Limit, s
			}
		}
	}
	slices.Sort(drawn)
	drawn = slices.Compact(drawn)
	switch {
	case len(drawn) == 0:
		return fmt.Errorf("--using: none of these operations draws on a limit")
	case limit != "" && !slices.Contains(drawn, limit):
		return fmt.Errorf("--using: these operations draw on no limit %q: they draw on %s", limit, strings.Join(drawn, ", "))
	case limit == "":
		o, _, err := f.forecast(plan)
		if err != nil {
			return err
		}
		if limit = o.Binding.Limit; limit == "" {
			limit = slowest // nothing is waited for yet, so the narrowest is meant
		}
	}
	f.limit, f.rate = limit, rate
	return nil
}
