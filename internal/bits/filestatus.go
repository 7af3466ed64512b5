// SPDX-License-Identifier: MPL-2.0

package bits

import "time"

// FileQuery asks for the status of a file on a host.
type FileQuery struct {
	LocalName string // full path on a drive of the host
	SHA256    bool   // whether its hash is wanted, for which the host has to read all of it
}

// FileStatus is what is at a path on a host.
type FileStatus struct {
	Exists     bool
	Size       *uint64    // nil when there is no file
	ModifiedAt *time.Time // what BITS sets to the server's time; nil when there is no file
	SHA256     string     // lower case; "" when it was not asked for or can't be had
	Err        error      // why nothing can be said, or no hash computed; an *Error
}
