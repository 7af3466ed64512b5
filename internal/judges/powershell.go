package judges

import (
	"os"
	"os/exec"
	"testing"
)

// PowerShell returns the path of a PowerShell: $BITS_TEST_PWSH, else pwsh. Without one, and in short mode, it skips the test.
func PowerShell(t *testing.T) string {
	t.Helper()
	skipShort(t)
	name := os.Getenv("BITS_TEST_PWSH")
	if name == "" {
		name = "pwsh"
	}
	path, err := exec.LookPath(name)
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
