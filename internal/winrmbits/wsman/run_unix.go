// SPDX-License-Identifier: MPL-2.0

//go:build unix

package wsman

import (
	"os"
	"syscall"
)

// lock locks a file until it is closed, unless another process has.
func lock(file *os.File) bool {
	return syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) == nil
}
