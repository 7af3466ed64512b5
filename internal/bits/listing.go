package bits

import "time"

// Listing is the jobs that a host listed at one moment.
type Listing struct {
	Jobs     []Job
	AllUsers bool      // false: only the jobs of one account
	At       time.Time // the host's clock
}
