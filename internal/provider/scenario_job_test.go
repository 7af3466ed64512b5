package provider_test

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
)

// betweenPlanAndApply runs when a plan is made and not applied yet.
type betweenPlanAndApply func()

func (do betweenPlanAndApply) CheckPlan(context.Context, plancheck.CheckPlanRequest, *plancheck.CheckPlanResponse) {
	do()
}

func (w *windows) scenario(steps ...resource.TestStep) {
	w.t.Helper()
	resource.UnitTest(w.t, resource.TestCase{
		ProtoV6ProviderFactories: w.factories(),
		CheckDestroy:             func(*terraform.State) error { return w.empty() },
		Steps:                    steps,
	})
}

func TestScenarioApplyWaitsUntilTheFilesAreThere(t *testing.T) {
	w := startWindows(t)
	w.scenario(resource.TestStep{
		Config: w.declare(lines(
			`display_name = "nightly payload"`, `wait_for_transfer = true`, `priority = "foreground"`,
			`files = [`+w.file("a.bin", "size=300000")+", "+w.file("b.bin", "size=5")+`]`)),
		ConfigStateChecks: stateIs("acknowledged"),
		PostApplyFunc: func() {
			for path, want := range map[string]int64{`C:\t\a.bin`: 300000, `C:\t\b.bin`: 5} {
				if size, err := w.size(path); err != nil || size != want {
					t.Errorf("%s has %d bytes: %v", path, size, err)
				}
			}
		},
	})
}

func TestScenarioPriority(t *testing.T) {
	w := startWindows(t)
	w.do("pause")
	declared := func(priority string) string {
		return w.declare(lines(`display_name = "nightly payload"`, `priority = "`+priority+`"`, `files = [`+w.file("a.bin", "size=5")+`]`))
	}
	expect := func(priority string) func() {
		return func() {
			if got := w.job().Priority; got != priority {
				t.Errorf("the host has priority %s, want %s", got, priority)
			}
		}
	}
	inPlace := resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
		plancheck.ExpectResourceAction(address, plancheck.ResourceActionUpdate), onlyChanges("priority"),
	}}
	w.scenario(
		resource.TestStep{Config: declared("normal"), PostApplyFunc: expect("normal")},
		resource.TestStep{Config: declared("high"), ConfigPlanChecks: inPlace, PostApplyFunc: expect("high")},
		resource.TestStep{
			PreConfig: func() { w.behind("priority", map[string]string{"priority": "low"}) },
			Config:    declared("high"), ConfigPlanChecks: inPlace, PostApplyFunc: expect("high"),
		},
	)
}

func TestScenarioAJobIsCompletedBetweenPlanAndApply(t *testing.T) {
	w := startWindows(t)
	w.do("pause")
	declared := func(priority string) string {
		return w.declare(lines(`display_name = "nightly payload"`, `priority = "`+priority+`"`, `files = [`+w.file("a.bin", "size=5")+`]`))
	}
	w.scenario(
		resource.TestStep{Config: declared("normal")},
		resource.TestStep{
			Config: declared("high"),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				betweenPlanAndApply(func() { w.behind("complete", map[string]string{"by": `CORP\ops`}) }),
			}},
			ExpectError: regexp.MustCompile(`(?s)Invalid BITS Job State.*it\s+was\s+completed\s+at\s+\S+Z\s+by\s+CORP\\ops;\s+BITS\s+no\s+longer\s+lists\s+it.*0x80200002`),
		},
	)
}

func TestScenarioFilesAreAppended(t *testing.T) {
	w := startWindows(t)
	w.do("pause")
	declared := func(files ...string) string {
		all := ""
		for _, f := range files {
			all += w.file(f, "size=5") + ", "
		}
		return w.declare(lines(`display_name = "nightly payload"`, `files = [`+all+`]`))
	}
	var id string
	expect := func(names ...string) func() {
		return func() {
			job := w.job()
			if id == "" {
				id = job.ID
			}
			var got []string
			for _, f := range job.Files {
				got = append(got, f.LocalName)
			}
			slices.Sort(got)
			if !slices.Equal(got, names) || job.ID != id {
				t.Errorf("job %s has the files %v, want job %s with %v", job.ID, got, id, names)
			}
		}
	}
	w.scenario(
		resource.TestStep{Config: declared("a", "b"), PostApplyFunc: expect(`C:\t\a`, `C:\t\b`)},
		resource.TestStep{Config: declared("b", "a"), ConfigPlanChecks: action(plancheck.ResourceActionNoop)},
		resource.TestStep{
			Config: declared("c", "b", "a"), ConfigPlanChecks: action(plancheck.ResourceActionUpdate),
			PostApplyFunc: expect(`C:\t\a`, `C:\t\b`, `C:\t\c`),
		},
		resource.TestStep{Config: declared("c", "a"), ConfigPlanChecks: action(plancheck.ResourceActionReplace)},
	)
}

func TestScenarioAStoppedServiceIsAnErrorAndNoDrift(t *testing.T) {
	w := startWindows(t)
	w.do("pause")
	config := w.declare(lines(`display_name = "nightly payload"`, `files = [`+w.file("a.bin", "size=5")+`]`))
	w.scenario(
		resource.TestStep{Config: config},
		resource.TestStep{
			PreConfig: func() { w.do("stop-bits") }, Config: config,
			ExpectError: regexp.MustCompile(`(?s)BITS Service Stopped.*Start-Service\s+BITS`),
		},
		resource.TestStep{
			PreConfig: func() { w.do("start-bits") }, Config: config, ConfigPlanChecks: action(plancheck.ResourceActionNoop),
		},
	)
}

func TestScenarioImport(t *testing.T) {
	w := startWindows(t)
	w.do("pause")
	config := w.declare(lines(`display_name = "nightly payload"`, `description = "words"`, `priority = "low"`, `files = [`+w.file("a.bin", "size=5")+`]`))
	byHost := func(s *terraform.State) (string, error) {
		job := s.RootModule().Resources[address]
		if job == nil {
			return "", fmt.Errorf("no %s in the state", address)
		}
		return w.settings.Host + "/" + job.Primary.ID, nil
	}
	w.scenario(
		resource.TestStep{Config: config},
		resource.TestStep{ResourceName: address, ImportState: true, ImportStateVerify: true},
		resource.TestStep{ResourceName: address, ImportState: true, ImportStateVerify: true, ImportStateIdFunc: byHost},
		resource.TestStep{
			ResourceName: address, ImportState: true, ImportStateId: "00000000-0000-0000-0000-000000000000",
			ExpectError: regexp.MustCompile(`(?s)Job Not Found`),
		},
	)
}
