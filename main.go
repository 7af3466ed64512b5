// Command terraform-provider-bits serves the bits provider to Terraform and OpenTofu.
package main

import (
	"context"
	"flag"
	"log"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"

	"github.com/winrmbits/terraform-provider-bits/internal/connection"
	"github.com/winrmbits/terraform-provider-bits/internal/provider"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/hosts"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits"
)

const (
	address = "registry.terraform.io/winrmbits/bits"

	// closing is how long the shells on the hosts may take to end. Terraform kills a provider 2 s after it asked
	// it to stop.
	closing = 1500 * time.Millisecond
)

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
	fleet := winrmbits.NewFleet(provider.WinRMLog())
	end := func() error {
		ctx, cancel := context.WithTimeout(context.Background(), closing)
		defer cancel()
		return fleet.Close(ctx)
	}
	if !debug {
		signal.Ignore(syscall.SIGPIPE) // a log line to a CLI that was killed would end this process before its shells
		go endWithoutParent(end)
	}
	open := func(s connection.Settings) hosts.Client { return fleet.Host(s) }
	opts := providerserver.ServeOpts{Address: address, Debug: debug, ProtocolVersion: 6}
	err := providerserver.Serve(context.Background(), provider.New(version, open), opts)
	if closeErr := end(); err == nil {
		err = closeErr
	}
	return err
}

// endWithoutParent ends this process when the one that started it is gone: a CLI that is killed can't stop its
// providers (hashicorp/terraform issue 23527). An orphan's parent changes on Unix; on Windows it does not.
func endWithoutParent(end func() error) {
	parent := os.Getppid()
	for range time.Tick(2 * time.Second) {
		if os.Getppid() != parent {
			_ = end()
			os.Exit(1)
		}
	}
}
