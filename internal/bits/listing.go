// SPDX-License-Identifier: MPL-2.0

package bits

import "time"

// Listing is the jobs that a host listed at one moment.
type Listing struct {
	Jobs     []Job
	Unread   []UnreadJob
	AllUsers bool      // false: only the jobs of one account
	At       time.Time // the host's clock
}

// UnreadJob is a job that a host lists and can't show.
type UnreadJob struct {
	ID          JobID  // "" when not even that could be read
	DisplayName string // "" when it could not be read
	Err         error  // why; it matches [ErrUnreadable]
}
