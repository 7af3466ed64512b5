// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"fmt"
	"regexp"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/compare"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/querycheck"
	"github.com/hashicorp/terraform-plugin-testing/querycheck/queryfilter"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"
)

// The cases that every resource has, on a suspended job: nothing moves but what they change.

func TestAccJobUpdates(t *testing.T)          { onWindows(t).jobUpdates() }
func TestAccJobDisappears(t *testing.T)       { onWindows(t).jobDisappears() }
func TestSimulatedJobDisappears(t *testing.T) { onSimulation(t).jobDisappears() }
func TestAccJobReplaced(t *testing.T)         { onWindows(t).jobReplaced() }
func TestAccJobImported(t *testing.T)         { onWindows(t).jobImported() }
func TestAccJobIdentity(t *testing.T)         { onWindows(t).jobIdentity() }
func TestAccJobWriteOnly(t *testing.T)        { onWindows(t).jobWriteOnly() }
func TestAccJobQuery(t *testing.T)            { onWindows(t).jobQuery() }
func TestSimulatedJobUpdates(t *testing.T)    { onSimulation(t).jobUpdates() }
func TestSimulatedJobReplaced(t *testing.T)   { onSimulation(t).jobReplaced() }
func TestSimulatedJobImported(t *testing.T)   { onSimulation(t).jobImported() }
func TestSimulatedJobIdentity(t *testing.T)   { onSimulation(t).jobIdentity() }
func TestSimulatedJobWriteOnly(t *testing.T)  { onSimulation(t).jobWriteOnly() }
func TestSimulatedJobQuery(t *testing.T)      { onSimulation(t).jobQuery() }

const isSuspended = `suspended = true`

// does expects what a plan does with the job.
func does(action plancheck.ResourceActionType) resource.ConfigPlanChecks {
	return resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, action)}}
}

func has(attribute string, value knownvalue.Check) statecheck.StateCheck {
	return statecheck.ExpectKnownValue(address, tfjsonpath.New(attribute), value)
}

// jobUpdates changes attributes in place, each in a step of its own, and removes one, which gets BITS' default: the id stays.
func (a *acceptance) jobUpdates() {
	same := statecheck.CompareValue(compare.ValuesSame())
	steps := []resource.TestStep{{
		Config: a.config("small", isSuspended),
		ConfigStateChecks: []statecheck.StateCheck{
			same.AddStateValue(address, tfjsonpath.New("id")), has("priority", knownvalue.StringExact("normal")),
			has("wait_for_transfer", knownvalue.Bool(false)), has("create_directories", knownvalue.Bool(true)), has("description", knownvalue.Null()),
		},
	}}
	for _, change := range []struct {
		set  string
		want statecheck.StateCheck
	}{
		{`priority = "high"`, has("priority", knownvalue.StringExact("high"))},
		{`description = "words"`, has("description", knownvalue.StringExact("words"))},
		{`minimum_retry_delay = "2m"`, has("minimum_retry_delay", knownvalue.StringExact("2m"))},
		{`no_progress_timeout = "1h"`, has("no_progress_timeout", knownvalue.StringExact("1h"))},
		{`maximum_download_time = "12h"`, has("maximum_download_time", knownvalue.StringExact("12h"))},
		{`transfer_policy = ["always"]`, has("transfer_policy", knownvalue.SetSizeExact(1))},
		{`proxy = { usage = "no_proxy" }`, has("proxy", knownvalue.ObjectPartial(map[string]knownvalue.Check{"usage": knownvalue.StringExact("no_proxy")}))},
		{`security_flags = ["enable_crl_check"]`, has("security_flags", knownvalue.SetSizeExact(1))},
		{`custom_headers = { X-Key = "a" }`, has("custom_headers", knownvalue.MapSizeExact(1))},
		{`on_finished_change = "ignore"`, has("on_finished_change", knownvalue.StringExact("ignore"))},
		{`on_missing = "error"`, has("on_missing", knownvalue.StringExact("error"))},
	} {
		steps = append(steps, resource.TestStep{
			Config: a.config("small", isSuspended, change.set), ConfigPlanChecks: does(plancheck.ResourceActionUpdate),
			ConfigStateChecks: []statecheck.StateCheck{same.AddStateValue(address, tfjsonpath.New("id")), change.want},
		})
	}
	a.test(steps...)
}

// jobDisappears cancels the job outside Terraform: the plan creates it again.
func (a *acceptance) jobDisappears() {
	config := a.config("small", isSuspended)
	a.test(
		resource.TestStep{Config: config},
		resource.TestStep{
			PreConfig: func() { a.admin.remove(a.t, a.listed().ID) },
			Config:    config, ConfigPlanChecks: does(plancheck.ResourceActionReplace), ConfigStateChecks: state("suspended"),
		},
	)
}

// jobReplaced changes what BITS can't change on a live job.
func (a *acceptance) jobReplaced() {
	a.test(
		resource.TestStep{Config: a.config("small", isSuspended, `triggers = { version = "1" }`)},
		resource.TestStep{
			Config: a.config("small", isSuspended, `triggers = { version = "2" }`), ConfigPlanChecks: does(plancheck.ResourceActionReplace),
		},
		resource.TestStep{
			Config: a.config("other", isSuspended, `triggers = { version = "2" }`), ConfigPlanChecks: does(plancheck.ResourceActionReplace),
		},
	)
}

// jobImported imports the job in each form, with every property that is not BITS' default.
func (a *acceptance) jobImported() {
	config := a.config("small", isSuspended, `priority = "low"`, `description = "words"`, `minimum_retry_delay = "2m0s"`, `no_progress_timeout = "1h0m0s"`)
	imported := func(id func(*terraform.State) (string, error)) resource.TestStep {
		return resource.TestStep{ResourceName: address, ImportState: true, ImportStateVerify: true, ImportStateIdFunc: id}
	}
	of := func(format string, attributes ...string) func(*terraform.State) (string, error) {
		return func(s *terraform.State) (string, error) {
			var values []any
			for _, name := range attributes {
				values = append(values, s.RootModule().Resources[address].Primary.Attributes[name])
			}
			return fmt.Sprintf(format, values...), nil
		}
	}
	a.test(
		resource.TestStep{Config: config},
		imported(of("%s", "id")), imported(of("%s/{%s}", "host", "id")), imported(of("name=%s", "display_name")), imported(of("%s/name=%s", "host", "display_name")),
		resource.TestStep{ResourceName: address, ImportState: true, ImportStateKind: resource.ImportBlockWithID},
	)
}

func (a *acceptance) jobIdentity() {
	a.only = []tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_12_0)}
	a.test(
		resource.TestStep{
			Config: a.config("small", isSuspended),
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectIdentityValueMatchesState(address, tfjsonpath.New("id")), statecheck.ExpectIdentityValueMatchesState(address, tfjsonpath.New("host")),
			},
		},
		resource.TestStep{ResourceName: address, ImportState: true, ImportStateKind: resource.ImportBlockWithResourceIdentity},
	)
}

// jobWriteOnly sends headers that no state has, and again when their version changes.
func (a *acceptance) jobWriteOnly() {
	headers := func(value string, version int) string {
		return fmt.Sprintf("custom_headers_wo = { Authorization = %q }\n custom_headers_wo_version = %d", value, version)
	}
	unseen := []statecheck.StateCheck{has("custom_headers_wo", knownvalue.Null())}
	a.test(
		resource.TestStep{Config: a.config("small", isSuspended, headers("Bearer one", 1)), ConfigStateChecks: unseen},
		resource.TestStep{
			Config: a.config("small", isSuspended, headers("Bearer two", 2)), ConfigStateChecks: unseen, ConfigPlanChecks: does(plancheck.ResourceActionUpdate),
		},
	)
}

// jobQuery lists the job, with its values.
func (a *acceptance) jobQuery() {
	a.only = []tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_14_0)}
	list := func(name, filters string) string {
		return fmt.Sprintf("list \"bits_job\" %q {\n  provider = bits\n  include_resource = true\n  config {\n    display_name = %q\n    %s\n  }\n}\n", name, a.name, filters)
	}
	named := queryfilter.ByDisplayName(knownvalue.StringRegexp(regexp.MustCompile(`: ` + a.name + ` \(suspended`)))
	a.test(
		resource.TestStep{Config: a.config("small", isSuspended, `priority = "low"`)},
		resource.TestStep{
			Query: true, Config: list("this", `state = "suspended"`) + list("none", `state = "error"`),
			QueryResultChecks: []querycheck.QueryResultCheck{
				querycheck.ExpectLength("bits_job.this", 1), querycheck.ExpectLength("bits_job.none", 0),
				querycheck.ExpectIdentity("bits_job.this", map[string]knownvalue.Check{"host": knownvalue.NotNull(), "id": knownvalue.NotNull()}),
				querycheck.ExpectResourceKnownValues("bits_job.this", named, []querycheck.KnownValueCheck{
					{Path: tfjsonpath.New("priority"), KnownValue: knownvalue.StringExact("low")},
					{Path: tfjsonpath.New("state"), KnownValue: knownvalue.StringExact("suspended")},
					{Path: tfjsonpath.New("files").AtSliceIndex(0).AtMapKey("local_name"), KnownValue: knownvalue.StringExact(a.local)},
				}),
			},
		},
	)
}
