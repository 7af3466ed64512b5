// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	"fmt"
	"strings"
)

const (
	queryText = `list "bits_job" "fleet" {
  provider = bits
  config {}
}
`
	waitText = `
action "bits_job_wait" "patch" {
  config {
    display_name = "patch"
  }
}
`
)

// queryAndWait lists the jobs of the host, and watches the transfer of a new one in the terminal, with a CLI that can.
func (s *story) queryAndWait(ctx context.Context, jobs []declared) {
	s.chapter("The jobs of the host are queried, and one is watched")
	if cli := s.workspace.cli; !cli.Queries() {
		s.say("%s %s knows neither queries nor actions, which Terraform 1.14 and later do.", cli.Name, cli.Version)
		return
	}
	s.say(`A job "patch" of 40 MB is declared and applied.`)
	s.configure(append(jobs, declared{"catalog", "high", 64 << 20}, declared{"patch", "high", 40 << 20}))
	s.terraform(ctx, 0, "apply", "-auto-approve")
	s.write("fleet.tfquery.hcl", queryText)
	listed := s.terraform(ctx, 0, "query")
	s.quote(lines(listed, `^list\.bits_job`))
	s.check(shows(listed, s.host.name+`: archive \(queued`, s.host.name+`: patch \(queued`))
	s.seen("terraform query lists what BITS has not finished, with states and progress")

	s.write("wait.tf", waitText)
	progress, moves := "", false
	s.terraformSeen(ctx, func(line string) {
		if !strings.Contains(line, " patch: ") {
			return
		}
		progress += line + "\n"
		s.quote(line)
		if !moves { // BITS on the host is still held
			s.post(ctx, "/run", nil)
		}
		moves = true
	}, 0, "apply", "-auto-approve", "-invoke=action.bits_job_wait.patch")
	s.check(shows(progress, `queued`, `\d+ % of 42 MB.*transferring`, `transferred, 42 MB`))
	s.seen("the action bits_job_wait shows the progress of the transfer while it waits")
}

// write writes a file of the configuration beside main.tf.
func (s *story) write(name, text string) {
	if s.err != nil {
		return
	}
	if err := s.workspace.write(name, text); err != nil {
		s.check(fmt.Errorf("write %s: %w", name, err))
	}
}
