// SPDX-License-Identifier: MPL-2.0

package main

import (
	"bufio"
	"bytes"
	"cmp"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
)

// command is a block of commands that a newcomer pastes into a terminal: where it is, and what it prints.
type command struct {
	page, first string
	terminal    int    // the blocks of one terminal run one after the other, in one shell
	then        string // what the page says to do after it
	fails       bool
	prints      []string
}

const gettingStarted = "docs/guides/getting-started.md"

// The terminals of a newcomer.
const (
	installing = iota
	hosting    // its last block runs until it is interrupted
	applying
	probing
)

const clone = "git clone https://github.com/winrmbits/terraform-provider-bits && cd terraform-provider-bits"

var commands = []command{
	{
		page: "README.md", first: clone, terminal: installing, then: "export BITS_PASSWORD=secret; terraform -chdir=.. plan",
		prints: []string{"Provider development overrides are in effect", "Plan: 2 to add"},
	},
	{page: gettingStarted, first: clone, terminal: hosting},
	{page: gettingStarted, first: ". ./try.env", terminal: applying, prints: []string{"2 added, 0 changed"}},
	{
		page: gettingStarted, first: "job=$control_url/hosts/0/jobs/$(terraform -chdir=try output -raw image)", terminal: applying,
		prints: []string{`~ priority = "foreground" -> "low"`, "0 to add, 1 to change, 0 to destroy", "0 added, 1 changed, 0 destroyed"},
	},
	{
		page: gettingStarted, first: "terraform -chdir=try apply -var priority=high", terminal: applying,
		prints: []string{`~ priority = "low" -> "high"`, "0 added, 1 changed, 0 destroyed"},
	},
	{
		page: gettingStarted, first: `curl -X POST "$job/complete" -d '{"by":"CORP\\ops"}'`, terminal: applying, fails: true,
		prints: []string{"Error: Invalid BITS Job State", `CORP\ops`, "BG_E_INVALID_STATE, 0x80200002"},
	},
	{page: gettingStarted, first: "terraform -chdir=try destroy", terminal: applying, prints: []string{"Destroy complete! Resources: 2 destroyed."}},
	{page: "tools/probe/README.md", first: clone, terminal: probing, prints: []string{"BITS"}},
}

// block returns the text of a block.
func (c command) block(t *testing.T) string {
	t.Helper()
	for _, b := range markdownBlocks(read(t, filepath.Join(root, c.page))) {
		if firstLine(b.text) == c.first {
			return b.text
		}
	}
	t.Fatalf("%s has no block that begins with %q", c.page, c.first)
	return ""
}

// newcomer is a machine with a checkout of this commit where the documentation has the repository's address, and with a CLI.
type newcomer struct {
	t    *testing.T
	home string
	env  []string
}

func newNewcomer(t *testing.T) newcomer {
	t.Helper()
	path := os.Getenv("TF_ACC_TERRAFORM_PATH")
	for _, name := range []string{"terraform", "tofu"} {
		if found, err := exec.LookPath(name); err == nil {
			path = cmp.Or(path, found)
		}
	}
	if path == "" {
		t.Skip("no CLI: set TF_ACC_TERRAFORM_PATH, or put terraform or tofu on PATH")
	}
	n := newcomer{t: t, home: t.TempDir()}
	bin := filepath.Join(n.home, "bin")
	here, err := filepath.Abs(root)
	if err == nil {
		err = os.Mkdir(bin, 0o750)
	}
	if err == nil {
		err = os.Symlink(path, filepath.Join(bin, "terraform"))
	}
	if err != nil {
		t.Fatal(err)
	}
	n.env = append(os.Environ(), "PATH="+bin+string(os.PathListSeparator)+os.Getenv("PATH"), "CHECKPOINT_DISABLE=1",
		"GOFLAGS=-trimpath", // one build for all clones
		"TF_CLI_ARGS=-no-color", "TF_CLI_ARGS_apply=-auto-approve", "TF_CLI_ARGS_destroy=-auto-approve",
		"GIT_CONFIG_COUNT=1", "GIT_CONFIG_VALUE_0=https://github.com/winrmbits/terraform-provider-bits", "GIT_CONFIG_KEY_0=url."+here+".insteadOf")
	return n
}

// shell returns a shell that runs blocks as they are, and stops at the first that does not end as it should.
func (n newcomer) shell(dir string, blocks ...command) *exec.Cmd {
	n.t.Helper()
	script := "set -o pipefail\n"
	for i, c := range blocks {
		script += fmt.Sprintf("echo '%s'\n%s\n%s\ncode=$?\n[ $code -%s 0 ] || { echo \"ended with $code\"; exit 1; }\n", mark(i), c.block(n.t), c.then,
			map[bool]string{false: "eq", true: "ne"}[c.fails])
	}
	cmd := exec.CommandContext(n.t.Context(), "bash", "-c", script)
	cmd.Dir, cmd.Env = dir, n.env
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGINT) } // as Ctrl-C does
	return cmd
}

func mark(i int) string { return fmt.Sprintf("--- block %d", i) }

// run runs the blocks of a terminal and expects what they print.
func (n newcomer) run(terminal int, dir string) {
	n.t.Helper()
	blocks := of(terminal)
	printed, err := n.shell(dir, blocks...).CombinedOutput()
	if err != nil {
		n.t.Fatalf("%v:\n%s", err, printed)
	}
	for i, c := range blocks {
		_, rest, _ := strings.Cut(string(printed), mark(i)+"\n")
		rest, _, _ = strings.Cut(rest, mark(i+1)+"\n")
		line := strings.Join(strings.Fields(strings.ReplaceAll(rest, "│", "")), " ") // the CLI aligns, wraps and frames
		for _, want := range c.prints {
			if !strings.Contains(line, want) {
				n.t.Errorf("%s: %s: %q is missing in:\n%s", c.page, c.first, want, rest)
			}
		}
	}
}

func of(terminal int) []command {
	var found []command
	for _, c := range commands {
		if c.terminal == terminal {
			found = append(found, c)
		}
	}
	return found
}

// TestInstallation pastes README.md's commands, and plans its example with what they build.
func TestInstallation(t *testing.T) {
	n := newNewcomer(t)
	for _, b := range markdownBlocks(read(t, filepath.Join(root, "README.md"))) {
		if b.language == "hcl" {
			example := regexp.MustCompile(`(?m)^.*/etc/pki/corp-ca.pem.*$`).ReplaceAllString(b.text, "") // which is not there
			if err := os.WriteFile(filepath.Join(n.home, "main.tf"), []byte(example), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	n.run(installing, n.home)
}

// TestGettingStarted pastes the commands for the simulated host into two terminals, up to the error that they promise and the end.
func TestGettingStarted(t *testing.T) {
	n := newNewcomer(t)
	host := n.shell(n.home, of(hosting)...)
	var complaints bytes.Buffer
	host.Stderr = &complaints
	out, err := host.StdoutPipe()
	if err == nil {
		err = host.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	ready, lines := false, bufio.NewScanner(out)
	for !ready && lines.Scan() {
		ready = strings.HasPrefix(lines.Text(), "export control_url=")
	}
	if ready {
		n.run(applying, filepath.Join(n.home, "terraform-provider-bits"))
	}
	if err := host.Cancel(); err != nil {
		t.Error(err)
	}
	if err := host.Wait(); !ready {
		t.Fatalf("the simulated host: %v: %s", err, complaints.String())
	}
}

// TestListOfQuestions pastes the commands that list the probe's questions.
func TestListOfQuestions(t *testing.T) {
	n := newNewcomer(t)
	n.run(probing, n.home)
}
