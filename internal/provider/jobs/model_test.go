// SPDX-License-Identifier: MPL-2.0

package jobs

import (
	"testing"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
)

func TestRate(t *testing.T) {
	made := time.Date(2026, 11, 20, 10, 11, 12, 0, time.UTC)
	for _, test := range []struct {
		name  string
		state bits.State
		since time.Duration
		done  uint64
		want  string
	}{
		{"it is the average since the job was made, rounded down", bits.StateTransferring, 3 * time.Second, 1000, "333"},
		{"nothing has arrived", bits.StateTransferring, time.Minute, 0, "0"},
		{"a job that waits has none", bits.StateQueued, time.Minute, 1000, "<null>"},
		{"a job that is there has none", bits.StateTransferred, time.Minute, 1000, "<null>"},
		{"the first moment tells nothing", bits.StateTransferring, 999 * time.Millisecond, 1000, "<null>"},
		{"a clock that was set back tells nothing", bits.StateTransferring, -time.Minute, 1000, "<null>"},
	} {
		t.Run(test.name, func(t *testing.T) {
			job := bits.Job{State: test.state, CreatedAt: made, BytesTransferred: test.done}
			if got := rate(job, made.Add(test.since)).String(); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}
