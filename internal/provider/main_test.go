// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/winrmbits/terraform-provider-bits/internal/tfcli"
)

var (
	// hostVariables are the BITS_ variables of this process, which say where the host of the acceptance tests is.
	hostVariables = map[string]string{}

	// programDir is where the provider's program is built, if a test needs it.
	programDir string
)

// gcPercent is GOGC of the tests and of the CLI: a fifth of the time of these short processes is garbage collection otherwise.
const gcPercent = 400

func TestMain(m *testing.M) { os.Exit(runTests(m)) }

func runTests(m *testing.M) int {
	debug.SetGCPercent(gcPercent)
	flag.Parse()
	if f := flag.Lookup("test.parallel"); f.Value.String() == f.DefValue { // these tests mostly wait, for processes and timers
		_ = f.Value.Set(strconv.Itoa(2 * runtime.GOMAXPROCS(0)))
	}
	dir, err := os.MkdirTemp("", "provider-test-")
	if err == nil {
		defer func() { _ = os.RemoveAll(dir) }()
		programDir = dir
		err = clearEnvironment(dir)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return m.Run()
}

// clearEnvironment removes the variables that change what a CLI or the provider does, and the user's CLI configuration.
func clearEnvironment(dir string) error {
	for _, variable := range os.Environ() {
		name, value, _ := strings.Cut(variable, "=")
		switch {
		case strings.HasPrefix(name, "BITS_TEST_"), strings.HasPrefix(name, "TF_ACC"):
			continue
		case strings.HasPrefix(name, "BITS_"):
			hostVariables[name] = value
		case !strings.HasPrefix(name, "TF_") && !strings.HasPrefix(name, "TOFU_"):
			continue
		}
		if err := os.Unsetenv(name); err != nil {
			return err
		}
	}
	empty := filepath.Join(dir, "empty.tfrc")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		return err
	}
	return errors.Join(os.Setenv("TF_CLI_CONFIG_FILE", empty), os.Setenv("GOGC", strconv.Itoa(gcPercent)))
}

// findCLI finds a CLI, once, and makes terraform-plugin-testing use it.
var findCLI = sync.OnceValues(func() (tfcli.CLI, error) {
	cli, err := tfcli.Find(context.Background())
	if err != nil {
		return cli, err
	}
	for name, value := range cli.TestingEnv() {
		if err := os.Setenv(name, value); err != nil {
			return cli, err
		}
	}
	return cli, nil
})

// needCLI returns the CLI of this machine. Without one, and in short mode, it skips the test.
func needCLI(t *testing.T) tfcli.CLI {
	t.Helper()
	if testing.Short() {
		t.Skip("no CLI is started in short mode")
	}
	cli, err := findCLI()
	if errors.Is(err, tfcli.ErrNone) {
		t.Skip(tfcli.ErrNone)
	}
	if err != nil {
		t.Fatal(err)
	}
	return cli
}
