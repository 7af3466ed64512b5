package main

import (
	"context"
	"fmt"
	"sync"

	"github.com/masterzen/winrm"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits"
)

// work is something done to every job, by this client and by one-shot shells.
type work struct {
	name   string
	ours   func(ctx context.Context, on *winhost.Host, ids []bits.JobID) error
	script string // of the one-shot shells, with %s for the job's id
}

func works() []work {
	const find = `Import-Module BitsTransfer; $job = Get-BitsTransfer -AllUsers | Where-Object JobId -eq '%s'; `
	return []work{
		{"refresh", session(func(ctx context.Context, h *winrmbits.Host, id bits.JobID) error {
			_, err := h.Get(ctx, id, "")
			return err
		}), find + `$job | Select-Object JobId, DisplayName, Priority, JobState, OwnerAccount, FileList | ConvertTo-Json -Depth 4`},
		{"change of the priority", session(func(ctx context.Context, h *winrmbits.Host, id bits.JobID) error {
			low := bits.PriorityLow
			_, err := h.Change(ctx, id, bits.Change{Priority: &low})
			return err
		}), find + `Set-BitsTransfer -BitsJob $job -Priority Low`},
	}
}

// session does something to every job as a run of the provider does.
func session(each func(ctx context.Context, h *winrmbits.Host, id bits.JobID) error) func(context.Context, *winhost.Host, []bits.JobID) error {
	return func(ctx context.Context, on *winhost.Host, ids []bits.JobID) error {
		fleet := winrmbits.NewFleet(nil)
		h := fleet.Host(on.Settings())
		err := forEach(ids, func(id bits.JobID) error { return each(ctx, h, id) })
		if closing := fleet.Close(ctx); err == nil {
			err = closing
		}
		return err
	}
}

// oneShot runs a script for every job in a shell of its own, over the connections of one client.
func oneShot(ctx context.Context, on *winhost.Host, ids []bits.JobID, script string) error {
	s := on.Settings()
	endpoint := winrm.NewEndpoint(s.Host, s.Port, s.HTTPS, false, []byte(s.CACert), nil, nil, s.OperationTimeout)
	client, err := winrm.NewClient(endpoint, s.Username, s.Password.Reveal())
	if err != nil {
		return err
	}
	return forEach(ids, func(id bits.JobID) error {
		_, _, _, err := client.RunPSWithContext(ctx, fmt.Sprintf(script, id)) // the stand-in runs no script but the agent's
		return err
	})
}

// forEach does something to every job, as many at a time as Terraform does, and returns the first failure.
func forEach(ids []bits.JobID, do func(id bits.JobID) error) error {
	next := make(chan bits.JobID, len(ids))
	for _, id := range ids {
		next <- id
	}
	close(next)
	var (
		workers sync.WaitGroup
		once    sync.Once
		first   error
	)
	for range parallelism {
		workers.Go(func() {
			for id := range next {
				if err := do(id); err != nil {
					once.Do(func() { first = fmt.Errorf("job %s: %w", id, err) })
				}
			}
		})
	}
	workers.Wait()
	return first
}
