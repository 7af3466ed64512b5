// SPDX-License-Identifier: MPL-2.0

package winrmbits

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/connection"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/agent"
)

// content writes a file of the host.
func (w *world) content(local, content string) {
	w.t.Helper()
	place, err := w.machine.Drive.Place(local)
	if err == nil {
		err = os.WriteFile(place, []byte(content), 0o600)
	}
	if err != nil {
		w.t.Fatal(err)
	}
}

func TestStatReturnsTheStatusOfEachPath(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		r.world.content(folder+"a.bin", "hello")
		got, err := r.host.Stat(t.Context(), []bits.FileQuery{
			{LocalName: folder + "a.bin", SHA256: true}, {LocalName: folder + "none.bin", SHA256: true}, {LocalName: "a.bin"},
			{LocalName: folder + "A.BIN"},
		})
		if err != nil {
			t.Fatal(err)
		}
		want := fmt.Sprintf("%x", sha256.Sum256([]byte("hello")))
		if a := got[0]; !a.Exists || a.Size == nil || *a.Size != 5 || a.ModifiedAt == nil || a.SHA256 != want || a.Err != nil {
			t.Errorf("a file is %+v", a)
		}
		if none := got[1]; none != (bits.FileStatus{}) {
			t.Errorf("a missing file is %+v", none)
		}
		var refused *bits.Error
		if !errors.As(got[2].Err, &refused) || refused.File != "a.bin" {
			t.Errorf("a relative path is %+v", got[2])
		}
		if again := got[3]; !again.Exists || again.SHA256 != "" {
			t.Errorf("a file without a hash is %+v", again)
		}
	})
}

func TestTheStatusOfManyFilesIsReadInParts(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		files := make([]bits.FileQuery, 2*agent.MaxFiles+1)
		for i := range files {
			files[i].LocalName = fmt.Sprintf(`%s%d.bin`, folder, i)
		}
		r.world.content(files[2*agent.MaxFiles].LocalName, "last")
		got, err := r.host.Stat(t.Context(), files)
		if err != nil || len(got) != len(files) || !got[2*agent.MaxFiles].Exists || got[0].Exists {
			t.Errorf("%d files: %v", len(got), err)
		}
	})
}

func TestTheWaitForAHashEndsWithTheContext(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		asked := 0
		r.answer(func() string { asked++; return `{"files":[{"exists":true,"size":"1","pending":true}]}` })
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		_, err := r.host.Stat(ctx, []bits.FileQuery{{LocalName: folder + "a.bin", SHA256: true}})
		if !errors.Is(err, context.DeadlineExceeded) || asked < 5 || asked > 20 {
			t.Errorf("after %d questions: %v", asked, err)
		}
	})
}

func TestAnAnswerForTooFewFilesIsAnError(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		r.answer(func() string { return `{"files":[]}` })
		if got, err := r.host.Stat(t.Context(), []bits.FileQuery{{LocalName: folder + "a.bin"}}); err == nil {
			t.Errorf("got %v", got)
		}
	})
}

// TestAHashEndsThoughAnotherHostWantsTheOnlySession has a host compute a hash, which begins again with every session, while another
// host has an operation every second.
func TestAHashEndsThoughAnotherHostWantsTheOnlySession(t *testing.T) {
	tests := []struct {
		takes    time.Duration
		sessions int // of the host with the hash
	}{
		{7 * time.Second, 1},
		{30 * time.Second, 3},
	}
	for _, tt := range tests {
		t.Run(tt.takes.String(), func(t *testing.T) {
			bubble(t, func(t *testing.T, r *rig) {
				hosts := r.limited(2, 1)
				sessions := 0
				r.opens(func(_ context.Context, s connection.Settings) error {
					if s.Host == hosts[0].settings.Host {
						sessions++
					}
					return nil
				})
				r.program = func(int) program {
					var began time.Time
					return scripted(func(_ int, request agent.Request) []string {
						return []string{answerTo(request, func() string {
							if began.IsZero() {
								began = time.Now()
							}
							return fmt.Sprintf(`{"files":[{"exists":true,"size":"1","pending":%t}]}`, time.Since(began) < tt.takes)
						})}
					})
				}
				ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
				defer cancel()
				var other sync.WaitGroup
				other.Go(func() {
					for pass(time.Second); ctx.Err() == nil; pass(time.Second) {
						hello(t, hosts[1])
					}
				})
				if _, err := hosts[0].Stat(ctx, []bits.FileQuery{{LocalName: folder + "a.bin", SHA256: true}}); err != nil || sessions != tt.sessions {
					t.Errorf("after %d sessions, want %d: %v", sessions, tt.sessions, err)
				}
				began := time.Now()
				hello(t, hosts[1])
				if waited := time.Since(began); waited != 0 {
					t.Errorf("the other host waited for %s though the session was idle", waited)
				}
				cancel()
				other.Wait()
			})
		})
	}
}
