// SPDX-License-Identifier: MPL-2.0

package job

import (
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	listschema "github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/attrs"
)

// managedProperties are the optional settings of a job. One that is null is not managed: it is neither sent nor read. One that is taken
// out gets BITS' own default, where BITS can take the value back.
type managedProperties struct {
	MinimumRetryDelay      timetypes.GoDuration `tfsdk:"minimum_retry_delay"`
	NoProgressTimeout      timetypes.GoDuration `tfsdk:"no_progress_timeout"`
	MaximumDownloadTime    timetypes.GoDuration `tfsdk:"maximum_download_time"`
	TransferPolicy         types.Set            `tfsdk:"transfer_policy"`
	Proxy                  types.Object         `tfsdk:"proxy"`
	Credentials            types.Object         `tfsdk:"credentials"`
	CustomHeaders          types.Map            `tfsdk:"custom_headers"`
	CustomHeadersWO        types.Map            `tfsdk:"custom_headers_wo"`
	CustomHeadersWOVersion types.Int64          `tfsdk:"custom_headers_wo_version"`
	HTTPMethod             types.String         `tfsdk:"http_method"`
	Dynamic                types.Bool           `tfsdk:"dynamic"`
	SecurityFlags          types.Set            `tfsdk:"security_flags"`
	ClientCertificate      types.Object         `tfsdk:"client_certificate"`

	secrets writeOnly // in an apply only
}

// property is what one call of BITS sets: an attribute, or the parts of one that BITS takes together.
type property struct {
	name  string   // root attribute
	words string   // completes "set the ... of job"
	steps []string // as the agent names them, after "set:"

	attributes map[string]schema.Attribute // of bits_job
	listed     *Listed                     // nil: bits_jobs does not show it

	ignoredWhenCompleted bool // as secrets are: on a completed job a change is none
	forcesReplace        bool // set when the job is made, and never again

	value        func(p *managedProperties) attr.Value
	version      func(p *managedProperties) attr.Value           // of a secret: another one sends it again; nil: none
	send         func(p *managedProperties, to *bits.Properties) // sets nothing where the attribute is null
	reset        func(to *bits.Properties)                       // sets BITS' own default; nil: BITS can't take the value back
	varies       bool                                            // BITS' own default depends on the host, so an import can't tell it from a value that was set
	stays        func(p, prior *managedProperties) bool          // whether BITS keeps what a plan takes out; nil: it keeps nothing
	read         func(p *managedProperties, has bits.Properties) // keeps the spelling of what means the same; nil: BITS does not return it
	copySpelling func(p, from *managedProperties)                // nil: what means the same is spelled the same
}

// Listed is a property as the data source bits_jobs shows it.
type Listed struct {
	Attribute listschema.Attribute
	Value     func(has bits.Job) attr.Value
}

// properties is the table of all of them. A property is one row here, and its fields of managedProperties.
var properties = []property{
	minimumRetryDelay, noProgressTimeout, maximumDownloadTime, transferPolicy,
	proxy, proxyCredential, credentials, customHeaders, writeOnlyHeaders,
	securityFlags, clientCertificate, httpMethod, dynamic,
}

// propertyAttributes are the attributes of bits_job for all properties.
func propertyAttributes() map[string]schema.Attribute {
	all := map[string]schema.Attribute{}
	for _, row := range properties {
		maps.Copy(all, row.attributes)
	}
	return all
}

// ListedProperties are the properties that bits_jobs shows, by attribute.
func ListedProperties() map[string]Listed {
	all := map[string]Listed{"acl_flags": aclFlags, "notify_flags": notifyFlags, "notify_command": notifyCommand}
	for _, row := range properties {
		if row.listed != nil {
			all[row.name] = *row.listed
		}
	}
	return all
}

// sent is what the rows send for the attributes, as far as they are set. All values are known.
func (p *managedProperties) sent(rows ...property) bits.Properties {
	var to bits.Properties
	for _, row := range rows {
		row.send(p, &to)
	}
	return to
}

// observeProperties takes over the host's values of the properties that are managed.
func (p *managedProperties) observeProperties(has bits.Properties) {
	for _, row := range properties {
		if row.read != nil && !row.value(p).IsNull() {
			row.read(p, has)
		}
	}
}

// changes is what the rows send to a live job: the attributes, and BITS' own defaults for those that were taken out.
func (p *managedProperties) changes(rows ...property) bits.Properties {
	to := p.sent(rows...)
	for _, row := range rows {
		if row.value(p).IsNull() {
			row.reset(&to)
		}
	}
	return to
}

// changed returns the properties that a plan sets on a live job: those that would be sent otherwise than before, and those that are
// taken out and have a default. One that is not known yet may turn out to change.
func (p *managedProperties) changed(prior managedProperties) []property {
	had := prior
	had.secrets = p.secrets // the version shows whether they changed
	return slices.DeleteFunc(slices.Clone(properties), func(row property) bool {
		if row.forcesReplace {
			return true
		}
		if row.value(p).IsNull() {
			return row.reset == nil || row.value(&prior).IsNull()
		}
		want := p.sent(row)
		again := row.version != nil && !row.version(p).Equal(row.version(&prior))
		return attrs.FullyKnown(row.value(p)) && (want.Empty() || !again && reflect.DeepEqual(want, had.sent(row)))
	})
}

// adoptProperties takes over the host's values that are not BITS' own defaults, after an import.
func (p *managedProperties) adoptProperties(has bits.Properties) {
	for _, row := range properties {
		if row.read == nil || row.varies {
			continue
		}
		adopted := managedProperties{}
		row.read(&adopted, has)
		var own bits.Properties
		if row.reset != nil {
			row.reset(&own)
		}
		if sent := adopted.sent(row); !sent.Empty() && !reflect.DeepEqual(sent, own) {
			row.read(p, has)
		}
	}
}

// takenOut returns the properties that a plan takes out and that BITS keeps all the same.
func (p *managedProperties) takenOut(prior *managedProperties) []property {
	return slices.DeleteFunc(slices.Clone(properties), func(row property) bool { return row.stays == nil || !row.stays(p, prior) })
}

// takesOut is the stays of a property of one attribute.
func takesOut(value func(p *managedProperties) attr.Value) func(p, prior *managedProperties) bool {
	return func(p, prior *managedProperties) bool { return value(p).IsNull() && !value(prior).IsNull() }
}

// keepSpellings keeps properties as the state spells them while they mean the same to BITS.
func (p *managedProperties) keepSpellings(prior *managedProperties) {
	for _, row := range properties {
		if row.copySpelling == nil || !attrs.FullyKnown(row.value(p)) {
			continue
		}
		if want := p.sent(row); !want.Empty() && reflect.DeepEqual(want, prior.sent(row)) {
			row.copySpelling(p, prior)
		}
	}
}

// forcedReplacements returns the properties whose change requires a new job. A property that the configuration adds is unchanged if the job
// was made with its value. A value that the host did not return counts as BITS' default.
func (p *managedProperties) forcedReplacements(prior *managedProperties, made bits.Properties) path.Paths {
	var paths path.Paths
	for _, row := range properties {
		want, had := row.value(p), row.value(prior)
		if !row.forcesReplace || want.IsNull() || want.Equal(had) {
			continue
		}
		asked := made
		row.send(p, &asked)
		if had.IsNull() && !want.IsUnknown() && methodOf(asked) == methodOf(made) && isDynamic(asked) == isDynamic(made) {
			continue
		}
		paths.Append(path.Root(row.name))
	}
	return paths
}

// attributeOf returns the attribute that asks for a step of the host.
func attributeOf(step string) (path.Path, bool) {
	for _, row := range properties {
		if name, set := strings.CutPrefix(step, "set:"); set && slices.Contains(row.steps, name) {
			return path.Root(row.name), true
		}
	}
	return path.Empty(), false
}
