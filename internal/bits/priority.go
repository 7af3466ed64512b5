// SPDX-License-Identifier: MPL-2.0

package bits

import (
	"fmt"
	"strings"
)

// Priority is the scheduling class of a job. The zero value is not a priority.
//
// Foreground jobs compete with the other traffic of the host and run side by side; the three background
// classes use idle bandwidth only, and a lower class gets no time while a higher one has work.
// Source: BG_JOB_PRIORITY, learn.microsoft.com.
type Priority string

// The four priorities of BITS, highest first.
const (
	PriorityForeground Priority = "foreground"
	PriorityHigh       Priority = "high"
	PriorityNormal     Priority = "normal"
	PriorityLow        Priority = "low"
)

// DefaultPriority is the one that IBackgroundCopyManager::CreateJob sets. The cmdlets default to Foreground
// instead, which is why it is always passed to them.
const DefaultPriority = PriorityNormal

// Priorities lists every priority, highest first.
func Priorities() []Priority {
	return []Priority{PriorityForeground, PriorityHigh, PriorityNormal, PriorityLow}
}

// ParsePriority reads a priority as this project or a BITS cmdlet spells it; case does not matter.
func ParsePriority(s string) (Priority, error) {
	for _, p := range Priorities() {
		if strings.EqualFold(s, string(p)) {
			return p, nil
		}
	}
	return "", fmt.Errorf("%q is not a BITS priority: use foreground, high, normal or low", s)
}
