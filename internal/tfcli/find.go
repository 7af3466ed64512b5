// SPDX-License-Identifier: MPL-2.0

// Package tfcli finds Terraform CLIs, terraform and tofu, for the tests and for the demonstration, and builds OpenTofu
// where there is none. It never downloads a binary.
package tfcli

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"time"
)

// ErrNone reports a machine without a CLI, or none that runs.
var ErrNone = errors.New("no terraform or tofu on PATH or in the cache; go run ./cmd/demo -only-cli builds one")

// PathVariable names the CLI to use before any other; terraform-plugin-testing reads it, too.
const PathVariable = "TF_ACC_TERRAFORM_PATH"

// The names of the two products.
const (
	Terraform = "terraform"
	OpenTofu  = "tofu"
)

// CLI is a command that runs Terraform configurations.
type CLI struct {
	Path    string // absolute
	Name    string // Terraform or OpenTofu
	Version string // without a v
}

// TestingEnv returns the environment variables that make terraform-plugin-testing run this CLI instead of looking for
// one and downloading it.
func (c CLI) TestingEnv() map[string]string {
	env := map[string]string{PathVariable: c.Path}
	if c.Name == OpenTofu {
		// Providers under test are known by another registry's name to OpenTofu, and need a namespace.
		env["TF_ACC_PROVIDER_HOST"] = "registry.opentofu.org"
		env["TF_ACC_PROVIDER_NAMESPACE"] = "hashicorp"
	}
	return env
}

// Queries reports whether the CLI knows list resources (terraform query) and actions, as Terraform does since 1.14. OpenTofu 1.12
// knows neither.
func (c CLI) Queries() bool { return c.Name == Terraform && !c.Before(1, 14) }

// Before reports whether the CLI is older than a version; both products count their versions alike.
func (c CLI) Before(major, minor int) bool {
	var has [2]int
	_, err := fmt.Sscanf(c.Version, "%d.%d", &has[0], &has[1])
	return err != nil || slices.Compare(has[:], []int{major, minor}) < 0
}

// Find returns the first CLI that runs: $TF_ACC_TERRAFORM_PATH, terraform on PATH, tofu on PATH, the one that [Build] left in the
// user's cache, and the one that tools/newest-terraform left there. A named CLI that does not run is an error; where there is nothing
// at all the error is [ErrNone].
func Find(ctx context.Context) (CLI, error) {
	if path := os.Getenv(PathVariable); path != "" {
		cli, err := probe(ctx, path)
		if err != nil {
			return CLI{}, fmt.Errorf("use the CLI that %s names: %w", PathVariable, err)
		}
		return cli, nil
	}
	failures := ErrNone
	for cli, err := range candidates(ctx) {
		if err == nil {
			return cli, nil
		}
		failures = errors.Join(failures, err)
	}
	return CLI{}, failures
}

// All returns the CLIs of this machine that run, in the order of [Find], each version once, whatever $TF_ACC_TERRAFORM_PATH names.
func All(ctx context.Context) []CLI {
	var all []CLI
	for cli, err := range candidates(ctx) {
		if err == nil && !slices.ContainsFunc(all, func(had CLI) bool { return had.Name == cli.Name && had.Version == cli.Version }) {
			all = append(all, cli)
		}
	}
	return all
}

// candidates probes the files that could be a CLI.
func candidates(ctx context.Context) iter.Seq2[CLI, error] {
	var paths []string
	for _, name := range []string{Terraform, OpenTofu} {
		if path, err := exec.LookPath(name); err == nil {
			paths = append(paths, path)
		}
	}
	for _, version := range []string{"tofu-" + OpenTofuVersion, "terraform-" + NewestTerraform} {
		if path, err := cached(version); err == nil {
			if _, err := os.Stat(path); err == nil {
				paths = append(paths, path)
			}
		}
	}
	return func(yield func(CLI, error) bool) {
		for _, path := range paths {
			if !yield(probe(ctx, path)) {
				return
			}
		}
	}
}

// NewestTerraform is the version that tools/newest-terraform installs.
const NewestTerraform = "1.15.5"

// cached returns where a CLI is in the user's cache.
func cached(name string) (string, error) {
	dir, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("find the user's cache: %w", err)
	}
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	return filepath.Join(dir, "terraform-provider-bits", name), nil
}

var firstLine = regexp.MustCompile(`^(Terraform|OpenTofu) v(\S+)`)

// probe runs a CLI to learn what it is.
func probe(ctx context.Context, path string) (CLI, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return CLI{}, fmt.Errorf("find %s: %w", path, err)
	}
	env, cleanup, err := Env()
	if err != nil {
		return CLI{}, err
	}
	defer cleanup()
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, path, "version") //nolint:gosec // the CLI the user has
	cmd.Env = env
	cmd.WaitDelay = time.Second
	out, err := cmd.Output()
	if err != nil {
		return CLI{}, fmt.Errorf("ask %s for its version: %w", path, err)
	}
	match := firstLine.FindSubmatch(out)
	if match == nil {
		return CLI{}, fmt.Errorf("ask %s for its version: it answered %.80q", path, out)
	}
	names := map[string]string{"Terraform": Terraform, "OpenTofu": OpenTofu}
	return CLI{Path: path, Name: names[string(match[1])], Version: string(match[2])}, nil
}
