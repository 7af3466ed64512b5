package standin

import (
	"strings"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/agent"
)

// pendingAge is how old a pending job has to be before nobody can be about to commit it.
const pendingAge = time.Hour

// sweepPending removes the caller's suspended jobs that have a pending name and are old enough.
func (o operations) sweepPending() (any, *agent.Error) {
	jobs, bad := o.module.list(false)
	if bad != nil {
		return nil, bad.answer(stepRead)
	}
	swept := agent.Swept{Removed: []string{}}
	before := o.host.Clock.Now().Add(-pendingAge)
	for _, job := range jobs {
		token, pending := strings.CutPrefix(job.DisplayName, bits.PendingPrefix)
		if job.State != bits.StateSuspended || !pending || !pendingToken.MatchString(token) || !job.CreatedAt.Before(before) {
			continue
		}
		if bad := o.removePending(job.ID); bad != nil {
			e := bad.answer(stepRemove)
			e.Done = swept.Removed
			return nil, e
		}
		swept.Removed = append(swept.Removed, string(job.ID))
	}
	return swept, nil
}
