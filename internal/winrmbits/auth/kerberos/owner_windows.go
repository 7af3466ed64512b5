// SPDX-License-Identifier: MPL-2.0

package kerberos

import "io/fs"

// ownedBy is always true: no folder that everybody may write to has a credential cache of Windows.
func ownedBy(fs.FileInfo, int) bool { return true }
