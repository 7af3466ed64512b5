// SPDX-License-Identifier: MPL-2.0

package winrmbits

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/connection"
)

// TestManyCallersThroughManyMishaps has callers come, go and press Ctrl-C while everything goes wrong at random, and
// checks what holds whatever happens: every caller is answered in time, and no job is created twice.
func TestManyCallersThroughManyMishaps(t *testing.T) {
	for seed := range uint64(20) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			bubble(t, func(t *testing.T, r *rig) {
				r.warm()
				dice := &dice{source: rand.New(rand.NewPCG(seed, 0))}
				r.faults(dice.fault)
				r.opens(func(context.Context, connection.Settings) error {
					if dice.roll(4) == 0 {
						return unreachable
					}
					return nil
				})
				var callers sync.WaitGroup
				for i := range 12 {
					callers.Go(func() { soaked(t, r, dice, fmt.Sprintf("%032x", i)) })
				}
				callers.Wait()
				r.faults(nil)
				r.opens(nil)
				wait(5 * time.Minute)
				made := map[string]bool{}
				for _, name := range r.world.jobs() {
					token := strings.TrimPrefix(name, bits.PendingPrefix)
					if made[token] {
						t.Errorf("job %s was created twice", token)
					}
					made[token] = true
				}
			})
		})
	}
}

// soaked runs a job's life, whatever the result of each step.
func soaked(t *testing.T, r *rig, dice *dice, token string) {
	t.Helper()
	var id bits.JobID
	steps := map[string]func(context.Context) error{
		"create": func(ctx context.Context) error {
			job, err := r.host.Create(ctx, token, spec(token))
			id = job.ID
			return err
		},
		"commit": func(ctx context.Context) error { _, err := r.host.Commit(ctx, id, token, true); return err },
		"change": func(ctx context.Context) error {
			_, err := r.host.Change(ctx, id, bits.Change{AddFiles: []bits.FileSpec{file("more-" + token)}})
			return err
		},
		"get":  func(ctx context.Context) error { _, err := r.host.Get(ctx, id, ""); return err },
		"list": func(ctx context.Context) error { _, err := r.host.Listing(ctx, false); return err },
	}
	for _, name := range []string{"create", "get", "commit", "list", "change", "get", "get"} {
		if id == "" && name != "create" {
			return
		}
		ctx := t.Context()
		if dice.roll(5) == 0 {
			ctx = stopAfter(t, time.Duration(dice.roll(20))*time.Second)
		}
		began := time.Now()
		err := steps[name](ctx)
		if took := time.Since(began); took > 75*time.Second { // operation_timeout, and 10 s for what was sent
			t.Errorf("%s took %s: %v", name, took, err)
		}
		var failed *connection.Error
		if err != nil && !errors.As(err, &failed) && !errors.Is(err, bits.ErrUnknownOutcome) && !errors.Is(err, errStopped) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if job, err := r.world.service.Job(administrator, id); err != nil || len(job.Files) > 2 {
		t.Errorf("%d files, %v", len(job.Files), err)
	}
}

// dice make the mishaps.
type dice struct {
	mu     sync.Mutex
	source *rand.Rand
}

func (d *dice) roll(sides int) int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.source.IntN(sides)
}

func (d *dice) fault(e event) *fault {
	f := &fault{delay: time.Duration(d.roll(3000)) * time.Millisecond}
	broke := errBroken
	if d.roll(3) == 0 {
		broke = errGone
	}
	switch d.roll(8) {
	case 0:
		f.before = broke
	case 1:
		f.after = broke
	}
	if e.verb == "close" && d.roll(2) == 0 {
		return nil
	}
	return f
}
