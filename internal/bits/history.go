package bits

import (
	"fmt"
	"time"
)

// Ending is how a job left BITS.
type Ending string

// The endings of a job.
const (
	EndingCompleted Ending = "completed"
	EndingCancelled Ending = "cancelled"
	EndingExpired   Ending = "expired" // cancelled by BITS itself after nobody touched it for a long time (90 days)
	EndingUnknown   Ending = "unknown" // nothing on the host tells
)

// ParseEnding reads an ending as this project spells it.
func ParseEnding(s string) (Ending, error) {
	for _, e := range []Ending{EndingCompleted, EndingCancelled, EndingExpired, EndingUnknown} {
		if s == string(e) {
			return e, nil
		}
	}
	return "", fmt.Errorf("%q is no ending of a BITS job", s)
}

// History is what a host's event logs tell of a job that BITS no longer lists.
type History struct {
	Ending Ending
	By     string     // DOMAIN\name of who ended it; "" when the logs don't tell
	At     *time.Time // when; of an unknown ending, when the logs mention the job last
	Remark string     // what the logs could not tell, and why
}
