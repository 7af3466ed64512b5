// SPDX-License-Identifier: MPL-2.0

package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// role is the variable that makes a process of this test the provider, or a parent, which starts a child and ends with its
// standard input, or that child.
const role = "BITS_TEST_PROCESS"

func TestMain(m *testing.M) {
	switch os.Getenv(role) {
	case "provider":
		main()
	case "soaked":
		go reportUse()
		main()
	case "parent":
		child := exec.CommandContext(context.Background(), os.Args[0])
		child.Env, child.Stdout = append(os.Environ(), role+"=child"), os.Stdout
		if err := child.Start(); err != nil {
			fmt.Println(err)
		}
		_, _ = io.Copy(io.Discard, os.Stdin)
	case "child":
		waitForParent := watchParent()
		fmt.Println("started")
		waitForParent()
		fmt.Println("orphaned")
	default:
		os.Exit(m.Run())
	}
}

// TestTheEndOfTheParentIsNoticed has a process end whose child waits for that.
func TestTheEndOfTheParentIsNoticed(t *testing.T) {
	parent := exec.CommandContext(t.Context(), os.Args[0])
	parent.Env = append(os.Environ(), role+"=parent")
	stdin, err := parent.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := parent.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := parent.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(stdout)
	if !lines.Scan() || lines.Text() != "started" {
		t.Fatalf("the child printed %q: %v", lines.Text(), lines.Err())
	}
	if err := stdin.Close(); err != nil {
		t.Fatal(err)
	}
	if !lines.Scan() || lines.Text() != "orphaned" {
		t.Errorf("the child printed %q: %v", lines.Text(), lines.Err())
	}
	if err := parent.Wait(); err != nil {
		t.Error(err)
	}
}

// TestTheProviderNeedsADirectoryForItsSocket starts the provider without one: a CLI shows the first line that it prints.
func TestTheProviderNeedsADirectoryForItsSocket(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("on Windows a provider listens on a port")
	}
	long := filepath.Join(t.TempDir(), strings.Repeat("x", 100))
	if err := os.Mkdir(long, 0o700); err != nil {
		t.Fatal(err)
	}
	for name, dir := range map[string]string{"a directory that is missing": filepath.Join(t.TempDir(), "none"), "a path that is too long": long} {
		provider := exec.CommandContext(t.Context(), os.Args[0])
		provider.Env = append(os.Environ(), role+"=provider", "TMPDIR="+dir)
		out, err := provider.Output()
		var exit *exec.ExitError
		if !errors.As(err, &exit) || !strings.HasPrefix(string(out), "the provider can't make the socket") || !strings.Contains(string(out), "Set TMPDIR") {
			t.Errorf("%s: the provider prints %q: %v", name, out, err)
		}
	}
	if err := checkSocket(); err != nil {
		t.Errorf("in the directory of this machine: %v", err)
	}
}
