package winrmbits_test

import (
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"
)

// TestMain fails when a goroutine is left after the last test has closed its fleets and hosts.
func TestMain(m *testing.M) {
	code := m.Run()
	leaked := goroutines()
	for end := time.Now().Add(patience); len(leaked) > 0 && time.Now().Before(end); leaked = goroutines() {
		time.Sleep(5 * time.Millisecond) // what was told to end gets to do so
	}
	if code == 0 && len(leaked) > 0 {
		fmt.Printf("FAIL: %d goroutines are left:\n\n%s\n", len(leaked), strings.Join(leaked, "\n\n"))
		code = 1
	}
	os.Exit(code)
}

// goroutines returns the stacks of all goroutines but the caller's and those of the os/signal package.
func goroutines() []string {
	stacks := make([]byte, 4<<20)
	all := strings.Split(string(stacks[:runtime.Stack(stacks, true)]), "\n\n")
	var others []string
	for _, stack := range all[1:] {
		if !strings.Contains(stack, "created by os/signal.") {
			others = append(others, stack)
		}
	}
	return others
}
