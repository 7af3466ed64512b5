// SPDX-License-Identifier: MPL-2.0

// Package judges runs other people's programs, by which the tests judge this project: a PowerShell, Python with its
// libraries, and MIT's Kerberos KDC.
package judges

import (
	"cmp"
	"os"
	"os/exec"
	"testing"
)

// Python returns the path of an interpreter that can import a module: $BITS_TEST_PYTHON, else python3. Without one it skips
// the test for the reason given, and in short mode.
func Python(t *testing.T, module, reason string) string {
	t.Helper()
	skipShort(t)
	path, err := exec.LookPath(cmp.Or(os.Getenv("BITS_TEST_PYTHON"), "python3"))
	if err == nil {
		err = exec.CommandContext(t.Context(), path, "-c", "import "+module).Run() //nolint:gosec // the module is a test's own word
	}
	if err != nil {
		t.Skip(reason)
	}
	return path
}

// PowerShell returns the path of a PowerShell: $BITS_TEST_PWSH, else pwsh. Without one, and in short mode, it skips the test.
func PowerShell(t *testing.T) string {
	t.Helper()
	skipShort(t)
	path, err := exec.LookPath(cmp.Or(os.Getenv("BITS_TEST_PWSH"), "pwsh"))
	if err != nil {
		t.Skip("no PowerShell: set BITS_TEST_PWSH, or put pwsh on PATH")
	}
	return path
}

// skipShort skips the test in short mode: it starts other people's programs.
func skipShort(t testing.TB) {
	t.Helper()
	if testing.Short() {
		t.Skip("other programs are not started in short mode")
	}
}
