// Command bench measures what runs of this provider cost, on simulated hosts that count.
//
// With a Terraform CLI it compares the provider with two floors: the same schema answered from memory, which is what Terraform
// itself costs, and terraform_data. Without one it compares the provider's client with one-shot shells: a shell and a powershell.exe
// for every operation, as providers have that run scripts through masterzen/winrm's client.
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

// usual is a host in another building, with the time that powershell.exe takes on a server.
var usual = setting{RTT: 20 * time.Millisecond, StartDelay: 600 * time.Millisecond}

// measurement is one table.
type measurement struct {
	Shape   shape
	Setting setting
	Results []result
}

func (m measurement) title() string { return fmt.Sprintf("%s: %s", m.Shape, m.Setting) }

// run measures and prints.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.SetOutput(stderr)
	only := flags.String("only", "", "measure only the tables whose titles match this regular expression")
	path := flags.String("results", "", "write the results to this file, as JSON")
	if err := flags.Parse(args); err != nil {
		return err
	}
	matches, err := regexp.Compile(*only)
	if err != nil || flags.NArg() > 0 {
		return errors.Join(err, errors.New("usage"))
	}
	dir, err := os.MkdirTemp("", "bench-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	p, cleanup, err := build(ctx, dir)
	if err != nil {
		return err
	}
	defer cleanup()
	done := []measurement{}
	for i, m := range measurements() {
		if !matches.MatchString(m.title()) {
			continue
		}
		m.Results, err = p.runCLI(ctx, filepath.Join(dir, strconv.Itoa(i)), m.Shape, m.Setting, []string{ours, sameFloor, dataFloor})
		if err != nil {
			return err
		}
		report(stdout, m)
		done = append(done, m)
	}
	if *path == "" {
		return nil
	}
	text, err := json.MarshalIndent(done, "", " ")
	if err != nil {
		return err
	}
	return os.WriteFile(*path, text, 0o600)
}

func measurements() []measurement {
	var list []measurement
	for _, jobs := range []int{1, 10, 100, 1000} {
		list = append(list, measurement{Shape: shape{1, jobs}, Setting: usual})
	}
	for _, hosts := range []int{10, 40, 200} {
		list = append(list, measurement{Shape: shape{hosts, 5}, Setting: usual})
	}
	return list
}
