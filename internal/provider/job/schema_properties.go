package job

import (
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/attrs"
)

// notManaged ends the description of a property that BITS tells and takes in place.
const notManaged = " Unset means not managed: what the host has is left alone. A value that is set is read at every refresh, a difference " +
	"shows in the plan, and a change is made in place."

// propertyAttributes are the attributes of jobProperties.
func propertyAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"minimum_retry_delay": durationAttribute("How long BITS waits after a transient error, such as a lost network, before it tries again: a "+
			"duration of Go in whole seconds, such as `90s` or `10m`, at least `1m`. BITS itself takes 10 minutes for a new job. A network that "+
			"comes back makes BITS try at once."+notManaged, seconds(bits.LeastRetryDelay*time.Second, false)),
		"no_progress_timeout": durationAttribute("How long BITS tries again without a byte arriving, before the job ends in `error`: a duration of Go in "+
			"whole seconds, such as `24h`. BITS itself takes 14 days for a new job. `0s` means that the first trouble is an error; any other value has "+
			"to be as long as `minimum_retry_delay`, which is 10 minutes where it is unset. BITS cancels a job that makes no progress for longer than the policy JobInactivityTimeout (90 days)."+
			notManaged, seconds(time.Second, true)),
		"maximum_download_time": durationAttribute("How long the job may connect and transfer, counted without the time it waits, before it ends in `error`: a "+
			"duration of Go in whole seconds, such as `12h`. BITS itself takes the policy MaxDownloadTime, 90 days by default, for a new job. A job that "+
			"is resumed begins anew."+notManaged, seconds(time.Second, false)),
		"transfer_policy": schema.SetAttribute{
			Optional:    true,
			ElementType: types.StringType,
			MarkdownDescription: "Networks that the job may use, by what they cost: any of `unrestricted`, `capped`, `below_cap`, `near_cap`, " +
				"`over_cap_charged`, `over_cap_throttled`, `usage_based`, `roaming` and `ignore_congestion`, or a name for several of them: " +
				"`policy_unrestricted`, `standard`, `no_surcharge`, `not_roaming`, `always`. Two sets that mean the same networks are the same. BITS itself " +
				"chooses by the priority and by group policy. The job waits while the host has no network of these kinds. Windows Server normally can't tell what a " +
				"network costs, and BITS then ignores the policy." + notManaged,
			Validators: []validator.Set{
				setvalidator.SizeAtLeast(1),
				setvalidator.ValueStringsAre(stringvalidator.OneOf(attrs.Strings(bits.CostStates()[1:])...)), // without none, which no job could use
			},
		},
		"create_directories": schema.BoolAttribute{
			Optional: true,
			MarkdownDescription: "Whether the directories of the files are made on the host when the job is made, if they are missing. Default `false`: BITS makes " +
				"none, and a directory that is missing fails the apply. A new directory takes the permissions of the one it lies in. Directories stay when the job " +
				"is destroyed, and those of files that are appended later have to exist. A change concerns jobs that are made from then on.",
		},
	}
}

func durationAttribute(description string, v validator.String) schema.Attribute {
	return schema.StringAttribute{
		Optional: true, CustomType: timetypes.GoDurationType{}, MarkdownDescription: description, Validators: []validator.String{v},
	}
}
