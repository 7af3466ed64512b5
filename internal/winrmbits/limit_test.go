// SPDX-License-Identifier: MPL-2.0

package winrmbits

import (
	"context"
	"errors"
	"maps"
	"testing"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/agent"
)

func TestOperationTimeoutDoesNotCountTheWaitForShells(t *testing.T) {
	tests := []struct {
		name        string
		begin, ends time.Duration // of the wait
		want        time.Duration
	}{
		{"no wait", 0, 0, time.Minute},
		{"a short one", 10 * time.Second, 20 * time.Second, 70 * time.Second},
		{"one that is longer than operation_timeout", time.Second, 181 * time.Second, 240 * time.Second},
		{"one that begins too late", 2 * time.Minute, 3 * time.Minute, time.Minute},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			bubble(t, func(t *testing.T, r *rig) {
				began := time.Now()
				r.host.waitForShell()() // an earlier one
				if tt.ends > 0 {
					time.AfterFunc(tt.begin, func() { time.AfterFunc(tt.ends-tt.begin, r.host.waitForShell()) })
				}
				ctx, cancel := r.host.limit(t.Context())
				defer cancel()
				<-ctx.Done()
				if took := time.Since(began); took != tt.want || !errors.Is(context.Cause(ctx), errOperationTimeout) {
					t.Errorf("%v after %s", context.Cause(ctx), took)
				}
				wait(tt.ends)
			})
		})
	}
}

func TestAMethodEndsWithItsCaller(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		stopped := errors.New("the user pressed Ctrl-C")
		parent, stop := context.WithCancelCause(t.Context())
		ctx, cancel := r.host.limit(parent)
		stop(stopped)
		<-ctx.Done()
		if !errors.Is(context.Cause(ctx), stopped) {
			t.Error(context.Cause(ctx))
		}
		cancel()
		again, cancel := r.host.limit(t.Context())
		cancel()
		if !errors.Is(again.Err(), context.Canceled) {
			t.Error(again.Err())
		}
	})
}

// TestTheFirstCallerDoesNotLimitWhatIsTheHosts has a caller with little time left be the first.
func TestTheFirstCallerDoesNotLimitWhatIsTheHosts(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		limits := map[string]int{}
		r.program = func(int) program {
			return scripted(func(_ int, request agent.Request) []string {
				for _, op := range request.Ops {
					limits[op.Name] = op.MS
				}
				return []string{answerTo(request, func() string { return `{"absent":true,"hresult":null}` })}
			})
		}
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		defer cancel()
		_, _ = r.host.Get(ctx, noJob, "")
		want := map[string]int{agent.OpHello: 60000, agent.OpList: 60000, agent.OpGet: 2000}
		if !maps.Equal(limits, want) {
			t.Errorf("the limits are %v, want %v", limits, want)
		}
	})
}

func TestPausesGrowToTheLongest(t *testing.T) {
	before := time.Duration(0)
	for try := range 201 {
		pause := defaultTiming.pause(try)
		if pause <= 0 || pause < before || pause > defaultTiming.longestPause {
			t.Fatalf("pause %d is %s, after %s", try, pause, before)
		}
		before = pause
	}
	if before != defaultTiming.longestPause {
		t.Errorf("the last pause is %s", before)
	}
}
