// SPDX-License-Identifier: MPL-2.0

package bits

import "testing"

func TestPercent(t *testing.T) {
	for _, test := range []struct {
		name  string
		state State
		total *uint64
		done  uint64
		want  int64
		known bool
	}{
		{"a size that is not known has none", StateTransferring, nil, 5, 0, false},
		{"nothing to transfer has none", StateTransferring, new(uint64(0)), 0, 0, false},
		{"nothing to transfer is done when it is transferred", StateTransferred, new(uint64(0)), 0, 100, true},
		{"it is rounded down", StateTransferring, new(uint64(1000)), 999, 99, true},
		{"more than there is counts as all", StateTransferring, new(uint64(10)), 11, 100, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, known := Job{State: test.state, BytesTotal: test.total, BytesTransferred: test.done}.Percent()
			if got != test.want || known != test.known {
				t.Errorf("got %d, %t, want %d, %t", got, known, test.want, test.known)
			}
		})
	}
}
