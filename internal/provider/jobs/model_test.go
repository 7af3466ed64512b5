package jobs

import (
	"testing"

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
