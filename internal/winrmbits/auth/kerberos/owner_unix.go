// SPDX-License-Identifier: MPL-2.0

//go:build unix

package kerberos

import (
	"io/fs"
	"syscall"
)

// ownedBy reports whether a file belongs to a user, or to root.
func ownedBy(file fs.FileInfo, uid int) bool {
	about, ok := file.Sys().(*syscall.Stat_t)
	return ok && (about.Uid == 0 || int(about.Uid) == uid)
}
