// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/winrmbits/terraform-provider-bits/internal/tfcli"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost"
)

// buildProgram builds the provider's program, once.
var buildProgram = sync.OnceValue(func() error {
	name := "terraform-provider-bits"
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	build := exec.Command("go", "build", "-o", filepath.Join(programDir, name), "github.com/winrmbits/terraform-provider-bits")
	if out, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("build the provider: %w\n%s", err, out)
	}
	return nil
})

// arguments are those of the provider, by their names; an empty one is left out.
type arguments map[string]any

// workingDir is a Terraform working directory in which a test runs commands of a real CLI, against simulated hosts.
type workingDir struct {
	*simulation
	cli      tfcli.CLI
	dir      string
	env      []string // of the commands
	provider arguments
	attached *attachedProvider // nil: the commands start the provider's program and give it its arguments by environment variables

	ownRequirements bool // the configuration has required_providers
}

// start starts a host and a working directory whose provider block names it. Without a CLI it skips the test.
func start(t *testing.T) *workingDir {
	t.Helper()
	return startWith(t, winhost.Config{})
}

func startWith(t *testing.T, c winhost.Config) *workingDir {
	t.Helper()
	wd := newWorkingDir(t, c)
	wd.attached = newAttachedProvider(t)
	wd.env = append(wd.env, wd.attached.serve())
	return wd
}

// startProgram is startWith for tests that need the provider as a program of its own, as in production: those about
// processes, environment variables, logs and provider aliases.
func startProgram(t *testing.T, c winhost.Config) *workingDir {
	t.Helper()
	wd := newWorkingDir(t, c)
	if err := buildProgram(); err != nil {
		t.Fatal(err)
	}
	const config = "dev.tfrc"
	wd.writeHere(config, fmt.Sprintf("provider_installation {\n  dev_overrides { \"winrmbits/bits\" = %q }\n}\n", programDir))
	wd.env = append(wd.env, "TF_CLI_CONFIG_FILE="+filepath.Join(wd.dir, config))
	return wd
}

func newWorkingDir(t *testing.T, c winhost.Config) *workingDir {
	t.Helper()
	cli := needCLI(t)
	env, cleanup, err := tfcli.Env()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cleanup)
	s := simulate(t, c)
	t.Cleanup(s.expectIdle)
	return &workingDir{
		simulation: s, cli: cli, dir: t.TempDir(), env: append(env, "TF_CLI_ARGS=-no-color"),
		provider: arguments{
			"host": s.settings.Host, "port": s.settings.Port, "https": s.settings.HTTPS, "ca_file": s.network.CAFile,
			"auth": string(s.settings.Auth), "username": s.settings.Username, "password": s.settings.Password.Reveal(),
			"connect_timeout": patience.String(), "operation_timeout": patience.String(),
			"client_cert": s.settings.ClientCertificate, "client_key": s.settings.ClientKey.Reveal(),
		},
	}
}

// needQueries skips the test with a CLI that knows neither list resources nor actions.
func (wd *workingDir) needQueries() {
	wd.t.Helper()
	if !wd.cli.Queries() {
		wd.t.Skipf("%s CLI version %s is below Terraform 1.14, which has queries and actions", wd.cli.Name, wd.cli.Version)
	}
}

// with runs commands with other arguments of the provider.
func (wd *workingDir) with(changes arguments, do func()) {
	wd.t.Helper()
	before := wd.provider
	wd.provider = maps.Clone(before)
	maps.Copy(wd.provider, changes)
	do()
	wd.provider = before
}

// as runs commands with the credential of an account of the host.
func (wd *workingDir) as(username, runAs string, do func()) {
	wd.t.Helper()
	a, ok := wd.host.FindAccount(username)
	if !ok {
		wd.t.Fatalf("the host has no account %s", username)
	}
	wd.with(arguments{"username": a.Name, "password": a.Password, "run_as": runAs}, do)
}

// write writes the configuration, which has no provider block of its own.
func (wd *workingDir) write(config string) {
	wd.t.Helper()
	wd.writeHere("main.tf", config)
}

func (wd *workingDir) writeHere(name, text string) {
	wd.t.Helper()
	if err := os.WriteFile(filepath.Join(wd.dir, name), []byte(text), 0o600); err != nil {
		wd.t.Fatal(err)
	}
}

// jobBlock returns a resource block of a job that is not waited for, unless its attributes say so.
func jobBlock(name string, attributes ...string) string {
	if !strings.Contains(strings.Join(attributes, "\n"), "wait_for_transfer = ") {
		attributes = append(slices.Clone(attributes), `wait_for_transfer = false`)
	}
	return fmt.Sprintf("resource \"bits_job\" %q {\n  %s\n}\n", name, strings.Join(attributes, "\n  "))
}

const (
	address     = "bits_job.payload"
	displayName = `display_name = "nightly payload"`
	waits       = `wait_for_transfer = true`
)

// declare writes a configuration of one job: bits_job.payload, a download of a.bin unless the attributes have other files.
func (wd *workingDir) declare(attributes ...string) {
	wd.t.Helper()
	declared := strings.Join(attributes, "\n")
	if !strings.Contains(declared, "display_name = ") {
		attributes = append(attributes, displayName)
	}
	if !strings.Contains(declared, "files = ") {
		attributes = append(attributes, `files = [`+wd.file("a.bin", "size=5")+`]`)
	}
	wd.write(jobBlock("payload", attributes...))
}

// writeProvider writes the provider's block, with arguments when it is attached.
func (wd *workingDir) writeProvider() {
	wd.t.Helper()
	config := map[string]any{}
	if !wd.ownRequirements {
		config["terraform"] = map[string]any{"required_providers": map[string]any{"bits": map[string]string{"source": "winrmbits/bits"}}}
	}
	if wd.attached != nil && wd.provider != nil {
		set := maps.Clone(wd.provider)
		maps.DeleteFunc(set, func(_ string, value any) bool { return value == "" })
		config["provider"] = map[string]any{"bits": set}
	}
	text, err := json.Marshal(config)
	if err != nil {
		wd.t.Fatal(err)
	}
	wd.writeHere("provider.tf.json", string(text))
}

// command returns a command of the CLI that is not started yet, and what it will print.
func (wd *workingDir) command(args ...string) (*exec.Cmd, *bytes.Buffer) {
	wd.t.Helper()
	wd.writeProvider()
	cmd := exec.CommandContext(wd.t.Context(), wd.cli.Path, args...)
	cmd.Dir, cmd.Env = wd.dir, slices.Clone(wd.env)
	if wd.attached == nil {
		for name, value := range wd.provider {
			cmd.Env = append(cmd.Env, fmt.Sprintf("BITS_%s=%v", strings.ToUpper(name), value))
		}
	}
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	return cmd, &out
}

// run runs a command and expects an exit code.
func (wd *workingDir) run(code int, args ...string) output {
	wd.t.Helper()
	cmd, out := wd.command(args...)
	return wd.ended(cmd, cmd.Run(), code, out.String())
}

// ended expects the exit code of a command that has ended.
func (wd *workingDir) ended(cmd *exec.Cmd, err error, code int, out string) output {
	wd.t.Helper()
	if wd.attached != nil {
		wd.attached.closeSessions()
	}
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		wd.t.Fatal(err)
	}
	if got := cmd.ProcessState.ExitCode(); got != code {
		wd.t.Fatalf("%v ended with %d instead of %d:\n%s", cmd.Args[1:], got, code, out)
	}
	line := strings.Join(strings.Fields(out), " ")
	line = strings.ReplaceAll(line, " # forces replacement -> ", " -> ") // OpenTofu adds it to both values
	return output{t: wd.t, text: out, line: line}
}

// plan plans with the exit codes of -detailed-exitcode: 0 no changes, 1 an error, 2 changes.
func (wd *workingDir) plan(code int, args ...string) output {
	wd.t.Helper()
	return wd.run(code, append([]string{"plan", "-detailed-exitcode"}, args...)...)
}

func (wd *workingDir) apply(args ...string) output {
	wd.t.Helper()
	return wd.run(0, append([]string{"apply", "-auto-approve"}, args...)...)
}

func (wd *workingDir) applyFails(args ...string) output {
	wd.t.Helper()
	return wd.run(1, append([]string{"apply", "-auto-approve"}, args...)...)
}

// applyOnce applies, and expects that nothing is left to do. What an apply prints begins with its plan.
func (wd *workingDir) applyOnce() output {
	wd.t.Helper()
	out := wd.apply()
	wd.plan(0)
	return out
}

// destroy destroys everything, without a refresh, and expects that nothing is left.
func (wd *workingDir) destroy() {
	wd.t.Helper()
	wd.run(0, "destroy", "-auto-approve", "-refresh=false")
	wd.expectNothing()
}

// expectNothing expects no resource in the state, and no job or anything else of the provider on the host.
func (wd *workingDir) expectNothing() {
	wd.t.Helper()
	if left := wd.state().instances; len(left) > 0 {
		wd.t.Errorf("the state has %v", left)
	}
	if jobs := wd.jobs(); len(jobs) > 0 {
		wd.t.Errorf("the host has %+v", jobs)
	}
	wd.expectIdle()
}

// costs expects at most so many shells and exactly so many scheduled tasks on each host, and one start of PowerShell for each.
func (wd *workingDir) costs(shells, tasks int64, do func()) {
	wd.t.Helper()
	for _, h := range wd.network.Hosts() {
		h.ResetStats()
	}
	do()
	wd.expectIdle()
	for _, h := range wd.network.Hosts() {
		s := h.Stats()
		if s.ShellsOpened > shells || s.TasksRegistered != tasks || s.PowerShellStarts > shells+tasks || s.ShellsOpened == 0 {
			wd.t.Errorf("%s counted %+v, want at most %d shells, %d tasks and %d PowerShells", h.Name, s, shells, tasks, shells+tasks)
		}
	}
}

// tfState is what Terraform stores: the attributes of each instance by its address, and outputs.
type tfState struct {
	instances map[string]map[string]any
	outputs   map[string]json.RawMessage
}

func (wd *workingDir) state() tfState {
	wd.t.Helper()
	var file struct {
		Outputs   map[string]struct{ Value json.RawMessage }
		Resources []struct {
			Mode, Type, Name string
			Instances        []struct {
				Key        any `json:"index_key"`
				Attributes map[string]any
			}
		}
	}
	text, err := os.ReadFile(filepath.Join(wd.dir, "terraform.tfstate"))
	if err == nil {
		err = json.Unmarshal(text, &file)
	}
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		wd.t.Fatal(err)
	}
	s := tfState{instances: map[string]map[string]any{}, outputs: map[string]json.RawMessage{}}
	for name, o := range file.Outputs {
		s.outputs[name] = o.Value
	}
	for _, r := range file.Resources {
		for _, i := range r.Instances {
			at := r.Type + "." + r.Name
			if i.Key != nil {
				key, _ := json.Marshal(i.Key)
				at += "[" + string(key) + "]"
			}
			s.instances[at] = i.Attributes
		}
	}
	return s
}

// expectState expects attributes of an instance.
func (wd *workingDir) expectState(address string, want map[string]string) {
	wd.t.Helper()
	instance, ok := wd.state().instances[address]
	if !ok {
		wd.t.Fatalf("the state does not have %s", address)
	}
	for name, value := range want {
		if got := fmt.Sprint(instance[name]); got != value {
			wd.t.Errorf("the state has %s = %s, want %s", name, got, value)
		}
	}
}

// readOutput decodes an output of the state.
func (wd *workingDir) readOutput(name string, into any) {
	wd.t.Helper()
	if err := json.Unmarshal(wd.state().outputs[name], into); err != nil {
		wd.t.Fatalf("output %s: %v", name, err)
	}
}

// output is what a command printed.
type output struct {
	t    *testing.T
	text string
	line string // without line breaks: the CLI wraps what it prints
}

func (p output) has(wants ...string) output {
	p.t.Helper()
	for _, want := range wants {
		if !strings.Contains(p.line, want) {
			p.t.Errorf("%q is missing in:\n%s", want, p.text)
		}
	}
	return p
}

func (p output) lacks(texts ...string) output {
	p.t.Helper()
	for _, text := range texts {
		if strings.Contains(p.line, text) {
			p.t.Errorf("%q is in:\n%s", text, p.text)
		}
	}
	return p
}

// count expects a text so many times.
func (p output) count(want int, text string) output {
	p.t.Helper()
	if n := strings.Count(p.line, text); n != want {
		p.t.Errorf("%q is there %d times, want %d:\n%s", text, n, want, p.text)
	}
	return p
}

// changes expects the lines of a plan that Terraform marks, without the mark of the resource itself.
func (p output) changes(want ...string) {
	p.t.Helper()
	var got []string
	for line := range strings.Lines(p.text) {
		line = strings.Join(strings.Fields(line), " ")
		mark, rest, _ := strings.Cut(line, " ")
		if !slices.Contains([]string{"~", "+", "-"}, mark) || !strings.Contains(rest, " = ") {
			continue
		}
		if !strings.HasSuffix(rest, " = (write-only attribute)") { // OpenTofu marks those of type map in every plan
			got = append(got, line)
		}
	}
	if !slices.Equal(got, want) {
		p.t.Errorf("the plan marks %q, want %q:\n%s", got, want, p.text)
	}
}

// The last lines of plans.
const (
	plansUpdate  = "0 to add, 1 to change, 0 to destroy"
	plansReplace = "1 to add, 0 to change, 1 to destroy"
	updated      = "0 added, 1 changed, 0 destroyed"
)

func readFile(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
