// SPDX-License-Identifier: MPL-2.0

package wsman

import (
	"os"

	sys "golang.org/x/sys/windows"
)

// lock locks a file until it is closed, unless another process has.
func lock(file *os.File) bool {
	const flags = sys.LOCKFILE_EXCLUSIVE_LOCK | sys.LOCKFILE_FAIL_IMMEDIATELY
	return sys.LockFileEx(sys.Handle(file.Fd()), flags, 0, 1, 0, &sys.Overlapped{}) == nil
}
