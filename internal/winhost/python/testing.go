// Package python finds the Python in which other people's clients and libraries judge this project in its tests.
package python

import (
	"os"
	"os/exec"
	"testing"
)

// ForTest gives the path of an interpreter that imports a module: the one of $BITS_TEST_PYTHON, else python3. Where there
// is none the test skips with the words of otherwise.
func ForTest(t *testing.T, module, otherwise string) string {
	t.Helper()
	name := os.Getenv("BITS_TEST_PYTHON")
	if name == "" {
		name = "python3"
	}
	path, err := exec.LookPath(name)
	if err == nil {
		err = exec.CommandContext(t.Context(), path, "-c", "import "+module).Run() //nolint:gosec // the module is a test's own word
	}
	if err != nil {
		t.Skip(otherwise)
	}
	return path
}
