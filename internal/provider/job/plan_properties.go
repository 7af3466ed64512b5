package job

import (
	"reflect"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/attrs"
)

// changedRows gives the properties that a plan sets on a live job: those that would be sent otherwise than before.
// One that is no longer set is no longer managed, and one that is not known yet may turn out to change.
func changedRows(plan, prior *managedProperties) []property {
	had := *prior
	had.secrets = plan.secrets // whether they changed is what the version tells
	var changed []property
	for _, row := range properties {
		if row.forcesReplace {
			continue
		}
		want := plan.sent(row)
		again := row.version != nil && !row.version(plan).Equal(row.version(prior))
		if !attrs.FullyKnown(row.value(plan)) || !want.Empty() && (again || !reflect.DeepEqual(want, had.sent(row))) {
			changed = append(changed, row)
		}
	}
	return changed
}

// planProperties keeps properties as the state spells them while they mean the same to BITS.
func (p *planning) planProperties() {
	plan, prior := &p.plan.managedProperties, &p.prior.managedProperties
	for _, row := range properties {
		if row.copySpelling == nil || !attrs.FullyKnown(row.value(plan)) {
			continue
		}
		if want := plan.sent(row); !want.Empty() && reflect.DeepEqual(want, prior.sent(row)) {
			row.copySpelling(plan, prior)
		}
	}
}

// changedProperties lists the properties that a plan changes, as attributes. A job that the plan records as completed
// needs no new password, as it needs no new signature of a URL.
func changedProperties(plan, prior model) []changedAttribute {
	var changed []changedAttribute
	for _, row := range changedRows(&plan.managedProperties, &prior.managedProperties) {
		if row.ignoredWhenCompleted && plan.stage() == bits.StageAcknowledged {
			continue
		}
		want := row.value(&plan.managedProperties)
		if !attrs.FullyKnown(want) {
			want = types.StringUnknown() // a part of it is
		}
		changed = append(changed, changedAttribute{row.name, row.words, want})
	}
	return changed
}

// changeOf is what a plan sets on a live job.
func changeOf(plan, prior model) bits.Properties {
	return plan.sent(changedRows(&plan.managedProperties, &prior.managedProperties)...)
}

// propertyAims are the steps in which an update sets properties.
func propertyAims(plan, prior model) []changeStep {
	var aims []changeStep
	for _, row := range changedRows(&plan.managedProperties, &prior.managedProperties) {
		for _, step := range row.steps {
			aims = append(aims, changeStep{"set:" + step, "set the " + row.words + " of", path.Root(row.name)})
		}
	}
	return aims
}

// attributeOf finds the attribute that asks for a step of the host.
func attributeOf(step string) (path.Path, bool) {
	for _, row := range properties {
		if name, set := strings.CutPrefix(step, "set:"); set && slices.Contains(row.steps, name) {
			return path.Root(row.name), true
		}
	}
	return path.Empty(), false
}

// forcedReplacements gives the properties for which a plan needs a new job. What is what a job has anyway is no change.
func forcedReplacements(plan, prior model) path.Paths {
	var paths path.Paths
	for _, row := range properties {
		want := row.value(&plan.managedProperties)
		if !row.forcesReplace || want.IsNull() || want.Equal(row.value(&prior.managedProperties)) {
			continue
		}
		if row.value(&prior.managedProperties).IsNull() && (want.Equal(types.StringValue("GET")) || want.Equal(types.BoolValue(false))) {
			continue
		}
		paths.Append(path.Root(row.name))
	}
	return paths
}
