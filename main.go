// SPDX-License-Identifier: MPL-2.0

// Command terraform-provider-bits serves the bits provider to Terraform and OpenTofu.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"net"
	"os"
	"os/signal"
	"runtime"
	"syscall"
	"time"

	"github.com/hashicorp/go-plugin"

	"github.com/winrmbits/terraform-provider-bits/internal/connection"
	"github.com/winrmbits/terraform-provider-bits/internal/provider"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/hosts"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits"
)

// closing is how long the shells on the hosts may take to end. Terraform kills a provider 2 s after it asked
// it to stop: what was sent by then has its effect all the same.
const closing = 1900 * time.Millisecond

// version is set by the linker when a release is built.
var version = "dev"

func main() {
	debug := flag.Bool("debug", false, "serve a debugger: prints TF_REATTACH_PROVIDERS and keeps running")
	flag.Parse()
	if err := run(*debug); err != nil {
		log.Fatal(err)
	}
}

func run(debug bool) error {
	if !debug {
		if err := provider.LimitLog(); err != nil {
			return err
		}
	}
	fleet := winrmbits.NewFleet(provider.WinRMLog())
	end := func() error {
		ctx, cancel := context.WithTimeout(context.Background(), closing)
		defer cancel()
		return fleet.Close(ctx)
	}
	if !debug {
		if err := checkSocket(); err != nil {
			fmt.Println(err) // a CLI shows the first line of its provider's standard output
			return err
		}
		ignoreSignals()
		waitForParent := watchParent()
		go func() {
			waitForParent()
			_ = end()
			os.Exit(1)
		}()
	}
	open := func(s connection.Settings) hosts.Client { return fleet.Host(s) }
	err := provider.Serve(version, open, debug)
	if closeErr := end(); err == nil {
		err = closeErr
	}
	return err
}

// ignoreSignals leaves the end of this process to the CLI that started it. SIGTERM often goes to all processes of a CI job or
// a service: the CLI then stops its providers itself, and stores what they return. go-plugin ignores Ctrl-C for the same
// reason. SIGPIPE comes from a log line to a CLI that was killed, before the shells are closed.
func ignoreSignals() { signal.Ignore(syscall.SIGTERM, syscall.SIGPIPE) }

// checkSocket makes a socket as go-plugin does next, which prints nothing that a CLI shows when it can't. On Windows it makes
// none.
func checkSocket() error {
	if runtime.GOOS == "windows" {
		return nil
	}
	var listener net.Listener
	file, err := os.CreateTemp(os.Getenv(plugin.EnvUnixSocketDir), "plugin")
	if err == nil {
		_ = file.Close()
		_ = os.Remove(file.Name()) //nolint:gosec // the file was just made
		listener, err = (&net.ListenConfig{}).Listen(context.Background(), "unix", file.Name())
	}
	if err != nil {
		return fmt.Errorf("the provider can't make the socket on which Terraform calls it: %w. Set TMPDIR to a directory that this "+
			"account may write to, with a path of at most 80 characters", err)
	}
	return listener.Close()
}
