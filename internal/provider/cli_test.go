package provider_test

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/winrmbits/terraform-provider-bits/internal/tfcli"
)

// needCLI makes terraform-plugin-testing use the CLI of this machine and nothing of its user's settings, or skips.
func needCLI(t *testing.T) {
	t.Helper()
	cli, err := tfcli.Find(t.Context())
	if errors.Is(err, tfcli.ErrNone) {
		t.Skip(tfcli.ErrNone)
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, variable := range os.Environ() {
		if name, _, _ := strings.Cut(variable, "="); strings.HasPrefix(name, "TF_") || strings.HasPrefix(name, "BITS_") {
			t.Setenv(name, "")
		}
	}
	for name, value := range cli.TestingEnv() {
		t.Setenv(name, value)
	}
	empty := filepath.Join(t.TempDir(), "empty.tfrc")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("TF_CLI_CONFIG_FILE", empty)
}

const address = "bits_job.payload"

func action(a plancheck.ResourceActionType) resource.ConfigPlanChecks {
	return resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, a)}}
}

func stateIs(value string) []statecheck.StateCheck {
	return []statecheck.StateCheck{statecheck.ExpectKnownValue(address, tfjsonpath.New("state"), knownvalue.StringExact(value))}
}

// TestTheCLIAcceptsEveryPlan leads one job through its life with a real CLI, which checks on its own that plans
// keep to the configuration and results to the plans.
func TestTheCLIAcceptsEveryPlan(t *testing.T) {
	w := startWindows(t)
	w.do("pause")
	w.settings.Host = "localhost"
	a, b, c := w.file("a.bin", "size=5"), w.file("b.bin", "size=5"), w.file("c.bin", "size=5")
	declared := func(priority string, files []string, more ...string) string {
		all := []string{payload, `priority = "` + priority + `"`, `files = [` + strings.Join(files, ", ") + `]`}
		return w.declare(lines(append(all, more...)...))
	}
	two, three := []string{a, b}, []string{c, b, a}
	const waits = `wait_for_transfer = true`
	nothing, changed := action(plancheck.ResourceActionNoop), action(plancheck.ResourceActionUpdate)
	behind := func(verb string, body any) func() { return func() { w.behind(verb, body) } }
	w.scenario(
		resource.TestStep{Config: declared("normal", two), ConfigStateChecks: stateIs("pending")},
		resource.TestStep{Config: declared("normal", []string{strings.ReplaceAll(b, `C:\\t\\b`, `c:\\T\\b`), a}), ConfigPlanChecks: nothing},
		resource.TestStep{Config: declared("normal", two, `host = "LOCALHOST"`), ConfigPlanChecks: nothing},
		resource.TestStep{Config: declared("high", three), ConfigPlanChecks: changed},
		resource.TestStep{
			PreConfig: behind("priority", map[string]string{"priority": "low"}), Config: declared("high", three),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction(address, plancheck.ResourceActionUpdate), onlyChanges("priority"),
			}},
		},
		resource.TestStep{PreConfig: behind("suspend", nil), Config: declared("high", three), ConfigPlanChecks: changed},
		resource.TestStep{
			PreConfig: behind("fail", map[string]string{"hresult": "0x80190194"}), Config: declared("high", three),
			ConfigPlanChecks: changed, ConfigStateChecks: stateIs("pending"),
		},
		resource.TestStep{
			PreConfig: func() { w.do("run") }, Config: declared("high", three, waits),
			ConfigPlanChecks: changed, ConfigStateChecks: stateIs("acknowledged"),
		},
		resource.TestStep{
			Config:      declared("low", three, waits),
			ExpectError: regexp.MustCompile(`(?s)Invalid BITS Job State.*completed\s+at\s+20\S+Z\s+by\s+Terraform`),
		},
		resource.TestStep{
			Config: declared("high", []string{strings.Replace(a, "size=5", "size=5&sig=2", 1), c, b}, waits), ConfigPlanChecks: nothing,
		},
		resource.TestStep{
			Taint: []string{address}, Config: declared("low", three, waits), ConfigPlanChecks: action(plancheck.ResourceActionReplace),
		},
	)
}
