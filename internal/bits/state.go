// SPDX-License-Identifier: MPL-2.0

package bits

import "fmt"

// State is the exact state of a job. Source: BG_JOB_STATE, learn.microsoft.com.
type State string

// The nine states of a job. Jobs in one of the last two are never listed by BITS.
const (
	StateQueued         State = "queued"
	StateConnecting     State = "connecting"
	StateTransferring   State = "transferring"
	StateSuspended      State = "suspended"
	StateError          State = "error"
	StateTransientError State = "transient_error"
	StateTransferred    State = "transferred"
	StateAcknowledged   State = "acknowledged"
	StateCancelled      State = "cancelled"
)

// States lists the nine states in the order of BG_JOB_STATE.
func States() []State {
	return []State{
		StateQueued, StateConnecting, StateTransferring, StateSuspended, StateError, StateTransientError,
		StateTransferred, StateAcknowledged, StateCancelled,
	}
}

// ParseState reads a state as this project or a BITS cmdlet spells it: TransientError, TRANSIENT_ERROR and
// transient_error are the same.
func ParseState(s string) (State, error) {
	if state, ok := findWord(s, States()); ok {
		return state, nil
	}
	return "", fmt.Errorf("%q is not a BITS job state", s)
}

// Final reports whether the job has left BITS: it takes no change any more and is not listed.
func (s State) Final() bool { return s == StateAcknowledged || s == StateCancelled }

// Stage is what a declared job has come to, as far as Terraform is concerned: the moves that BITS makes by
// itself between queued, connecting, transferring and transient error are one stage.
type Stage string

// The stages of a job.
const (
	StagePending      Stage = "pending"      // queued, connecting, transferring or transient error
	StageSuspended    Stage = "suspended"    // waits for a resume
	StageError        Stage = "error"        // failed; BITS does not retry by itself
	StageTransferred  Stage = "transferred"  // all bytes are there, in temporary files
	StageAcknowledged Stage = "acknowledged" // completed: the files have their names; BITS has forgotten the job
	StageMissing      Stage = "missing"      // BITS lists no such job and nothing shows that it was completed
)

// Stages lists the stages in the order of a job's life.
func Stages() []Stage {
	return []Stage{StagePending, StageSuspended, StageError, StageTransferred, StageAcknowledged, StageMissing}
}

// Stage returns the stage a job in this state is in. A cancelled job is missing.
func (s State) Stage() Stage {
	switch s {
	case StateSuspended:
		return StageSuspended
	case StateError:
		return StageError
	case StateTransferred:
		return StageTransferred
	case StateAcknowledged:
		return StageAcknowledged
	case StateCancelled:
		return StageMissing
	default:
		return StagePending
	}
}
