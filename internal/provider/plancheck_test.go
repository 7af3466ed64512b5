package provider_test

import (
	"context"
	"fmt"
	"reflect"
	"slices"

	"github.com/hashicorp/terraform-plugin-testing/plancheck"
)

// onlyChanges expects a plan that changes these attributes of the job and no other: the lines that Terraform marks
// with a tilde.
func onlyChanges(attributes ...string) plancheck.PlanCheck { return onlyChanged(attributes) }

type onlyChanged []string

func (want onlyChanged) CheckPlan(_ context.Context, req plancheck.CheckPlanRequest, resp *plancheck.CheckPlanResponse) {
	for _, change := range req.Plan.ResourceChanges {
		if change.Address != address {
			continue
		}
		before, _ := change.Change.Before.(map[string]any)
		after, _ := change.Change.After.(map[string]any)
		unknown, _ := change.Change.AfterUnknown.(map[string]any)
		var got []string
		for name := range before {
			if unknown[name] == true || !reflect.DeepEqual(before[name], after[name]) {
				got = append(got, name)
			}
		}
		slices.Sort(got)
		if !slices.Equal(got, want) {
			resp.Error = fmt.Errorf("the plan changes %v, want %v", got, []string(want))
		}
		return
	}
	resp.Error = fmt.Errorf("the plan does not know %s", address)
}
