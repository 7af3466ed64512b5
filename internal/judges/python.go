// Package judges runs other people's programs, by which the tests judge this project: a PowerShell, Python with its
// libraries, and MIT's Kerberos KDC.
package judges

import (
	"os"
	"os/exec"
	"testing"
)

// Python returns the path of an interpreter that can import a module: $BITS_TEST_PYTHON, else python3. Without one it skips
// the test for the reason given, and in short mode.
func Python(t *testing.T, module, reason string) string {
	t.Helper()
	skipShort(t)
	name := os.Getenv("BITS_TEST_PYTHON")
	if name == "" {
		name = "python3"
	}
	path, err := exec.LookPath(name)
	if err == nil {
		err = exec.CommandContext(t.Context(), path, "-c", "import "+module).Run() //nolint:gosec // the module is a test's own word
	}
	if err != nil {
		t.Skip(reason)
	}
	return path
}
