// SPDX-License-Identifier: MPL-2.0

package job

import (
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/attrs"
)

// notManaged ends the description of a property that BITS returns and takes in place.
const notManaged = " Changed in place."

// keptWhenRemoved ends the description of a property that BITS takes in place and can't take back.
const keptWhenRemoved = " Changed in place; removing it keeps the value."

var minimumRetryDelay = duration("minimum_retry_delay", "minimum retry delay", bits.DefaultRetryDelay, seconds(bits.LeastRetryDelay*time.Second, false),
	func(p *managedProperties) *timetypes.GoDuration { return &p.MinimumRetryDelay },
	func(p *bits.Properties) **bits.Seconds { return &p.MinimumRetryDelay },
	"How long BITS waits before it retries after a transient error, at least `1m`. BITS' default: 10 minutes. BITS retries at once "+
		"when the network returns; an apply that waits retries at once, then after 15 seconds to 5 minutes.",
	"How long BITS waits after a transient error, such as `10m0s`.")

var noProgressTimeout = duration("no_progress_timeout", "no-progress timeout", bits.DefaultNoProgress, seconds(time.Second, true),
	func(p *managedProperties) *timetypes.GoDuration { return &p.NoProgressTimeout },
	func(p *bits.Properties) **bits.Seconds { return &p.NoProgressTimeout },
	"How long BITS retries without progress before the job enters `error`, at least `minimum_retry_delay`, or `0s` for no retries. "+
		"BITS' default: 14 days.",
	"How long BITS retries without progress; `0s` means no retries.")

var maximumDownloadTime = duration("maximum_download_time", "maximum download time", bits.DefaultDownload, seconds(time.Second, false),
	func(p *managedProperties) *timetypes.GoDuration { return &p.MaximumDownloadTime },
	func(p *bits.Properties) **bits.Seconds { return &p.MaximumDownloadTime },
	"How long the job may connect and transfer, not counting waits, before it enters `error`. BITS' default: the policy "+
		"`MaxDownloadTime` (90 days). A resume restarts the clock.",
	"How long the job may connect and transfer.")

// transferPolicy has no default to go back to: BITS chooses it by priority and group policy.
var transferPolicy = varying(flags("transfer_policy", "transfer policy", keptWhenRemoved,
	func(p *managedProperties) *types.Set { return &p.TransferPolicy },
	func(p *bits.Properties) *[]bits.CostState { return &p.TransferPolicy },
	bits.PolicyMask, bits.PolicyWords, bits.CostStates()[1:], // without none, which no job could use
	"Networks that the job may use, by cost; on any other it waits. Any of `unrestricted`, `capped`, `below_cap`, `near_cap`, "+
		"`over_cap_charged`, `over_cap_throttled`, `usage_based`, `roaming` and `ignore_congestion`, or a group: "+
		"`policy_unrestricted`, `standard`, `no_surcharge`, `not_roaming`, `always`. BITS' default depends on priority and group "+
		"policy. Where Windows does not know the cost, as usual on Windows Server, the value has no effect.",
	"Networks that the job may use, by cost, such as `standard` or `always`; empty means any."))

// varying makes a row of a property whose default depends on the host.
func varying(row property) property {
	row.varies = true
	return kept(row)
}

// kept makes a row of a property that BITS can't take back.
func kept(row property) property {
	row.stays = takesOut(row.value)
	return row
}

// Properties that bits_jobs alone shows.
var (
	aclFlags = Listed{
		attrs.ComputedSet("Parts of the security descriptor that BITS copies over SMB: `owner`, `group`, `dacl`, `sacl`."),
		func(has bits.Job) attr.Value { return attrs.SetOrNull(has.ACLFlags) },
	}
	notifyFlags = Listed{
		attrs.ComputedSet("Events that run the job's command: `transferred`, `error`, `modification`; `disable` means none."),
		func(has bits.Job) attr.Value { return attrs.SetOrNull(has.NotifyFlags) },
	}
	notifyCommand = Listed{
		attrs.ComputedList("Program and parameters that BITS runs at the events of `notify_flags`, except for service accounts; empty " +
			"if there are none."),
		func(has bits.Job) attr.Value { return attrs.ListOrNull(has.NotifyCommand) },
	}
)

// duration is the row of a time in seconds.
func duration(name, words string, fallback bits.Seconds, valid attrs.TextValidator, of func(*managedProperties) *timetypes.GoDuration,
	on func(*bits.Properties) **bits.Seconds, description, listed string,
) property {
	return property{
		name: name, words: words, steps: []string{name},
		attributes: map[string]schema.Attribute{name: schema.StringAttribute{
			Optional: true, CustomType: timetypes.GoDurationType{}, MarkdownDescription: description + notManaged, Validators: []validator.String{valid},
		}},
		listed: &Listed{attrs.ComputedDuration(listed), func(has bits.Job) attr.Value { return attrs.DurationOrNull(*on(&has.Properties)) }},
		value:  func(p *managedProperties) attr.Value { return of(p) },
		send: func(p *managedProperties, to *bits.Properties) {
			if d, diags := of(p).ValueGoDuration(); !diags.HasError() {
				seconds := bits.Seconds(d / time.Second) //nolint:gosec // the validator bounds it
				*on(to) = &seconds
			}
		},
		reset: func(to *bits.Properties) { *on(to) = &fallback },
		read: func(p *managedProperties, has bits.Properties) {
			now := *on(&has)
			if d, diags := of(p).ValueGoDuration(); now != nil && (diags.HasError() || d != time.Duration(*now)*time.Second) {
				*of(p) = attrs.DurationOrNull(now)
			}
		},
		copySpelling: func(p, from *managedProperties) { *of(p) = *of(from) },
	}
}

// flags is the row of a set of words that mean bits: two sets are the same when their bits are.
func flags[W ~string](name, words, removed string, of func(*managedProperties) *types.Set, on func(*bits.Properties) *[]W,
	mask func([]W) (uint32, error), spell func(uint32) []W, allowed []W, description, listed string, more ...validator.Set,
) property {
	chosen := func(p *managedProperties) (uint32, error) { return mask(attrs.Elements[W](*of(p))) }
	return property{
		name: name, words: words, steps: []string{name},
		attributes: map[string]schema.Attribute{name: schema.SetAttribute{
			Optional: true, ElementType: types.StringType, MarkdownDescription: description + removed,
			Validators: append([]validator.Set{
				setvalidator.SizeAtLeast(1), setvalidator.NoNullValues(), setvalidator.ValueStringsAre(attrs.OneOf(allowed...)),
			}, more...),
		}},
		listed: &Listed{attrs.ComputedSet(listed), func(has bits.Job) attr.Value { return attrs.SetOrNull(*on(&has.Properties)) }},
		value:  func(p *managedProperties) attr.Value { return *of(p) },
		send: func(p *managedProperties, to *bits.Properties) {
			if sum, err := chosen(p); err == nil && !of(p).IsNull() {
				*on(to) = spell(sum)
			}
		},
		read: func(p *managedProperties, has bits.Properties) {
			now := *on(&has)
			sum, err := mask(now)
			if had, bad := chosen(p); now != nil && (err != nil || bad != nil || had != sum) {
				*of(p) = attrs.SetOrNull(now)
			}
		},
		copySpelling: func(p, from *managedProperties) { *of(p) = *of(from) },
	}
}
