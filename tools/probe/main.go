// SPDX-License-Identifier: MPL-2.0

// Command probe asks a Windows host what documentation leaves open about WinRM, BITS and the task scheduler, by
// trying it, and prints a Markdown table of the answers. It removes what it makes.
//
// The provider's environment variables (BITS_HOST and so on) set where the host is and who logs on; a password that
// BITS_PASSWORD does not hold is asked for.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Getenv, os.Stdout, os.Stderr)
	stop()
	switch {
	case errors.Is(err, flag.ErrHelp):
	case err != nil:
		fmt.Fprintf(os.Stderr, "probe: %v\n", err)
		os.Exit(1)
	}
}

// options is how to ask; where is a matter of the settings.
type options struct {
	list      bool
	only      string
	intrusive bool
	serve     string
	patience  time.Duration // what "later" means in questions that wait
	limit     time.Duration // for each question
	count     int           // of measurements that are made several times
}

// run asks, and prints the table. A question without an answer is not an error.
func run(ctx context.Context, args []string, env func(string) string, stdout, stderr io.Writer) error {
	var o options
	flags := flag.NewFlagSet("probe", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.BoolVar(&o.list, "list", false, "list the questions and end")
	flags.StringVar(&o.only, "only", "", "ask only these questions, by number: 1,4,27")
	flags.BoolVar(&o.intrusive, "intrusive", false, "ask also what changes settings of the host for a while; -list says what")
	flags.StringVar(&o.serve, "serve", "", "address of this machine, such as 10.0.0.5:8099, where the host may fetch small files")
	flags.DurationVar(&o.patience, "patience", time.Minute, "what \"later\" means in questions that wait")
	flags.DurationVar(&o.limit, "limit", 6*time.Minute, "time for one question")
	flags.IntVar(&o.count, "count", 20, "how often a time is measured")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}
	selected, err := choose(o.only)
	if err != nil {
		return err
	}
	if o.list {
		return list(stdout, selected)
	}
	where, err := settings(env, stderr)
	if err != nil {
		return err
	}
	a := &asker{settings: where, options: o, progress: stderr}
	if o.serve != "" {
		if a.files, err = serveFiles(ctx, o.serve); err != nil {
			return err
		}
		defer a.files.close()
	}
	return a.askAll(ctx, selected, stdout)
}

// choose returns the questions of a list of numbers, all for an empty one.
func choose(only string) ([]question, error) {
	if only == "" {
		return questions, nil
	}
	var selected []question
	for word := range strings.SplitSeq(only, ",") {
		n, err := strconv.Atoi(strings.TrimSpace(word))
		if err != nil || n < 1 || n > len(questions) {
			return nil, fmt.Errorf("there is no question %q: -list shows 1 to %d", word, len(questions))
		}
		selected = append(selected, questions[n-1])
	}
	return selected, nil
}

// list prints the questions.
func list(w io.Writer, selected []question) error {
	for i, q := range selected {
		_, err := fmt.Fprintf(w, "%2d  %s\n", number(q), q.text)
		if err == nil && q.changes != "" {
			_, err = fmt.Fprintf(w, "    -intrusive: %s\n", q.changes)
		}
		if err != nil {
			return fmt.Errorf("list question %d: %w", i+1, err)
		}
	}
	return nil
}
