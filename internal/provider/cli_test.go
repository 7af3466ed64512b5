package provider

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/connection"
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

// factories serves this provider to the CLI, in process.
func factories(hosts Hosts, p pace) map[string]func() (tfprotov6.ProviderServer, error) {
	return map[string]func() (tfprotov6.ProviderServer, error){
		"bits": providerserver.NewProtocol6WithError(&bitsProvider{version: "test", hosts: hosts, env: func(string) string { return "" }, pace: p}),
	}
}

// at once looks again without waiting.
func atOnce() pace {
	return pace{first: time.Second, max: time.Second, after: func(time.Duration) <-chan time.Time {
		now := make(chan time.Time, 1)
		now <- time.Time{}
		return now
	}}
}

const address = "bits_job.payload"

// the attributes of the job that the scenarios on a fake host declare.
func declared(attributes string) string {
	return `
provider "bits" {
  host     = "web01"
  username = "svc-bits"
  password = "` + testPassword + `"
}

resource "bits_job" "payload" {
  display_name = "nightly payload"
` + attributes + `
}
`
}

func filesHCL(names ...string) string {
	var b strings.Builder
	b.WriteString("  files = [\n")
	for i := 0; i < len(names); i += 2 {
		b.WriteString(`    { remote_name = "` + names[i] + `", local_name = "` + strings.ReplaceAll(names[i+1], `\`, `\\`) + "\" },\n")
	}
	b.WriteString("  ]\n")
	return b.String()
}

func action(a plancheck.ResourceActionType) resource.ConfigPlanChecks {
	return resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, a)}}
}

func stateIs(value string) []statecheck.StateCheck {
	return []statecheck.StateCheck{statecheck.ExpectKnownValue(address, tfjsonpath.New("state"), knownvalue.StringExact(value))}
}

// TestTheCLIAcceptsEveryPlan leads one job through its life with a real CLI, which checks on its own that plans
// keep to the configuration and results to the plans.
func TestTheCLIAcceptsEveryPlan(t *testing.T) {
	needCLI(t)
	host := newFakeHost()
	two, three := filesHCL(urlA, pathA, urlB, pathB), filesHCL(urlC, pathC, urlB, pathB, urlA, pathA)
	onHost := func(do func(*bits.Job)) func() { return func() { do(host.theJob(t)) } }
	nothing := action(plancheck.ResourceActionNoop)
	changed := action(plancheck.ResourceActionUpdate)
	resource.UnitTest(t, resource.TestCase{
		ProtoV6ProviderFactories: factories(func(connection.Settings) Jobs { return host }, atOnce()),
		Steps: []resource.TestStep{
			{Config: declared(two), ConfigStateChecks: stateIs("pending")},
			{Config: declared(filesHCL(urlB, `c:\T\b.cab`, urlA, pathA)), ConfigPlanChecks: nothing},
			{Config: declared(two + `host = "WEB01"`), ConfigPlanChecks: nothing},
			{Config: declared(three + `priority = "high"`), ConfigPlanChecks: changed},
			{
				PreConfig: onHost(func(j *bits.Job) { j.Priority = bits.PriorityLow }), Config: declared(three + `priority = "high"`),
				ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
					plancheck.ExpectResourceAction(address, plancheck.ResourceActionUpdate), onlyChanges("priority"),
				}},
			},
			{PreConfig: onHost(moveTo(bits.StateSuspended)), Config: declared(three + `priority = "high"`), ConfigPlanChecks: changed},
			{PreConfig: onHost(failTransfer), Config: declared(three + `priority = "high"`), ConfigPlanChecks: changed, ConfigStateChecks: stateIs("pending")},
			{
				PreConfig: func() { host.onGet = func(j *bits.Job) { j.State = bits.StateTransferred } },
				Config:    declared(three + "priority = \"high\"\n  wait_for_transfer = true"), ConfigPlanChecks: changed, ConfigStateChecks: stateIs("acknowledged"),
			},
			{
				Config:      declared(three + "priority = \"low\"\n  wait_for_transfer = true"),
				ExpectError: regexp.MustCompile(`(?s)Invalid BITS Job State.*completed\s+at\s+2026-11-20T11:11:12Z\s+by\s+Terraform`),
			},
			{
				Config: declared(filesHCL("https://dl.example/a.cab?sig=2", pathA, urlC, pathC, urlB, pathB) + "priority = \"high\"\n  wait_for_transfer = true"), ConfigPlanChecks: nothing,
			},
			{
				Taint:  []string{address},
				Config: declared(three + "priority = \"low\"\n  wait_for_transfer = true"), ConfigPlanChecks: action(plancheck.ResourceActionReplace),
			},
		},
		CheckDestroy: func(*terraform.State) error {
			if len(host.jobs) > 0 {
				return errors.New("jobs are left on the host")
			}
			return nil
		},
	})
}
