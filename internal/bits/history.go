// SPDX-License-Identifier: MPL-2.0

package bits

import (
	"fmt"
	"slices"
	"time"
)

// Ending is how a job left BITS.
type Ending string

// The endings of a job.
const (
	EndingCompleted Ending = "completed"
	EndingCancelled Ending = "cancelled"
	EndingExpired   Ending = "expired" // cancelled by BITS itself after 90 days without a change
	EndingUnknown   Ending = "unknown" // the host has no record of it
)

// ParseEnding reads an ending as this project spells it.
func ParseEnding(s string) (Ending, error) {
	if slices.Contains([]Ending{EndingCompleted, EndingCancelled, EndingExpired, EndingUnknown}, Ending(s)) {
		return Ending(s), nil
	}
	return "", fmt.Errorf("%q is not an ending of a BITS job", s)
}

// History is what a host's event logs hold of a job that BITS no longer lists.
type History struct {
	Ending Ending
	By     string     // DOMAIN\name of who ended it; "" when the logs don't name it
	At     *time.Time // when; of an unknown ending, when the logs mention the job last
	Remark string     // what the logs do not hold, and why
}
