package provider

import (
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
)

// changedRows gives the properties that a plan sets on a live job: those that would be sent otherwise than before.
// One that is no longer set is no longer managed, and one that is not known yet may turn out to change.
func changedRows(plan, prior *jobProperties) []property {
	had := *prior
	had.secrets = plan.secrets // whether they changed is what the version tells
	var changed []property
	for _, row := range properties {
		if row.replaces {
			continue
		}
		want := plan.sent(row)
		again := row.version != nil && !row.version(plan).Equal(row.version(prior))
		if !known(row.value(plan)) || !want.Empty() && (again || !reflect.DeepEqual(want, had.sent(row))) {
			changed = append(changed, row)
		}
	}
	return changed
}

// planProperties keeps properties as the state spells them while they mean the same to BITS.
func (p *planning) planProperties() {
	plan, prior := &p.plan.jobProperties, &p.prior.jobProperties
	for _, row := range properties {
		if row.respell == nil || !known(row.value(plan)) {
			continue
		}
		if want := plan.sent(row); !want.Empty() && reflect.DeepEqual(want, prior.sent(row)) {
			row.respell(plan, prior)
		}
	}
}

// known reports whether a value and all that lies in it is known.
func known(v attr.Value) bool {
	switch v := v.(type) {
	case types.Set:
		return !v.IsUnknown() && allKnown(v.Elements())
	case types.List:
		return !v.IsUnknown() && allKnown(v.Elements())
	case types.Map:
		return !v.IsUnknown() && allKnown(slices.Collect(maps.Values(v.Elements())))
	case types.Object:
		return !v.IsUnknown() && allKnown(slices.Collect(maps.Values(v.Attributes())))
	}
	return !v.IsUnknown()
}

func allKnown(values []attr.Value) bool {
	return !slices.ContainsFunc(values, func(v attr.Value) bool { return !known(v) })
}

// changedProperties lists the properties that a plan changes, as attributes. A job that the plan records as completed
// needs no new password, as it needs no new signature of a URL.
func changedProperties(plan, prior jobModel) []changedAttribute {
	var changed []changedAttribute
	for _, row := range changedRows(&plan.jobProperties, &prior.jobProperties) {
		if row.rotates && plan.stage() == bits.StageAcknowledged {
			continue
		}
		want := row.value(&plan.jobProperties)
		if !known(want) {
			want = types.StringUnknown() // a part of it is
		}
		changed = append(changed, changedAttribute{row.name, row.words, want})
	}
	return changed
}

// changeOf is what a plan sets on a live job.
func changeOf(plan, prior jobModel) bits.Properties {
	return plan.sent(changedRows(&plan.jobProperties, &prior.jobProperties)...)
}

// propertyAims are the steps in which an update sets properties.
func propertyAims(plan, prior jobModel) []aim {
	var aims []aim
	for _, row := range changedRows(&plan.jobProperties, &prior.jobProperties) {
		for _, step := range row.steps {
			aims = append(aims, aim{"set:" + step, "set the " + row.words + " of", path.Root(row.name)})
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
