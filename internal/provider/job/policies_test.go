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
