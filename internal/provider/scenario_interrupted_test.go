package provider_test

import (
	"bytes"
	"context"
	"os"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/winrmbits/terraform-provider-bits/internal/winhost/wsmansvc"
)

// interrupts runs a command and sends it Ctrl-C when it asks the host for an operation; then the host goes on, or breaks
// the connection first.
func (o *operator) interrupts(operation string, then wsmansvc.Outcome, args ...string) {
	o.t.Helper()
	var out bytes.Buffer
	cmd := o.command(args...)
	cmd.Stdout, cmd.Stderr = &out, &out
	reached, sent := make(chan struct{}), make(chan struct{})
	var once atomic.Bool
	o.farm.Host(0).Intercept(func(ctx context.Context, e wsmansvc.Exchange) wsmansvc.Action {
		if !strings.Contains(string(e.Input), `"op":"`+operation+`"`) || once.Swap(true) {
			return wsmansvc.Action{}
		}
		close(reached)
		select {
		case <-sent:
		case <-ctx.Done():
		}
		return wsmansvc.Action{Outcome: then}
	})
	defer o.farm.Host(0).Intercept(nil)
	if err := cmd.Start(); err != nil {
		o.t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		_ = cmd.Wait() // whether it fails depends on how far it had come
		close(ended)
	}()
	select {
	case <-reached:
		if err := cmd.Process.Signal(os.Interrupt); err != nil {
			o.t.Error(err)
		}
	case <-ended:
		o.t.Errorf("%v ended without %s:\n%s", args, operation, &out)
	}
	close(sent)
	<-ended
	if strings.Contains(out.String(), "panic") || strings.Contains(out.String(), "inconsistent") {
		o.t.Errorf("%v:\n%s", args, &out)
	}
}

// TestOperatorInterruptsEachStep has Ctrl-C come at each step of a job's life: the next apply repairs whatever it left, with
// one job on the host.
func TestOperatorInterruptsEachStep(t *testing.T) {
	for _, then := range []struct {
		name string
		wsmansvc.Outcome
	}{
		{"the step is done", wsmansvc.Proceed},
		{"the connection breaks before the step", wsmansvc.CutBefore},
		{"the connection breaks after the step", wsmansvc.CutAfter},
	} {
		t.Run(then.name, func(t *testing.T) {
			t.Parallel()
			o := operate(t)
			declare := func(priority, wait string) {
				o.declareJob(payload, `priority = "`+priority+`"`, `files = [`+o.file("a.bin", "size=5")+`]`, `wait_for_transfer = `+wait)
			}
			repaired := func(stage string) {
				t.Helper()
				o.apply()
				o.planIsEmpty()
				if stage == "acknowledged" {
					o.run(0, "state", "show", address).has(`state = "acknowledged"`)
					if err := o.empty(); err != nil {
						t.Error(err)
					}
				} else if job := o.job(); job.DisplayName != "nightly payload" {
					t.Errorf("the host has %+v", job)
				}
				o.clean()
			}
			o.do("pause")
			declare("low", "false")
			for _, step := range []string{"elevate", "create", "commit"} {
				o.interrupts(step, then.Outcome, "apply", "-auto-approve")
				repaired("pending")
				o.destroy()
			}
			o.apply()
			declare("high", "false")
			o.interrupts("change", then.Outcome, "apply", "-auto-approve")
			repaired("pending")
			if job := o.job(); job.Priority != "high" {
				t.Errorf("the host has %+v", job)
			}
			o.do("run")
			declare("high", "true")
			o.interrupts("complete", then.Outcome, "apply", "-auto-approve")
			repaired("acknowledged")
			if size, err := o.size(`C:\t\a.bin`); err != nil || size != 5 {
				t.Errorf("the file has %d bytes: %v", size, err)
			}
			o.destroy()

			o.do("pause")
			declare("low", "false")
			o.apply()
			o.interrupts("remove", then.Outcome, "destroy", "-auto-approve")
			o.destroy()
		})
	}
}
