// SPDX-License-Identifier: MPL-2.0

package job

import (
	"os"
	"runtime/debug"
	"testing"
)

// TestMain lets garbage wait: the plans of the matrices make much of it and keep little.
func TestMain(m *testing.M) {
	debug.SetGCPercent(400)
	os.Exit(m.Run())
}
