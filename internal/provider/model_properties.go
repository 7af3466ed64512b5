package provider

import (
	"slices"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
)

// jobProperties are the optional settings of a job. One that is null is not managed: it is neither sent nor read.
type jobProperties struct {
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

	rotates  bool // as secrets do: on a completed job a change is none
	replaces bool // set when the job is made, and never again

	value   func(p *jobProperties) attr.Value
	version func(p *jobProperties) attr.Value           // of a secret: another one sends it again; nil: none
	send    func(p *jobProperties, to *bits.Properties) // nothing where the attribute is null
	read    func(p *jobProperties, has bits.Properties) // keeps the spelling of what means the same; nil: BITS does not tell
	respell func(p, as *jobProperties)                  // takes another's value over; nil: what means the same is spelled the same
}

// properties are all of them: a row for each.
var properties = []property{
	duration("minimum_retry_delay", "minimum retry delay",
		func(p *jobProperties) *timetypes.GoDuration { return &p.MinimumRetryDelay },
		func(p *bits.Properties) **bits.Seconds { return &p.MinimumRetryDelay }),
	duration("no_progress_timeout", "no-progress timeout",
		func(p *jobProperties) *timetypes.GoDuration { return &p.NoProgressTimeout },
		func(p *bits.Properties) **bits.Seconds { return &p.NoProgressTimeout }),
	duration("maximum_download_time", "maximum download time",
		func(p *jobProperties) *timetypes.GoDuration { return &p.MaximumDownloadTime },
		func(p *bits.Properties) **bits.Seconds { return &p.MaximumDownloadTime }),
	flags("transfer_policy", "transfer policy",
		func(p *jobProperties) *types.Set { return &p.TransferPolicy },
		func(p *bits.Properties) *[]bits.CostState { return &p.TransferPolicy }, bits.PolicyMask, bits.PolicyWords),
	proxyRow, proxyCredentialRow, credentialRow, headersRow, hiddenHeadersRow,
	flags("security_flags", "security flags",
		func(p *jobProperties) *types.Set { return &p.SecurityFlags },
		func(p *bits.Properties) *[]bits.SecurityFlag { return &p.SecurityFlags }, bits.SecurityMask, bits.SecurityWords),
	certificateRow, methodRow, dynamicRow,
}

// duration is a row for a time in seconds.
func duration(name, words string, here func(*jobProperties) *timetypes.GoDuration, there func(*bits.Properties) **bits.Seconds) property {
	return property{
		name: name, words: words, steps: []string{name},
		value: func(p *jobProperties) attr.Value { return here(p) },
		send: func(p *jobProperties, to *bits.Properties) {
			if d, diags := here(p).ValueGoDuration(); !diags.HasError() {
				seconds := bits.Seconds(d / time.Second) //nolint:gosec // the validator bounds it
				*there(to) = &seconds
			}
		},
		read: func(p *jobProperties, has bits.Properties) {
			told := *there(&has)
			if d, diags := here(p).ValueGoDuration(); told == nil || !diags.HasError() && d == time.Duration(*told)*time.Second {
				return
			}
			*here(p) = timetypes.NewGoDurationValue(time.Duration(*told) * time.Second)
		},
		respell: func(p, as *jobProperties) { *here(p) = *here(as) },
	}
}

// flags is a row for a set of words that stand for bits: two sets are the same when their bits are.
func flags[W ~string](name, words string, here func(*jobProperties) *types.Set, there func(*bits.Properties) *[]W,
	mask func([]W) (uint32, error), spell func(uint32) []W,
) property {
	chosen := func(p *jobProperties) (uint32, error) { return mask(elementsOf[W](*here(p))) }
	return property{
		name: name, words: words, steps: []string{name},
		value: func(p *jobProperties) attr.Value { return *here(p) },
		send: func(p *jobProperties, to *bits.Properties) {
			if sum, err := chosen(p); err == nil && !here(p).IsNull() {
				*there(to) = spell(sum)
			}
		},
		read: func(p *jobProperties, has bits.Properties) {
			told := *there(&has)
			sum, err := mask(told)
			if had, bad := chosen(p); told == nil || err == nil && bad == nil && had == sum {
				return
			}
			*here(p) = setOf(told)
		},
		respell: func(p, as *jobProperties) { *here(p) = *here(as) },
	}
}

// elementsOf gives the known texts of a list or set.
func elementsOf[W ~string](list interface{ Elements() []attr.Value }) []W {
	var elements []W
	for _, e := range list.Elements() {
		if text, ok := e.(types.String); ok && !text.IsNull() && !text.IsUnknown() {
			elements = append(elements, W(text.ValueString()))
		}
	}
	return elements
}

func setOf[W ~string](words []W) types.Set {
	return types.SetValueMust(types.StringType, textsOf(words))
}

func textsOf[W ~string](words []W) []attr.Value {
	elements := make([]attr.Value, len(words))
	for i, w := range slices.All(words) {
		elements[i] = types.StringValue(string(w))
	}
	return elements
}

// sent is what the rows send for the attributes, as far as they are set. All values are known.
func (p *jobProperties) sent(rows ...property) bits.Properties {
	var to bits.Properties
	for _, row := range rows {
		row.send(p, &to)
	}
	return to
}

// observeProperties takes over what the host tells of the properties that are managed.
func (p *jobProperties) observeProperties(has bits.Properties) {
	for _, row := range properties {
		if row.read != nil && !row.value(p).IsNull() {
			row.read(p, has)
		}
	}
}
