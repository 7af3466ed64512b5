package jobs

import (
	"testing"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
)

func TestPercent(t *testing.T) {
	for _, test := range []struct {
		name  string
		state bits.State
		total *uint64
		done  uint64
		want  string
	}{
		{"a size that is not known has none", bits.StateTransferring, nil, 5, "<null>"},
		{"nothing to transfer has none", bits.StateTransferring, new(uint64(0)), 0, "<null>"},
		{"nothing to transfer is done when it is transferred", bits.StateTransferred, new(uint64(0)), 0, "100"},
		{"it is rounded down", bits.StateTransferring, new(uint64(1000)), 999, "99"},
		{"more than there is counts as all", bits.StateTransferring, new(uint64(10)), 11, "100"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := percent(bits.Job{State: test.state, BytesTotal: test.total, BytesTransferred: test.done}).String(); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

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
