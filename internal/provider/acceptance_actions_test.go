// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"fmt"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"
)

func TestAccActions(t *testing.T)       { onWindows(t).actions() }
func TestSimulatedActions(t *testing.T) { onSimulation(t).actions() }

// actions has other resources trigger actions on a job, which the next plan then shows as changed.
func (a *acceptance) actions() {
	a.only = []tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_14_0)}
	job := a.config("small", isSuspended)
	trigger := func(actions string) string {
		return fmt.Sprintf("resource \"terraform_data\" \"run\" {\n  input = %q\n  lifecycle {\n    action_trigger {\n      events  = [after_create, after_update]\n"+
			"      actions = [%[1]s]\n    }\n  }\n}\n", actions)
	}
	const of = `id = bits_job.payload.id`
	declared := job + actionBlock("set_priority", "boost", of, `priority = "high"`) + actionBlock("resume", "go", of) + actionBlock("wait", "arrival", of) +
		actionBlock("complete", "end", of)
	a.test(
		resource.TestStep{Config: job},
		resource.TestStep{
			Config: declared + trigger("action.bits_job_set_priority.boost"), ExpectNonEmptyPlan: true,
			PostApplyFunc: func() {
				if job := a.listed(); job == nil || job.Priority != "high" {
					a.t.Errorf("the host lists %+v", job)
				}
			},
		},
		resource.TestStep{
			Config:             declared + trigger("action.bits_job_resume.go, action.bits_job_wait.arrival, action.bits_job_complete.end"),
			ExpectNonEmptyPlan: true, PostApplyFunc: a.expectCompleted,
		},
	)
}
