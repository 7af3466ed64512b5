package job

import (
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/attrs"
)

// managedProperties are the optional settings of a job. One that is null is not managed: it is neither sent nor read.
type managedProperties struct {
	MinimumRetryDelay   timetypes.GoDuration `tfsdk:"minimum_retry_delay"`
	NoProgressTimeout   timetypes.GoDuration `tfsdk:"no_progress_timeout"`
	MaximumDownloadTime timetypes.GoDuration `tfsdk:"maximum_download_time"`
	TransferPolicy      types.Set            `tfsdk:"transfer_policy"`
	CreateDirectories   types.Bool           `tfsdk:"create_directories"`

	Proxy                  types.Object `tfsdk:"proxy"`
	Credentials            types.Object `tfsdk:"credentials"`
	CustomHeaders          types.Map    `tfsdk:"custom_headers"`
	CustomHeadersWO        types.Map    `tfsdk:"custom_headers_wo"`
	CustomHeadersWOVersion types.Int64  `tfsdk:"custom_headers_wo_version"`

	HTTPMethod        types.String `tfsdk:"http_method"`
	Dynamic           types.Bool   `tfsdk:"dynamic"`
	SecurityFlags     types.Set    `tfsdk:"security_flags"`
	ClientCertificate types.Object `tfsdk:"client_certificate"`

	secrets writeOnly // in an apply only
}

// property is what one call of BITS sets: an attribute, or the parts of one that BITS takes together.
type property struct {
	name  string   // root attribute
	words string   // completes "set the ... of job"
	steps []string // as the agent names them, after "set:"

	ignoredWhenCompleted bool // as secrets do: on a completed job a change is none
	forcesReplace        bool // set when the job is made, and never again

	value        func(p *managedProperties) attr.Value
	version      func(p *managedProperties) attr.Value           // of a secret: another one sends it again; nil: none
	send         func(p *managedProperties, to *bits.Properties) // nothing where the attribute is null
	read         func(p *managedProperties, has bits.Properties) // keeps the spelling of what means the same; nil: BITS does not tell
	copySpelling func(p, as *managedProperties)                  // takes another's value over; nil: what means the same is spelled the same
}

// properties are all of them: a row for each.
var properties = []property{
	duration("minimum_retry_delay", "minimum retry delay",
		func(p *managedProperties) *timetypes.GoDuration { return &p.MinimumRetryDelay },
		func(p *bits.Properties) **bits.Seconds { return &p.MinimumRetryDelay }),
	duration("no_progress_timeout", "no-progress timeout",
		func(p *managedProperties) *timetypes.GoDuration { return &p.NoProgressTimeout },
		func(p *bits.Properties) **bits.Seconds { return &p.NoProgressTimeout }),
	duration("maximum_download_time", "maximum download time",
		func(p *managedProperties) *timetypes.GoDuration { return &p.MaximumDownloadTime },
		func(p *bits.Properties) **bits.Seconds { return &p.MaximumDownloadTime }),
	flags("transfer_policy", "transfer policy",
		func(p *managedProperties) *types.Set { return &p.TransferPolicy },
		func(p *bits.Properties) *[]bits.CostState { return &p.TransferPolicy }, bits.PolicyMask, bits.PolicyWords),
	proxyRow, proxyCredentialRow, credentialRow, headersRow, hiddenHeadersRow,
	flags("security_flags", "security flags",
		func(p *managedProperties) *types.Set { return &p.SecurityFlags },
		func(p *bits.Properties) *[]bits.SecurityFlag { return &p.SecurityFlags }, bits.SecurityMask, bits.SecurityWords),
	certificateRow, methodRow, dynamicRow,
}

// duration is a row for a time in seconds.
func duration(name, words string, here func(*managedProperties) *timetypes.GoDuration, there func(*bits.Properties) **bits.Seconds) property {
	return property{
		name: name, words: words, steps: []string{name},
		value: func(p *managedProperties) attr.Value { return here(p) },
		send: func(p *managedProperties, to *bits.Properties) {
			if d, diags := here(p).ValueGoDuration(); !diags.HasError() {
				seconds := bits.Seconds(d / time.Second) //nolint:gosec // the validator bounds it
				*there(to) = &seconds
			}
		},
		read: func(p *managedProperties, has bits.Properties) {
			told := *there(&has)
			if d, diags := here(p).ValueGoDuration(); told == nil || !diags.HasError() && d == time.Duration(*told)*time.Second {
				return
			}
			*here(p) = timetypes.NewGoDurationValue(time.Duration(*told) * time.Second)
		},
		copySpelling: func(p, as *managedProperties) { *here(p) = *here(as) },
	}
}

// flags is a row for a set of words that stand for bits: two sets are the same when their bits are.
func flags[W ~string](name, words string, here func(*managedProperties) *types.Set, there func(*bits.Properties) *[]W,
	mask func([]W) (uint32, error), spell func(uint32) []W,
) property {
	chosen := func(p *managedProperties) (uint32, error) { return mask(attrs.Elements[W](*here(p))) }
	return property{
		name: name, words: words, steps: []string{name},
		value: func(p *managedProperties) attr.Value { return *here(p) },
		send: func(p *managedProperties, to *bits.Properties) {
			if sum, err := chosen(p); err == nil && !here(p).IsNull() {
				*there(to) = spell(sum)
			}
		},
		read: func(p *managedProperties, has bits.Properties) {
			told := *there(&has)
			sum, err := mask(told)
			if had, bad := chosen(p); told == nil || err == nil && bad == nil && had == sum {
				return
			}
			*here(p) = attrs.SetOf(told)
		},
		copySpelling: func(p, as *managedProperties) { *here(p) = *here(as) },
	}
}

// sent is what the rows send for the attributes, as far as they are set. All values are known.
func (p *managedProperties) sent(rows ...property) bits.Properties {
	var to bits.Properties
	for _, row := range rows {
		row.send(p, &to)
	}
	return to
}

// observeProperties takes over what the host tells of the properties that are managed.
func (p *managedProperties) observeProperties(has bits.Properties) {
	for _, row := range properties {
		if row.read != nil && !row.value(p).IsNull() {
			row.read(p, has)
		}
	}
}
