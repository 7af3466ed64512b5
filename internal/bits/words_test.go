// SPDX-License-Identifier: MPL-2.0

package bits

import "testing"

func TestParseState(t *testing.T) {
	tests := []struct {
		name, in string
		want     State
		fails    bool
	}{
		{"as a cmdlet spells it", "TransientError", StateTransientError, false},
		{"as the header spells it", "TRANSIENT_ERROR", StateTransientError, false},
		{"as we spell it", "transient_error", StateTransientError, false},
		{"a short one", "Queued", StateQueued, false},
		{"with the British double l", "Cancelled", StateCancelled, false},
		{"something else", "Paused", "", true},
		{"nothing", "", "", true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := ParseState(tt.in)
			if got != tt.want || (err != nil) != tt.fails {
				t.Errorf("ParseState(%q) = %q, %v", tt.in, got, err)
			}
		})
	}
	for _, state := range States() {
		if got, err := ParseState(string(state)); got != state || err != nil {
			t.Errorf("ParseState(%q) = %q, %v", state, got, err)
		}
	}
}

func TestStages(t *testing.T) {
	want := map[State]Stage{
		StateQueued: StagePending, StateConnecting: StagePending, StateTransferring: StagePending,
		StateTransientError: StagePending, StateSuspended: StageSuspended, StateError: StageError,
		StateTransferred: StageTransferred, StateAcknowledged: StageAcknowledged, StateCancelled: StageMissing,
	}
	if len(want) != len(States()) {
		t.Fatalf("%d states are expected, States has %d", len(want), len(States()))
	}
	known := map[Stage]bool{}
	for _, stage := range Stages() {
		known[stage] = true
	}
	for _, state := range States() {
		if got := state.Stage(); got != want[state] || !known[got] {
			t.Errorf("the stage of %s is %s, want %s", state, got, want[state])
		}
		if final := state == StateAcknowledged || state == StateCancelled; state.Final() != final {
			t.Errorf("%s.Final() = %v", state, state.Final())
		}
	}
}

func TestParsePriority(t *testing.T) {
	for in, want := range map[string]Priority{
		"Foreground": PriorityForeground, "high": PriorityHigh, "NORMAL": PriorityNormal, "Low": PriorityLow,
	} {
		if got, err := ParsePriority(in); got != want || err != nil {
			t.Errorf("ParsePriority(%q) = %q, %v", in, got, err)
		}
	}
	for _, in := range []string{"", "urgent", "2"} {
		if got, err := ParsePriority(in); err == nil {
			t.Errorf("ParsePriority(%q) = %q", in, got)
		}
	}
}

func TestParseTransferType(t *testing.T) {
	for in, want := range map[string]TransferType{
		"Download": Download, "upload": Upload, "UploadReply": UploadReply, "upload_reply": UploadReply,
	} {
		if got, err := ParseTransferType(in); got != want || err != nil {
			t.Errorf("ParseTransferType(%q) = %q, %v", in, got, err)
		}
	}
	if got, err := ParseTransferType("sideload"); err == nil {
		t.Errorf("ParseTransferType = %q", got)
	}
}

func TestParseJobID(t *testing.T) {
	const id = "6f8f5f10-0b3f-4c7e-9a52-0d6f1c1e2a3b"
	tests := []struct {
		name, in string
		fails    bool
	}{
		{"plain", id, false},
		{"with braces and in capitals, as bitsadmin prints it", "{6F8F5F10-0B3F-4C7E-9A52-0D6F1C1E2A3B}", false},
		{"with one brace", "{" + id, true},
		{"without hyphens", "6f8f5f100b3f4c7e9a520d6f1c1e2a3b", true},
		{"with a hyphen in the wrong place", "6f8f5f1-00b3f-4c7e-9a52-0d6f1c1e2a3b", true},
		{"with a letter that is no digit", "6f8f5f10-0b3f-4c7e-9a52-0d6f1c1e2a3g", true},
		{"with a letter of another script of the same length", "6f8f5f10-0b3f-4c7e-9a52-0d6f1c1e2aé", true},
		{"nothing", "", true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := ParseJobID(tt.in)
			if (err != nil) != tt.fails || (!tt.fails && got != id) {
				t.Errorf("ParseJobID(%q) = %q, %v", tt.in, got, err)
			}
		})
	}
}
