// SPDX-License-Identifier: MPL-2.0

package job

import (
	"maps"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
)

// triggersOf makes triggers of one value.
func triggersOf(v tftypes.Value) tftypes.Value {
	return tftypes.NewValue(tftypes.Map{ElementType: tftypes.String}, map[string]tftypes.Value{"version": v})
}

func noTriggers() tftypes.Value {
	return tftypes.NewValue(tftypes.Map{ElementType: tftypes.String}, nil)
}

func TestAMissingJobFailsTheApplyWhereThatIsAskedFor(t *testing.T) {
	r := ready(t)
	config := jobConfig(values{"on_missing": text("error")})
	missing := r.vanished(r.created(config), bits.EndingCancelled)
	p := r.plan(missing, config)
	expectDiagnostic(t, p.diags, "WARNING", `[AttributeName("on_missing")] BITS Job Is Missing: Applying this plan will fail. Job `, `("nightly payload") on web01 is missing.`,
		`It was cancelled at 2026-11-20T10:12:12Z by CORP\ops; BITS no longer lists it.`, `on_missing = "replace"`, "terraform apply -replace=ADDRESS", "terraform state rm ADDRESS")
	_, diags := r.apply(t.Context(), p)
	expectDiagnostic(t, diags, "ERROR", "BITS Job Is Missing: Job ")
	for name, config := range map[string]values{
		"a policy not known":           jobConfig(values{"on_missing": unknownText()}),
		"files not known":              jobConfig(values{"on_missing": text("error"), "files": unknownFile(urlA, pathA, "", pathB)}),
		"neither policy nor URL known": jobConfig(values{"on_missing": unknownText(), "files": unknownFile("", pathA)}),
	} {
		if got := describe(r.plan(missing, config)); !strings.HasSuffix(got, `and fails for ("on_missing"): BITS Job Is Missing`) {
			t.Errorf("%s: planned: %s", name, got)
		}
	}
	for name, config := range map[string]values{
		"replace":             jobConfig(values{"on_missing": text("replace")}),
		"no policy":           jobConfig(nil),
		"a change of a file":  jobConfig(values{"on_missing": text("error"), "files": fileList(urlA, pathA)}),
		"a change in a value": jobConfig(values{"priority": text("high")}),
	} {
		if p := r.plan(missing, config); p.action() != "replace" {
			t.Errorf("%s: planned: %s", name, describe(p))
		}
	}
	r.host.called()
	expectDiagnostic(t, r.destroy(missing), "")
	r.expectCalls()
}

func TestEmptyTriggersAreNone(t *testing.T) {
	r := ready(t)
	empty := tftypes.NewValue(tftypes.Map{ElementType: tftypes.String}, map[string]tftypes.Value{})
	made := r.created(jobConfig(values{"triggers": triggersOf(text("1"))}))
	for _, now := range []tftypes.Value{empty, noTriggers()} {
		if got := describe(r.plan(made, jobConfig(values{"triggers": now}))); got != "update triggers" {
			t.Errorf("planned: %s", got)
		}
	}
}

func TestTriggersThatAreAddedAfterAnImportReplaceNothing(t *testing.T) {
	r := ready(t)
	made := r.created(jobConfig(nil))
	imported, diags := r.importJob(textOf(made.value, "id"))
	expectDiagnostic(t, diags, "")
	if got := describe(r.plan(imported, jobConfig(values{"triggers": triggersOf(text("1"))}))); got != "update triggers" {
		t.Errorf("planned: %s", got)
	}
}

// TestWhatIsThereAlreadyStopsNoPlan has settings of the provider change so that a new job could not work on its host. A job that is there is
// planned as before: only what would make another job, or a live one that can't work, is refused.
func TestWhatIsThereAlreadyStopsNoPlan(t *testing.T) {
	certificate := func(thumbprint string) values {
		object := certificateOfMachine(strings.Repeat(thumbprint, 20))
		parts := attributesOf(object, values{"store_location": text("current_user")})
		return values{"client_certificate": tftypes.NewValue(object.Type(), map[string]tftypes.Value(parts))}
	}
	account := func(runAs string) values {
		return values{"host": text("web01"), "username": text("u"), "password": text(testPassword), "run_as": text(runAs)}
	}
	kerberos := func(entry values) values {
		return fleet(entriesOf("web01", with(values{"address": text("10.0.0.5")}, entry)), values{"auth": text("kerberos")})
	}
	named, unnamed := kerberos(values{"spn": text("HTTP/web01")}), kerberos(nil)
	onWeb01, otherFile := values{"host": text("web01")}, values{"files": fileList(urlA, pathA)}
	const currentUser, needsName = "LocalSystem (run_as = \"system\") has none", "Kerberos Requires a Name"
	for _, test := range []struct {
		name          string
		config        values
		before, after values // the provider
		change        values // of the configuration
		ended         bool
		refused       string
	}{
		{name: "a completed job with a certificate", config: certificate("0a"), before: account("user"), after: account("system"), ended: true},
		{name: "a live job with one", config: certificate("0a"), before: account("user"), after: account("system")},
		{name: "another change of that", config: certificate("0a"), before: account("user"), after: account("system"), change: values{"priority": text("low")}},
		{name: "another certificate", config: certificate("0a"), before: account("user"), after: account("system"), change: certificate("0b"), refused: currentUser},
		{name: "a new job with a certificate", config: certificate("0a"), before: account("user"), after: account("system"), ended: true, change: otherFile, refused: currentUser},
		{name: "a completed job on an address", config: onWeb01, before: named, after: unnamed, ended: true},
		{name: "a live job on an address", config: onWeb01, before: named, after: unnamed},
		{name: "a live job, and the address is written", config: onWeb01, before: named, after: named, change: values{"host": text("10.0.0.5")}, refused: needsName},
		{name: "a completed job, and the address is written", config: onWeb01, before: named, after: named, ended: true, change: values{"host": text("10.0.0.5")}},
		{name: "a new job on an address", config: onWeb01, before: named, after: unnamed, ended: true, change: otherFile, refused: needsName},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := newRig(t)
			r.mustConfigure(test.before)
			config := jobConfig(test.config)
			if test.ended {
				config["wait_for_transfer"] = yes()
			}
			made := r.brought(config, nil, test.ended)
			r.mustConfigure(test.after)
			p := r.plan(made, with(config, test.change))
			switch {
			case test.refused != "":
				expectDiagnostic(t, p.diags, "ERROR", test.refused)
			case test.change == nil && p.action() != "none", failed(p.diags):
				t.Errorf("planned: %s", describe(p))
			}
		})
	}
}

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
		{name: "a third value is declared", policy: "error", then: values{"priority": text("high")}, want: `update completed_at priority state=acknowledged and fails for ("priority"): Invalid BITS Job State`},
		{name: "a third value is declared, replace for changes", policy: "replace", then: values{"priority": text("high")}, want: "replace for priority"},
		{name: "something else is declared", policy: "error", then: values{"description": text("other")}, want: `update completed_at description priority state=acknowledged and fails for ("description"): Invalid BITS Job State`},
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
			if p.action() != "update" || len(willFailAt(p.diags)) > 0 {
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
			if p := r.plan(done, config); p.action() == "update" && len(willFailAt(p.diags)) == 0 { // what was seen once excuses nothing for ever
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
	if got := describe(r.plan(prior, config)); !strings.HasSuffix(got, `and fails for ("priority"): Invalid BITS Job State`) {
		t.Errorf("planned: %s", got)
	}
}
