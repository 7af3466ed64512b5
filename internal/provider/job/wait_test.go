// SPDX-License-Identifier: MPL-2.0

package job

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
)

// looks answers a waiter with one state after the other, and stays at the last.
type looks struct {
	states []bits.State
	err    error // instead of the last state
	at     []time.Duration
	start  time.Time

	bytes   uint64 // that arrive between two looks
	job     bits.Job
	resumes []time.Duration
	refuse  error // of a resume
}

func (l *looks) Get(_ context.Context, id bits.JobID, _ string) (bits.Job, error) {
	l.at = append(l.at, time.Since(l.start))
	state := l.states[0]
	if len(l.states) > 1 {
		l.states = l.states[1:]
	} else if l.err != nil {
		return bits.Job{}, l.err
	}
	l.job = bits.Job{ID: id, State: state, BytesTransferred: l.job.BytesTransferred + l.bytes}
	if state == bits.StateTransientError {
		l.job.Error = &bits.JobError{HResult: 0x80072EFD}
	}
	return l.job, nil
}

// Change resumes the job, which is queued then until the next look.
func (l *looks) Change(_ context.Context, id bits.JobID, change bits.Change) (bits.Job, error) {
	if !reflect.DeepEqual(change, bits.Change{Retry: true}) {
		return bits.Job{}, errors.New("this is no retry")
	}
	l.resumes = append(l.resumes, time.Since(l.start).Truncate(time.Second))
	return bits.Job{ID: id, State: bits.StateQueued, BytesTransferred: l.job.BytesTransferred}, l.refuse
}

// TestAWaitResumesAJobInTransientError is about what BITS itself does after minimum_retry_delay only, 10 minutes by default.
// Source: "Best Practices When Using BITS", learn.microsoft.com, which names Resume as the way to activate such a job again.
func TestAWaitResumesAJobInTransientError(t *testing.T) {
	transient, s := bits.StateTransientError, time.Second
	for _, test := range []struct {
		name   string
		states []bits.State
		bytes  uint64
		refuse error
		want   []time.Duration // from the start of the wait
	}{
		{name: "at once, and then at intervals that grow to 5 minutes", states: []bits.State{transient}, want: []time.Duration{1 * s, 21 * s, 52 * s, 113 * s, 234 * s, 474 * s, 775 * s, 1076 * s}},
		{name: "a resume that is refused is not repeated sooner", states: []bits.State{transient}, refuse: bits.ErrAccessDenied, want: []time.Duration{1 * s, 20 * s, 50 * s, 110 * s, 230 * s, 470 * s, 770 * s, 1070 * s}},
		{name: "at once again after a byte has arrived", states: []bits.State{transient, transient, transient, bits.StateTransferred}, bytes: 1, want: []time.Duration{1 * s, 2 * s, 3 * s}},
		{name: "not while the job is queued, connecting or transferring", states: []bits.State{bits.StateQueued, bits.StateConnecting, bits.StateTransferring, bits.StateQueued}},
		{name: "not when somebody suspended it", states: []bits.State{bits.StateSuspended}},
		{name: "not when it failed for good", states: []bits.State{bits.StateError}},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), 20*time.Minute)
				defer cancel()
				client := &looks{states: test.states, bytes: test.bytes, refuse: test.refuse, start: time.Now()}
				_, _ = await(ctx, client, bits.Job{ID: "id", State: bits.StateTransferring}, SteadyPace(10*time.Second), func(bits.Job) {})
				if !slices.Equal(client.resumes, test.want) {
					t.Errorf("resumed after %v, want %v", client.resumes, test.want)
				}
			})
		})
	}
}

func TestAwait(t *testing.T) {
	broken := errors.New("broken pipe")
	for _, test := range []struct {
		name    string
		states  []bits.State
		err     error
		limit   time.Duration
		cancel  time.Duration
		want    bits.State
		wantErr error
		took    time.Duration
	}{
		{name: "a transferred job ends the wait", states: []bits.State{bits.StateTransferring, bits.StateTransferred}, want: bits.StateTransferred, took: 2500 * time.Millisecond},
		{name: "a failed job ends the wait", states: []bits.State{bits.StateError}, want: bits.StateError, took: time.Second},
		{name: "a suspended job ends the wait", states: []bits.State{bits.StateSuspended}, want: bits.StateSuspended, took: time.Second},
		{name: "a transient error does not", states: []bits.State{bits.StateTransientError, bits.StateConnecting, bits.StateTransferred}, want: bits.StateTransferred, took: 3500 * time.Millisecond},
		{name: "a job that is gone is an error", states: []bits.State{bits.StateQueued, bits.StateQueued}, err: bits.ErrNotFound, want: bits.StateQueued, wantErr: bits.ErrNotFound, took: 2500 * time.Millisecond},
		{name: "a broken connection is an error", states: []bits.State{bits.StateQueued}, err: broken, want: bits.StateTransferring, wantErr: broken, took: time.Second},
		{name: "the deadline ends the wait", states: []bits.State{bits.StateQueued}, limit: time.Minute, want: bits.StateQueued, wantErr: context.DeadlineExceeded, took: time.Minute},
		{name: "an interrupt ends the wait at once", states: []bits.State{bits.StateQueued}, cancel: 3 * time.Second, want: bits.StateQueued, wantErr: context.Canceled, took: 3 * time.Second},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				if test.limit > 0 {
					ctx, cancel = context.WithTimeout(ctx, test.limit)
					defer cancel()
				}
				if test.cancel > 0 {
					time.AfterFunc(test.cancel, cancel)
				}
				start := time.Now()
				reader := &looks{states: test.states, err: test.err, start: start}
				job, err := await(ctx, reader, bits.Job{ID: "id", State: bits.StateTransferring}, SteadyPace(10*time.Second), func(bits.Job) {})
				if !errors.Is(err, test.wantErr) {
					t.Errorf("error %v, want %v", err, test.wantErr)
				}
				if job.State != test.want {
					t.Errorf("state %s, want %s", job.State, test.want)
				}
				if took := time.Since(start); took != test.took {
					t.Errorf("it took %s, want %s", took, test.took)
				}
			})
		})
	}
}

// TestAWaitRemembersTheLastTransientError is about jobs that try again when the time is over: BITS shows no error then.
func TestAWaitRemembersTheLastTransientError(t *testing.T) {
	for _, test := range []struct {
		name   string
		states []bits.State
		bytes  uint64
		want   bits.HResult // 0: none
	}{
		{name: "the job connects again", states: []bits.State{bits.StateTransientError, bits.StateConnecting}, want: 0x80072EFD},
		{name: "a byte has arrived since", states: []bits.State{bits.StateTransientError, bits.StateTransferring}, bytes: 1},
		{name: "there was none", states: []bits.State{bits.StateConnecting}},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				defer cancel()
				client := &looks{states: test.states, bytes: test.bytes, start: time.Now()}
				job, _ := await(ctx, client, bits.Job{ID: "id", State: bits.StateQueued}, SteadyPace(10*time.Second), func(bits.Job) {})
				if got := job.Error; (got != nil) != (test.want != 0) || got != nil && got.HResult != test.want {
					t.Errorf("the error is %+v, want %s", got, test.want)
				}
			})
		})
	}
}

func TestTheIntervalsOfAWaitGrow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 70*time.Second)
		defer cancel()
		reader := &looks{states: []bits.State{bits.StateQueued}, start: time.Now()}
		_, _ = await(ctx, reader, bits.Job{State: bits.StateQueued}, SteadyPace(10*time.Second), func(bits.Job) {})
		var intervals []time.Duration
		for i, at := range reader.at {
			if i > 0 {
				at -= reader.at[i-1]
			}
			intervals = append(intervals, at.Round(10*time.Millisecond))
		}
		ms := time.Millisecond
		want := []time.Duration{1000 * ms, 1500 * ms, 2250 * ms, 3380 * ms, 5060 * ms, 7590 * ms, 10000 * ms, 10000 * ms, 10000 * ms, 10000 * ms}
		if !slices.Equal(intervals, want) {
			t.Errorf("the intervals are %v, want %v", intervals, want)
		}
	})
}

func TestNoLookForAJobThatNeedsNone(t *testing.T) {
	reader := &looks{}
	job, err := await(t.Context(), reader, bits.Job{State: bits.StateTransferred}, SteadyPace(10*time.Second), func(bits.Job) {})
	if err != nil || job.State != bits.StateTransferred || len(reader.at) > 0 {
		t.Errorf("await gives %v, %v after %d looks", job, err, len(reader.at))
	}
}
