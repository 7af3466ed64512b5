// SPDX-License-Identifier: MPL-2.0

package machine

import (
	"testing"
	"time"
)

func TestDurations(t *testing.T) {
	tests := []struct {
		text string
		want time.Duration
		bad  bool
	}{
		{text: "PT20S", want: 20 * time.Second},
		{text: "PT0.5S", want: 500 * time.Millisecond},
		{text: "PT7200.000S", want: 2 * time.Hour},
		{text: "P0DT0H1M30S", want: 90 * time.Second},
		{text: "P1D", want: 24 * time.Hour},
		{text: "-PT1S", want: -time.Second},
		{text: "P999999999D", want: maxDuration},
		{text: "PT-1S", bad: true},
		{text: "PT", bad: true},
		{text: "P", bad: true},
		{text: "20", bad: true},
		{text: "P1Y", bad: true},
		{text: "", bad: true},
	}
	for _, test := range tests {
		t.Run(test.text, func(t *testing.T) {
			got, err := ParseDuration(test.text)
			if (err != nil) != test.bad || got != test.want {
				t.Errorf("got %s, %v", got, err)
			}
		})
	}
}
