package job

import (
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

func TestAMissingJobFailsThePlanWhereThatIsAskedFor(t *testing.T) {
	r := ready(t)
	config := jobConfig(values{"on_missing": text("error")})
	missing := r.vanished(r.created(config), bits.EndingCancelled)
	p := r.plan(missing, config)
	expectDiagnostic(t, p.diags, "ERROR", `[AttributeName("on_missing")] BITS Job Is Missing: Job `, `("nightly payload") on web01 is missing.`,
		`It was cancelled at 2026-11-20T10:12:12Z by CORP\ops; BITS no longer lists it.`, `on_missing = "recreate"`, "terraform taint", "terraform destroy -refresh=false")
	for name, config := range map[string]values{
		"recreate":            jobConfig(values{"on_missing": text("recreate")}),
		"no policy":           jobConfig(nil),
		"a change of a file":  jobConfig(values{"on_missing": text("error"), "files": fileList(urlA, pathA)}),
		"a policy not known":  jobConfig(values{"on_missing": unknownText()}),
		"a change in a value": jobConfig(values{"priority": text("high")}),
	} {
		if p := r.plan(missing, config); p.action() != "replace" {
			t.Errorf("%s: planned: %s", name, describe(p))
		}
	}
	if diags := r.destroy(missing); len(diags) > 0 {
		t.Errorf("destroy: %s", formatted(diags))
	}
}

func TestAFinishedJobIsReplacedForAChangeWhereThatIsAskedFor(t *testing.T) {
	for _, how := range []string{"completed by Terraform", "completed by somebody"} {
		t.Run(how, func(t *testing.T) {
			r := ready(t)
			config := jobConfig(values{"on_finished_change": text("replace"), "wait_for_transfer": yes()})
			if how == "completed by somebody" {
				config["wait_for_transfer"] = no()
			}
			done := r.brought(config, nil, how == "completed by Terraform")
			if how == "completed by somebody" {
				done = r.vanished(done, bits.EndingCompleted)
			}
			merge(config, values{"priority": text("high")})
			if got := describe(r.plan(done, config)); got != "replace for priority" {
				t.Errorf("planned: %s", got)
			}
			config["on_finished_change"] = text("error")
			p := r.plan(done, config)
			expectDiagnostic(t, p.diags, "ERROR", "Invalid BITS Job State", `on_finished_change = "replace"`, "a value in triggers", "terraform destroy -refresh=false")
			r.host.called()
			if diags := r.destroy(done); len(diags) > 0 || len(r.host.called()) > 0 {
				t.Errorf("a destroy dials or complains: %s", formatted(diags))
			}
		})
	}
}

func TestTriggersReplaceWhenAValueChanges(t *testing.T) {
	for _, test := range []struct {
		name       string
		prior, set tftypes.Value
		want       string
	}{
		{"a value changes", triggersOf(text("1")), triggersOf(text("2")), "replace for triggers"},
		{"a value may change", triggersOf(text("1")), triggersOf(unknownText()), "replace for triggers"},
		{"nothing changes", triggersOf(text("1")), triggersOf(text("1")), "none"},
		{"there were none", noTriggers(), triggersOf(text("1")), "update triggers"},
		{"there are none any more", triggersOf(text("1")), noTriggers(), "update triggers"},
	} {
		t.Run(test.name, func(t *testing.T) {
			for _, ended := range []bool{false, true} {
				r := ready(t)
				config := jobConfig(values{"triggers": test.prior})
				if ended {
					config["wait_for_transfer"] = yes()
				}
				prior := r.brought(config, nil, ended)
				config["triggers"] = test.set
				p := r.plan(prior, config)
				if got := describe(p); got != test.want {
					t.Errorf("planned: %s, want %s", got, test.want)
				}
				if p.action() != "update" {
					continue
				}
				r.host.called()
				if _, diags := r.apply(t.Context(), p); len(diags) > 0 || len(r.host.called()) > 0 {
					t.Errorf("the apply dials or complains: %s", formatted(diags))
				}
			}
		})
	}
}

func TestTriggersThatAreAddedAfterAnImportReplaceNothing(t *testing.T) {
	r := ready(t)
	made := r.created(jobConfig(nil))
	imported, diags := r.importJob(textOf(made.value, "id"))
	if len(diags) > 0 {
		t.Fatal(formatted(diags))
	}
	if got := describe(r.plan(imported, jobConfig(values{"triggers": triggersOf(text("1"))}))); got != "update triggers" {
		t.Errorf("planned: %s", got)
	}
}
