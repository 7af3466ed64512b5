// SPDX-License-Identifier: MPL-2.0

// Command bench measures what runs of this provider cost, on simulated hosts that count.
//
// With a Terraform CLI it compares the provider with two floors: a provider of the same schema that answers from memory, which is
// what Terraform itself costs, and terraform_data. Without a CLI it compares the provider's client with one-shot shells: a shell and
// a powershell.exe for every operation, as providers have that run scripts through masterzen/winrm's client. They run their scripts'
// meaning, so that time is compared, too.
//
// The contestants make each step in turn, so that what else the machine does is shared. With -quick only a few jobs are made, and
// counts above their budgets are an error; time never is.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"strconv"
	"syscall"
	"time"
)

func main() {
	if provider := os.Getenv(providerVariable); provider != "" {
		os.Exit(wrap(provider, os.Getenv(usageVariable)))
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	switch {
	case errors.Is(err, flag.ErrHelp):
	case err != nil:
		fmt.Fprintf(os.Stderr, "bench: %v\n", err)
		os.Exit(1)
	}
}

// measurement is one table.
type measurement struct {
	CLI     bool // or the client alone
	Shape   shape
	Setting setting
	Results []result
}

func (m measurement) title() string {
	by := "the client alone"
	if m.CLI {
		by = "with Terraform"
	}
	return fmt.Sprintf("%s, %s", m.Shape, by)
}

// usual is a host in another town, and the time that powershell.exe takes to start on a server.
var usual = setting{RTT: 20 * time.Millisecond, StartDelay: 600 * time.Millisecond}

// all is every measurement: sizes first, then other ways to the hosts.
func all() []measurement {
	var list []measurement
	shapes := []shape{{1, 1}, {1, 10}, {1, 100}, {1, 1000}, {10, 5}, {200, 5}}
	for _, s := range shapes {
		list = append(list, measurement{CLI: true, Shape: s, Setting: usual})
	}
	for _, to := range []setting{
		{RTT: 0, StartDelay: usual.StartDelay}, {RTT: 150 * time.Millisecond, StartDelay: usual.StartDelay},
		{RTT: usual.RTT, StartDelay: usual.StartDelay, Sealed: true},
	} {
		list = append(list, measurement{CLI: true, Shape: shape{1, 100}, Setting: to})
	}
	fleet := usual
	fleet.Parallelism = 50 // as the guide to large fleets advises
	list = append(list, measurement{CLI: true, Shape: shape{200, 5}, Setting: fleet})
	for _, s := range shapes {
		list = append(list, measurement{Shape: s, Setting: usual})
	}
	return list
}

// quick is what CI measures: the counts of few jobs. They depend on the time that passes, because operations travel together.
func quick() []measurement {
	return []measurement{
		{CLI: true, Shape: shape{1, 20}, Setting: usual},
		{CLI: true, Shape: shape{4, 5}, Setting: usual},
		{Shape: shape{1, 20}, Setting: usual},
	}
}

// run measures and prints.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) (err error) {
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.SetOutput(stderr)
	few := flags.Bool("quick", false, "measure a few jobs only, and fail when a count is above its budget")
	only := flags.String("only", "", "measure only what has a title, with its setting, that matches this regular expression, such as '^1 host, 100 jobs, with Terraform, over https, .* 20ms'")
	file := flags.String("results", "", "write the results to this file, as JSON, for tools/plot")
	if err := flags.Parse(args); err != nil {
		return err
	}
	pattern, err := regexp.Compile(*only)
	if err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}
	list := all()
	if *few {
		list = quick()
	}
	var done []measurement
	for _, m := range list {
		if pattern.MatchString(m.title() + ", over " + m.Setting.String()) {
			done = append(done, m)
		}
	}
	if len(done) == 0 {
		return fmt.Errorf("nothing has a title that matches %q", *only)
	}
	if err := measure(ctx, done, *few, stdout, stderr); err != nil {
		return err
	}
	if *few {
		err = overBudget(done)
	}
	if *file == "" {
		return err
	}
	text, failed := json.MarshalIndent(done, "", " ")
	if failed == nil {
		failed = os.WriteFile(*file, text, 0o600)
	}
	return errors.Join(err, failed)
}

// measure fills in the results, and prints a table as soon as it is there. Without floors only this provider runs.
func measure(ctx context.Context, list []measurement, withoutFloors bool, stdout, progress io.Writer) error {
	dir, err := os.MkdirTemp("", "bench-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	contestants := []string{ours, sameFloor, dataFloor}
	if withoutFloors {
		contestants = contestants[:1]
	}
	fmt.Fprintf(stdout, "Measured on %s.\n", machine()) // stdout may be closed
	var p *program
	for i, m := range list {
		if m.CLI && p == nil {
			var cleanup func()
			if p, cleanup, err = build(ctx, dir); err != nil {
				return err
			}
			defer cleanup()
			fmt.Fprintf(stdout, "\nThe CLI is %s %s.\n", p.cli.Name, p.cli.Version)
		}
		if m.CLI {
			m.Results, err = p.runCLI(ctx, filepath.Join(dir, strconv.Itoa(i)), m.Shape, m.Setting, contestants, progress)
		} else {
			m.Results, err = runClient(ctx, m.Shape, m.Setting)
		}
		if err != nil {
			return err
		}
		list[i] = m
		report(stdout, m)
	}
	return nil
}
