// SPDX-License-Identifier: MPL-2.0

// Command demo shows the provider's main job on a simulated Windows host: jobs that are declared and really
// download, a priority that drifts and is set in place, and the error of a job that can no longer be changed.
//
// It builds the provider, uses terraform or tofu from PATH (or builds OpenTofu once into the user's cache),
// needs no network but the Go module proxy, and ends with 0 only if it has seen everything it describes.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"syscall"

	"github.com/winrmbits/terraform-provider-bits/internal/tfcli"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost"
)

func main() {
	onlyCLI := flag.Bool("only-cli", false, "find or build a Terraform CLI, print its path and end")
	allCLIs := flag.Bool("all-clis", false, "build OpenTofu unless it is there, print the paths of all CLIs that are found, and end")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	do := demonstrate
	switch {
	case *allCLIs:
		do = printAll
	case *onlyCLI:
		do = printOne
	}
	if err := do(ctx); err != nil {
		fmt.Fprintf(os.Stderr, "\ndemo: %v\n", err)
		stop()
		os.Exit(1) //nolint:gocritic // stop was called
	}
}

func printOne(ctx context.Context) error {
	cli, err := findCLI(ctx)
	if err == nil {
		fmt.Println(cli.Path)
	}
	return err
}

func printAll(ctx context.Context) error {
	all := tfcli.All(ctx)
	if !slices.ContainsFunc(all, func(cli tfcli.CLI) bool { return cli.Name == tfcli.OpenTofu }) {
		tofu, err := build(ctx)
		if err != nil {
			return err
		}
		all = append(all, tofu)
	}
	for _, cli := range all {
		fmt.Println(cli.Path)
	}
	return nil
}

func demonstrate(ctx context.Context) error {
	cli, err := findCLI(ctx)
	if err != nil {
		return err
	}

	dir, err := os.MkdirTemp("", "bits-demo-")
	if err != nil {
		return fmt.Errorf("make a folder for the demonstration: %w", err)
	}
	defer func() { _ = os.RemoveAll(dir) }()

	n := newNarrator(os.Stdout)
	n.chapter("A simulated Windows host")
	network, err := winhost.Start(winhost.Config{Rate: linkRate, Dir: filepath.Join(dir, "host")})
	if err != nil {
		return err
	}
	defer func() { _ = network.Close() }()
	host := network.Host(0)
	n.say("WinRM listens on %s:%d; the host's link carries %d MB/s.", host.Name, host.Port, linkRate>>20)

	env, cleanup, err := tfcli.Env()
	if err != nil {
		return err
	}
	defer cleanup()
	env = append(env,
		"BITS_HOST="+host.Name,
		fmt.Sprintf("BITS_PORT=%d", host.Port),
		"BITS_USERNAME="+host.Username,
		"BITS_PASSWORD="+host.Password,
		"BITS_CA_FILE="+network.CAFile,
		"TF_VAR_files_url="+network.FilesURL,
	)
	n.say("Building the provider for %s %s.", cli.Name, cli.Version)
	w, err := newWorkspace(ctx, filepath.Join(dir, "work"), cli, env)
	if err != nil {
		return err
	}
	s := &story{
		narrator: n, workspace: w, host: admin{name: host.Name, url: network.ControlURL + "/hosts/0"},
		drive: filepath.Join(dir, "host", host.Computer),
	}
	if err := s.tell(ctx); err != nil {
		return err
	}
	n.printf("\n%s\n", n.paint("1;32", "Everything that was promised was seen."))
	return nil
}

// findCLI finds a CLI, or builds one the first time.
func findCLI(ctx context.Context) (tfcli.CLI, error) {
	cli, err := tfcli.Find(ctx)
	if !errors.Is(err, tfcli.ErrNone) {
		return cli, err
	}
	fmt.Fprintln(os.Stderr, "No terraform or tofu on PATH.")
	return build(ctx)
}

// build builds OpenTofu.
func build(ctx context.Context) (tfcli.CLI, error) {
	root, err := moduleRoot(ctx)
	if err != nil {
		return tfcli.CLI{}, err
	}
	return tfcli.Build(ctx, filepath.Join(root, "tools", "opentofu"), os.Stderr)
}
