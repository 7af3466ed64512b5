// SPDX-License-Identifier: MPL-2.0

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/tfcli"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost"
)

// The contestants of a run with the CLI.
const (
	ours      = "bits"
	sameFloor = "same schema, from memory" // what Terraform itself costs with resources of this kind
	dataFloor = "terraform_data"           // the least that Terraform costs
)

// program is the CLI with the providers that it runs.
type program struct {
	cli       tfcli.CLI
	env       []string
	self      string            // this program, as a wrapper of providers
	providers map[string]string // by contestant
}

// build finds a CLI and builds the providers into a folder.
func build(ctx context.Context, dir string) (*program, func(), error) {
	cli, err := tfcli.Find(ctx)
	if err != nil {
		return nil, nil, err
	}
	p := &program{cli: cli, providers: map[string]string{ours: filepath.Join(dir, "bits"), sameFloor: filepath.Join(dir, "floor")}}
	const module = "github.com/winrmbits/terraform-provider-bits"
	for name, source := range map[string]string{ours: module, sameFloor: module + "/cmd/bench/floor"} {
		cmd := exec.CommandContext(ctx, "go", "build", "-o", p.providers[name], source) //nolint:gosec // names of our own
		if out, err := cmd.CombinedOutput(); err != nil {
			return nil, nil, fmt.Errorf("build %s: %w\n%s", source, err, out)
		}
	}
	if p.self, err = os.Executable(); err != nil {
		return nil, nil, err
	}
	wrapper := filepath.Join(dir, "terraform-provider-bits"+filepath.Ext(p.self))
	if err := os.Symlink(p.self, wrapper); err != nil {
		return nil, nil, err
	}
	config := filepath.Join(dir, "dev.tfrc")
	text := fmt.Sprintf("provider_installation {\n  dev_overrides { \"winrmbits/bits\" = %q }\n}\n", dir)
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		return nil, nil, err
	}
	env, cleanup, err := tfcli.Env()
	p.env = slices.Concat(env, []string{"TF_CLI_CONFIG_FILE=" + config, "TF_CLI_ARGS=-no-color"})
	return p, cleanup, err
}

// contestant makes the steps of a run in a working directory of its own.
type contestant struct {
	*program
	name    string
	dir     string
	env     []string
	network *winhost.Network // nil: a floor
}

// job is what a configuration says of a job.
type job struct {
	Host   string `json:"host"`
	Remote string `json:"remote"`
	Local  string `json:"local"`
}

const bitsConfig = `terraform {
  required_providers {
    bits = { source = "winrmbits/bits" }
  }
}
variable "priority" { type = string }
resource "bits_job" "job" {
  for_each          = jsondecode(file("${path.module}/jobs.json"))
  host              = each.value.host
  display_name      = each.key
  priority          = var.priority
  wait_for_transfer = false
  files             = [{ remote_name = each.value.remote, local_name = each.value.local }]
}
`

const dataConfig = `variable "priority" { type = string }
resource "terraform_data" "job" {
  for_each = jsondecode(file("${path.module}/jobs.json"))
  input = {
    host         = each.value.host
    display_name = each.key
    priority     = var.priority
    files        = [{ remote_name = each.value.remote, local_name = each.value.local }]
  }
}
`

// newContestant writes a configuration. The jobs of all contestants are those of the network, which only this provider reaches.
func (p *program) newContestant(name, dir string, network *winhost.Network, s shape) (*contestant, error) {
	c := &contestant{program: p, name: name, dir: dir}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	jobs := map[string]job{}
	for i, h := range network.Hosts() {
		for j := range s.Jobs {
			name := fmt.Sprintf("job-%d-%d", i, j)
			jobs[name] = job{
				Host: h.Name + ":" + strconv.Itoa(h.Port), Remote: network.FilesURL + "/" + name + "?size=100", Local: `C:\Bench\` + name + ".cab",
			}
		}
	}
	text, err := json.Marshal(jobs)
	if err != nil {
		return nil, err
	}
	config := bitsConfig
	if name == dataFloor {
		config = dataConfig
	}
	err = errors.Join(os.WriteFile(filepath.Join(dir, "jobs.json"), text, 0o600), os.WriteFile(filepath.Join(dir, "main.tf"), []byte(config), 0o600))
	h := network.Host(0)
	c.env = append(slices.Clip(p.env), "BITS_USERNAME="+h.Username, "BITS_PASSWORD="+h.Password, "BITS_CA_FILE="+network.CAFile,
		"BITS_HTTPS="+strconv.FormatBool(h.Settings().HTTPS), "FLOOR_MEMORY="+filepath.Join(dir, "memory.json"),
		usageVariable+"="+c.usageFile(), providerVariable+"="+p.providers[name])
	if name == ours {
		c.network = network
	}
	return c, err
}

func (c *contestant) usageFile() string { return filepath.Join(c.dir, "usage.jsonl") }

// step is one command of a run.
type step struct {
	name     string // "" is not reported
	args     []string
	priority bits.Priority
	complete bool               // the jobs are transferred before, and completed by it
	left     func(jobs int) int // jobs on the hosts afterwards
}

// maxOutput bounds what an error quotes of a CLI, in bytes: its last words.
const maxOutput = 3000

// steps are the life of the jobs; those that are completed are made anew for it, because those of the steps before are destroyed.
func steps() []step {
	apply := []string{"apply", "-auto-approve"}
	plan := []string{"plan", "-detailed-exitcode"} // which fails unless the plan is empty
	all := func(jobs int) int { return jobs }
	none := func(int) int { return 0 }
	return []step{
		{name: "create", args: apply, priority: bits.PriorityNormal, left: all},
		{name: "plan", args: plan, priority: bits.PriorityNormal, left: all},
		{name: "re-prioritise all", args: apply, priority: bits.PriorityHigh, left: all},
		{name: "plan again", args: plan, priority: bits.PriorityHigh, left: all},
		{name: "destroy", args: []string{"destroy", "-auto-approve"}, priority: bits.PriorityHigh, left: none},
		{args: apply, priority: bits.PriorityNormal, left: all},
		{name: "complete all", args: apply, priority: bits.PriorityNormal, left: none, complete: true},
	}
}

// do makes a step, and returns what it cost.
func (c *contestant) do(ctx context.Context, s step, jobs int) (cost, error) {
	env := append(slices.Clip(c.env), "TF_VAR_priority="+string(s.priority))
	if s.complete {
		env = append(env, "FLOOR_TRANSFERRED=1")
	}
	if s.complete && c.network != nil {
		if err := transfer(ctx, c.network); err != nil {
			return cost{}, err
		}
	}
	if c.network != nil {
		resetStats(c.network)
	}
	cmd := exec.CommandContext(ctx, c.cli.Path, s.args...) //nolint:gosec // the CLI that was found
	cmd.Dir, cmd.Env = c.dir, env
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	began, before := time.Now(), ownCPU()
	err := cmd.Run()
	spent := cost{Seconds: time.Since(began).Seconds(), HostsSeconds: (ownCPU() - before).Seconds()}
	if err != nil {
		text := out.Bytes()
		return spent, fmt.Errorf("%s %v: %w\n%s", c.cli.Name, s.args, err, text[max(0, len(text)-maxOutput):])
	}
	if spent.Provider, err = takeUsage(c.usageFile()); err != nil {
		return spent, err
	}
	spent.CLISeconds = (usageOf(cmd.ProcessState).CPU - spent.Provider.CPU).Seconds()
	if c.network != nil {
		spent.Stats = c.network.Stats()
		err = c.check(s, jobs)
	}
	return spent, err
}

// check looks whether a step did what was wanted on the hosts.
func (c *contestant) check(s step, want int) error {
	left := 0
	for _, h := range c.network.Hosts() {
		jobs, err := h.BITS.Jobs(h.Account, true)
		if err != nil {
			return err
		}
		left += len(jobs)
		for _, job := range jobs {
			if job.Priority != s.priority {
				return fmt.Errorf("job %s has priority %s after the step %q", job.DisplayName, job.Priority, s.name)
			}
		}
	}
	if left != s.left(want) {
		return fmt.Errorf("%d jobs are on the hosts after the step %q", left, s.name)
	}
	return nil
}

// runCLI makes the steps with the CLI, each by all contestants in turn, so that what else the machine does is shared.
// It writes each step's seconds to progress: a thousand jobs take many minutes.
func (p *program) runCLI(ctx context.Context, dir string, s shape, to setting, contestants []string, progress io.Writer) (results []result, err error) {
	network, err := winhost.Start(to.network(s.Hosts))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, network.Close()) }()
	for _, h := range network.Hosts() {
		h.BITS.Pause()
	}
	var runs []*contestant
	for i, name := range contestants {
		c, err := p.newContestant(name, filepath.Join(dir, strconv.Itoa(i)), network, s)
		if err != nil {
			return nil, err
		}
		if to.Parallelism > 0 {
			for _, command := range []string{"plan", "apply", "destroy"} {
				c.env = append(c.env, fmt.Sprintf("TF_CLI_ARGS_%s=-parallelism=%d", command, to.Parallelism))
			}
		}
		runs = append(runs, c)
	}
	for _, step := range steps() {
		r := result{Step: step.name, Costs: map[string]cost{}}
		for _, c := range runs {
			if c.name == dataFloor && (step.complete || step.name == "") {
				continue // has nothing like a completion, and so no need of the jobs for it
			}
			if r.Costs[c.name], err = c.do(ctx, step, s.all()); err != nil {
				return results, fmt.Errorf("%s of %s by %s: %w", step.name, s, c.name, err)
			}
			if step.name != "" {
				fmt.Fprintf(progress, "%s, %s, %s: %.1f s\n", s, step.name, c.name, r.Costs[c.name].Seconds) // stderr may be closed
			}
		}
		if step.name != "" {
			results = append(results, r)
		}
	}
	return results, nil
}
