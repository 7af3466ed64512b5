// SPDX-License-Identifier: MPL-2.0

// Command floor serves the schema of the bits provider and answers from memory instead of from hosts: what a run with it
// takes is what Terraform itself takes. Its jobs are in the file that FLOOR_MEMORY names, because Terraform starts a provider
// more than once in a run.
package main

import (
	"log"
	"os"

	"github.com/winrmbits/terraform-provider-bits/internal/connection"
	"github.com/winrmbits/terraform-provider-bits/internal/provider"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/hosts"
)

func main() {
	if err := run(os.Getenv("FLOOR_MEMORY")); err != nil {
		log.Fatal(err)
	}
}

func run(path string) error {
	if err := provider.LimitLog(); err != nil {
		return err
	}
	m, err := load(path)
	if err != nil {
		return err
	}
	open := func(s connection.Settings) hosts.Client { return client{memory: m, host: s.Address()} }
	if err := provider.Serve("floor", open, false); err != nil {
		return err
	}
	return m.save(path)
}
