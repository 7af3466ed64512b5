// SPDX-License-Identifier: MPL-2.0

package main

import (
	"fmt"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/winhost"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/logon"
)

// shape is how many jobs are on how many hosts.
type shape struct {
	Hosts int
	Jobs  int // on each host
}

func (s shape) all() int { return s.Hosts * s.Jobs }

func (s shape) String() string {
	return fmt.Sprintf("%s, %s", count(s.Hosts, "host"), count(s.Jobs, "job")+map[bool]string{true: " each"}[s.Hosts > 1])
}

func count(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return fmt.Sprintf("%d %s", n, what)
}

// setting is how far away the hosts are, and what protects the messages to them. The logon is NTLM's.
type setting struct {
	RTT        time.Duration
	StartDelay time.Duration // of every PowerShell
	Sealed     bool          // http with sealed messages instead of https

	Parallelism int // of Terraform; 0: its default
}

func (s setting) String() string {
	protection := "https"
	if s.Sealed {
		protection = "NTLM-sealed http"
	}
	text := fmt.Sprintf("%s, a round trip of %s, %s for a start of PowerShell", protection, s.RTT, s.StartDelay)
	if s.Parallelism > 0 {
		text += fmt.Sprintf(", -parallelism=%d", s.Parallelism)
	}
	return text
}

func (s setting) network(hosts int) winhost.Config {
	return winhost.Config{
		Hosts: hosts, RTT: s.RTT, StartDelay: s.StartDelay,
		Security: winhost.Security{Auth: []logon.Scheme{logon.NTLM}, HTTP: s.Sealed},
	}
}

// cost is what one step took, and what the hosts counted.
type cost struct {
	Seconds float64
	winhost.Stats

	Provider     usage   // of all provider processes of the step
	CLISeconds   float64 // of CPU, without the provider's
	HostsSeconds float64 // of CPU that this process used, which simulates the hosts; 0 where the system does not report it
}

// result is what a step cost each of those that made it, by their names.
type result struct {
	Step  string
	Costs map[string]cost
}
