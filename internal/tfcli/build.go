// SPDX-License-Identifier: MPL-2.0

package tfcli

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// OpenTofuVersion is the version that tools/opentofu builds.
const OpenTofuVersion = "1.12.6"

// Build builds OpenTofu from the module in moduleDir (tools/opentofu) into the user's cache, where [Find] finds it,
// unless it is there already. It takes some minutes; log gets what the Go command prints.
//
// It is built from source because a go install of OpenTofu is refused: its go.mod replaces a module.
func Build(ctx context.Context, moduleDir string, log io.Writer) (CLI, error) {
	path, err := cached("tofu-" + OpenTofuVersion)
	if err != nil {
		return CLI{}, err
	}
	return build(ctx, path, func(ctx context.Context, target string) error {
		_, _ = fmt.Fprintf(log, "Building OpenTofu %s as %s (110 MB).\n"+
			"This takes about 4 minutes, once. The Go modules for it are a download of 260 MB.\n", OpenTofuVersion, path)
		cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", //nolint:gosec // a path of our own
			// Without this the version is reported as a development build, and version checks take it for older.
			"-ldflags", "-s -w -X github.com/opentofu/opentofu/version.dev=no",
			"-o", target, "github.com/opentofu/opentofu/cmd/tofu")
		cmd.Dir = moduleDir
		cmd.Stdout, cmd.Stderr = log, log
		cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
		cmd.WaitDelay = 5 * time.Second
		return cmd.Run()
	})
}

// build has path made by compile, in a folder of its own, and renames it when it is whole and runs: builds at the same time do not
// disturb each other.
func build(ctx context.Context, path string, compile func(ctx context.Context, target string) error) (CLI, error) {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return CLI{}, fmt.Errorf("make the cache: %w", err)
	}
	if cli, err := probe(ctx, path); err == nil {
		return cli, nil
	}
	temporary, err := os.MkdirTemp(dir, "build-")
	if err != nil {
		return CLI{}, fmt.Errorf("make a folder for the build: %w", err)
	}
	defer func() { _ = os.RemoveAll(temporary) }()
	target := filepath.Join(temporary, filepath.Base(path))
	if err = compile(ctx, target); err == nil {
		_, err = probe(ctx, target)
	}
	if err != nil {
		return CLI{}, fmt.Errorf("build OpenTofu %s: %w", OpenTofuVersion, err)
	}
	if err := os.Rename(target, path); err != nil {
		return CLI{}, fmt.Errorf("put OpenTofu into the cache: %w", err)
	}
	return probe(ctx, path)
}
