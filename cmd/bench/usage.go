// SPDX-License-Identifier: MPL-2.0

package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"time"
)

// The variables that make a process of this program run a provider, and write what that provider used to a file.
const (
	providerVariable = "BENCH_PROVIDER"
	usageVariable    = "BENCH_USAGE"
)

// usage is what processes used.
type usage struct {
	CPU    time.Duration
	Memory int64 // the largest resident set of one of them, in bytes; 0 where the system does not report it
}

func usageOf(state *os.ProcessState) usage {
	return usage{CPU: state.UserTime() + state.SystemTime(), Memory: maxResident(state)}
}

// wrap runs a provider in place of this program: only the parent of a process learns what it used, and a provider's parent is
// the CLI. It returns the provider's exit code.
func wrap(provider, file string) int {
	cmd := exec.Command(provider, os.Args[1:]...) //nolint:gosec,noctx // the bench built it, and it ends when the CLI says so
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	err := cmd.Run()
	if cmd.ProcessState != nil {
		err = errors.Join(err, appendUsage(file, usageOf(cmd.ProcessState)))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// appendUsage adds a line to a file, in one write: processes may end together.
func appendUsage(path string, u usage) error {
	line, err := json.Marshal(u)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600) //nolint:gosec // the bench names it
	if err != nil {
		return err
	}
	_, err = f.Write(append(line, '\n'))
	return errors.Join(err, f.Close())
}

// takeUsage returns what the processes used that wrote to a file, and removes it.
func takeUsage(path string) (sum usage, err error) {
	f, err := os.Open(path) //nolint:gosec // the bench names it
	if errors.Is(err, os.ErrNotExist) {
		return usage{}, nil // a provider that is part of the CLI
	}
	if err != nil {
		return usage{}, err
	}
	defer func() { err = errors.Join(err, f.Close(), os.Remove(path)) }()
	for lines := json.NewDecoder(f); lines.More(); {
		var u usage
		if err := lines.Decode(&u); err != nil {
			return sum, err
		}
		sum.CPU += u.CPU
		sum.Memory = max(sum.Memory, u.Memory)
	}
	return sum, nil
}
