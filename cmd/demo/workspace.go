// SPDX-License-Identifier: MPL-2.0

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/winrmbits/terraform-provider-bits/internal/tfcli"
)

// version is the one the demonstration's provider is installed as; it is never released.
const version = "0.0.1"

// workspace is a folder with a configuration and the freshly built provider beside it.
type workspace struct {
	dir string
	cli tfcli.CLI
	env []string
}

// newWorkspace builds the provider into an implied local mirror, under the names of both registries, so that
// init finds it without any network and without a CLI configuration.
func newWorkspace(ctx context.Context, dir string, cli tfcli.CLI, env []string) (*workspace, error) {
	binary := filepath.Join(dir, "terraform.d", "plugins", "registry.terraform.io", "winrmbits", "bits", version,
		runtime.GOOS+"_"+runtime.GOARCH, "terraform-provider-bits_v"+version)
	if runtime.GOOS == "windows" {
		binary += ".exe"
	}
	root, err := moduleRoot(ctx)
	if err != nil {
		return nil, err
	}
	args := []string{"build", "-ldflags", "-X main.version=" + version, "-o", binary, "."}
	build := exec.CommandContext(ctx, "go", args...) //nolint:gosec // a path of our own
	build.Dir = root
	if out, err := build.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("build the provider: %w\n%s", err, out)
	}
	tofu := strings.Replace(binary, "registry.terraform.io", "registry.opentofu.org", 1)
	if err := os.MkdirAll(filepath.Dir(tofu), 0o750); err != nil {
		return nil, fmt.Errorf("make the local mirror: %w", err)
	}
	if err := os.Link(binary, tofu); err != nil {
		return nil, fmt.Errorf("make the local mirror: %w", err)
	}
	return &workspace{dir: dir, cli: cli, env: env}, nil
}

func moduleRoot(ctx context.Context) (string, error) {
	out, err := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Dir}}", "github.com/winrmbits/terraform-provider-bits").Output()
	if err != nil {
		return "", fmt.Errorf("find the module's folder (run this inside the repository): %w", err)
	}
	return strings.TrimSpace(string(out)), nil
}

// write writes a file of the configuration.
func (w *workspace) write(name, text string) error {
	return os.WriteFile(filepath.Join(w.dir, name), []byte(text), 0o600)
}

// eachLine calls a function with each line that is written to it.
type eachLine struct {
	call func(line string)
	rest []byte
}

func (e *eachLine) Write(p []byte) (int, error) {
	e.rest = append(e.rest, p...)
	for {
		line, rest, found := bytes.Cut(e.rest, []byte("\n"))
		if !found {
			return len(p), nil
		}
		e.rest = rest
		e.call(string(line))
	}
}

// run runs the CLI, which must end with an exit code, calls seen with each line, and returns the output.
func (w *workspace) run(ctx context.Context, seen func(line string), code int, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, w.cli.Path, args...) //nolint:gosec // the CLI that was found
	cmd.Dir, cmd.Env = w.dir, w.env
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	var out bytes.Buffer
	printed := io.MultiWriter(&out, &eachLine{call: seen})
	cmd.Stdout, cmd.Stderr = printed, printed
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return "", fmt.Errorf("%s %s: %w", w.cli.Name, strings.Join(args, " "), err)
	}
	if got := cmd.ProcessState.ExitCode(); got != code {
		return "", fmt.Errorf("%s %s ended with %d instead of %d:\n%s", w.cli.Name, strings.Join(args, " "), got, code, &out)
	}
	return out.String(), nil
}
