// SPDX-License-Identifier: MPL-2.0

package windows

import (
	"cmp"
	"maps"
	"sync"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
)

// Odd is what the objects of BitsTransfer show on some hosts, or may show as far as nothing documents them.
type Odd struct {
	Unreadable      map[bits.JobID]string `json:"unreadable,omitempty"`       // by job: the member of its object that can't be read
	Times           string                `json:"times,omitempty"`            // of jobs: TimesUTC and so on; "" is local time
	Zone            string                `json:"zone,omitempty"`             // of the host, such as Asia/Kolkata; "" is this machine's
	UnsignedCodes   bool                  `json:"unsigned_codes,omitempty"`   // the code of a job's error is a UInt32
	ForgetsPriority bool                  `json:"forgets_priority,omitempty"` // Set-BitsTransfer without -Priority sets foreground
}

// The kinds of a job's times. Those without a kind are UTC or local.
const (
	TimesUTC       = "utc"
	TimesBareUTC   = "bare_utc"
	TimesBareLocal = "bare_local"
)

// EveryJob stands for all jobs in Odd.Unreadable.
const EveryJob bits.JobID = "*"

// unreadable is what the member of a job's object answers. The job is listed all the same.
const unreadable bits.HResult = 0x80200001

// Oddities are how odd a host is at the moment. A nil pointer is a host that is not. It is safe for concurrent use.
type Oddities struct {
	mu  sync.Mutex
	now Odd
}

// Become makes the host odd from now on.
func (o *Oddities) Become(odd Odd) {
	o.mu.Lock()
	defer o.mu.Unlock()
	odd.Unreadable = maps.Clone(odd.Unreadable)
	o.now = odd
}

// Now returns how odd the host is.
func (o *Oddities) Now() Odd {
	if o == nil {
		return Odd{}
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.now
}

// Unreadable returns which member of a job's object can't be read, and why; "" where all can be.
func (o *Oddities) Unreadable(id bits.JobID) (member string, why error) {
	all := o.Now().Unreadable
	return cmp.Or(all[id], all[EveryJob]), refuse(unreadable)
}
