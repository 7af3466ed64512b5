package job

import (
	"maps"
	"testing"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
)

// TestADriftIsNoChangeOfAFinishedJob has somebody change a job and complete it, with a refresh in between that is kept. The
// configuration is what it always was: no plan fails, and none transfers the files again.
func TestADriftIsNoChangeOfAFinishedJob(t *testing.T) {
	low := func(j *bits.Job) { j.Priority = bits.PriorityLow }
	for _, test := range []struct {
		name   string
		policy string
		then   values // how it is declared after the end
		want   string
	}{
		{name: "nothing else", policy: "error", want: "update completed_at priority state=acknowledged"},
		{name: "replace for changes", policy: "replace", want: "update completed_at priority state=acknowledged"},
		{name: "what somebody set is declared", policy: "error", then: values{"priority": text("low")}, want: "update completed_at state=acknowledged"},
		{name: "a third value is declared", policy: "error", then: values{"priority": text("high")}, want: `error ("priority"): Invalid BITS Job State`},
		{name: "a third value is declared, replace for changes", policy: "replace", then: values{"priority": text("high")}, want: "replace for priority"},
		{name: "something else is declared", policy: "error", then: values{"description": text("other")}, want: `error ("description"): Invalid BITS Job State`},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := ready(t)
			config := jobConfig(values{"on_finished_change": text(test.policy)})
			prior := r.brought(config, low, false)
			prior, _ = r.refresh(prior) // drift that was seen once is not new
			prior = r.vanished(prior, bits.EndingCompleted)
			maps.Copy(config, test.then)
			p := r.plan(prior, config)
			if got := describe(p); got != test.want {
				t.Fatalf("planned: %s, want: %s", got, test.want)
			}
			if p.action() != "update" {
				return
			}
			r.host.called()
			done, diags := r.apply(t.Context(), p)
			if failed(diags) || r.host.mutated() {
				t.Fatalf("called %v: %s", r.host.called(), formatted(diags))
			}
			if p := r.plan(done, config); p.action() != "none" {
				t.Errorf("planned after it: %s", describe(p))
			}
			maps.Copy(config, values{"priority": text("high")})
			if p := r.plan(done, config); p.action() == "update" { // what was seen once excuses nothing for ever
				t.Errorf("planned for another change: %s", describe(p))
			}
		})
	}
}

// TestADriftThatWasCorrectedIsForgotten has Terraform set the value back before the job is completed.
func TestADriftThatWasCorrectedIsForgotten(t *testing.T) {
	r := ready(t)
	config := jobConfig(nil)
	prior := r.brought(config, func(j *bits.Job) { j.Priority = bits.PriorityLow }, false)
	high := jobConfig(values{"priority": text("high")})
	prior, diags := r.apply(t.Context(), r.plan(prior, high))
	if failed(diags) {
		t.Fatal(formatted(diags))
	}
	prior, _ = r.refresh(prior)
	prior = r.vanished(prior, bits.EndingCompleted)
	if got := describe(r.plan(prior, config)); got != `error ("priority"): Invalid BITS Job State` {
		t.Errorf("planned: %s", got)
	}
}
