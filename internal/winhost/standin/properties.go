package standin

import (
	hexadecimal "encoding/hex"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/bitsvc"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/agent"
)

// Module2016 is the module BitsTransfer of Windows Server 2016.
const Module2016 = "2016"

// property is one property that the cmdlets take beside name, description and priority.
type property struct {
	name      string // on the wire
	field     string // of bits.Properties
	parameter string
	group     string // properties of one group are one call of BITS
	quiet     bool   // is set while the job does not move
	newer     bool   // the module of 2016 has neither parameter nor member
	bind      func(p bits.Properties, parameter, class string) *record
}

// properties are in the order in which they are set.
var properties = []property{
	{name: "minimum_retry_delay", field: "MinimumRetryDelay", parameter: "RetryInterval", bind: atLeast(bits.LeastRetryDelay, func(p bits.Properties) bits.Seconds { return *p.MinimumRetryDelay })},
	{name: "no_progress_timeout", field: "NoProgressTimeout", parameter: "RetryTimeout", bind: atLeast(0, func(p bits.Properties) bits.Seconds { return *p.NoProgressTimeout })},
	{name: "maximum_download_time", field: "MaximumDownloadTime", parameter: "MaxDownloadTime", newer: true, bind: atLeast(0, func(p bits.Properties) bits.Seconds { return *p.MaximumDownloadTime })},
	{name: "transfer_policy", field: "TransferPolicy", parameter: "TransferPolicy", bind: converted(func(p bits.Properties) bool { _, err := bits.PolicyMask(p.TransferPolicy); return err == nil })},
	{name: "proxy_usage", field: "ProxyUsage", parameter: "ProxyUsage", group: "proxy", bind: bindProxyUsage},
	{name: "proxy_list", field: "ProxyList", parameter: "ProxyList", group: "proxy"},
	{name: "proxy_bypass_list", field: "ProxyBypassList", parameter: "ProxyBypass", group: "proxy"},
	{name: "http_method", field: "HTTPMethod", parameter: "HttpMethod", newer: true},
	{name: "dynamic", field: "Dynamic", parameter: "Dynamic", newer: true},
	{name: "security_flags", field: "SecurityFlags", parameter: "SecurityFlags", newer: true, bind: converted(func(p bits.Properties) bool { _, err := bits.SecurityMask(p.SecurityFlags); return err == nil })},
	{name: "acl_flags", field: "ACLFlags", parameter: "ACLFlags", newer: true, bind: converted(func(p bits.Properties) bool { _, err := bits.ACLMask(p.ACLFlags); return err == nil })},
	{name: "notify_flags", field: "NotifyFlags", parameter: "NotifyFlags", newer: true, bind: converted(func(p bits.Properties) bool { _, err := bits.NotifyMask(p.NotifyFlags); return err == nil })},
	{name: "notify_command", field: "NotifyCommand", parameter: "NotifyCmdLine", newer: true},
	{name: "certificate_store_location", field: "CertificateStoreLocation", parameter: "CertStoreLocation", group: "certificate", quiet: true, newer: true, bind: converted(func(p bits.Properties) bool {
		return slices.Contains(bits.CertificateStoreLocations(), *p.CertificateStoreLocation)
	})},
	{name: "certificate_store_name", field: "CertificateStoreName", parameter: "CertStoreName", group: "certificate", quiet: true, newer: true},
	{name: "certificate_hash", field: "CertificateHash", parameter: "CertHash", group: "certificate", quiet: true, newer: true},
	{name: "custom_headers", field: "CustomHeaders", parameter: "CustomHeaders", group: "headers", newer: true},
	{name: "custom_headers_write_only", field: "CustomHeadersWriteOnly", parameter: "CustomHeadersWriteOnly", group: "headers", newer: true},
	{name: "credential", field: "Credential", parameter: "Credential", quiet: true, bind: scheme("Authentication", func(p bits.Properties) *bits.Credential { return p.Credential })},
	{name: "proxy_credential", field: "ProxyCredential", parameter: "ProxyCredential", quiet: true, bind: scheme("ProxyAuthentication", func(p bits.Properties) *bits.Credential { return p.ProxyCredential })},
	{name: "use_stored_credential", field: "UseStoredCredential", parameter: "UseStoredCredential", bind: converted(func(p bits.Properties) bool {
		return slices.Contains(bits.CredentialTargets(), *p.UseStoredCredential)
	})},
}

// given lists the properties that have values.
func given(p bits.Properties) []property {
	values := reflect.ValueOf(p)
	var list []property
	for _, row := range properties {
		if !values.FieldByName(row.field).IsZero() {
			list = append(list, row)
		}
	}
	return list
}

// only gives some of the properties.
func only(p bits.Properties, rows []property) bits.Properties {
	var some bits.Properties
	from, to := reflect.ValueOf(p), reflect.ValueOf(&some).Elem()
	for _, row := range rows {
		to.FieldByName(row.field).Set(from.FieldByName(row.field))
	}
	return some
}

// told gives the properties that the objects of the host's module show.
func (h Host) told(p bits.Properties) bits.Properties {
	if h.Module == Module2016 {
		return only(p, slices.DeleteFunc(slices.Clone(properties), func(row property) bool { return row.newer }))
	}
	return p
}

// parameters gives those of a cmdlet that the host's module has.
func (h Host) parameters(all []string) []string {
	if h.Module != Module2016 {
		return all
	}
	return slices.DeleteFunc(slices.Clone(all), func(name string) bool {
		return slices.ContainsFunc(properties, func(row property) bool { return row.newer && row.parameter == name })
	})
}

// unsupported refuses what the host's module does not know.
func (h Host) unsupported(rows []property, cmdlet string) *agent.Error {
	for _, row := range rows {
		if row.newer && h.Module == Module2016 {
			bad := notFound(fmt.Sprintf("this host's BitsTransfer module has no %s -%s (module %s, Windows %s)",
				cmdlet, row.parameter, moduleVersion, h.OS))
			bad.Code, bad.Step = string(bits.CodeNotSupported), "set:"+row.name
			return bad
		}
	}
	return nil
}

// bind binds the parameters of properties.
func bind(p bits.Properties, rows []property, class string) *record {
	for _, row := range rows {
		if row.bind == nil {
			continue
		}
		if bad := row.bind(p, row.parameter, class); bad != nil {
			return bad
		}
	}
	return nil
}

// setGroup is Set-BitsTransfer with the parameters of one group.
func setGroup(h *bitsvc.Handle, p bits.Properties, rows []property) *record {
	if bad := bind(p, rows, classSet); bad != nil {
		return bad
	}
	bad := recorded(h.SetProperties(only(p, rows)), classSet)
	if bad != nil && bad.success() {
		return nil
	}
	return bad
}

// atLeast is a parameter with a range.
func atLeast(least bits.Seconds, value func(bits.Properties) bits.Seconds) func(bits.Properties, string, string) *record {
	return func(p bits.Properties, parameter, class string) *record {
		if value(p) < least {
			return notInSet(parameter, fmt.Sprint(value(p)), class)
		}
		return nil
	}
}

// converted is a parameter of a type of the module's own.
func converted(fits func(bits.Properties) bool) func(bits.Properties, string, string) *record {
	return func(p bits.Properties, parameter, class string) *record {
		if fits(p) {
			return nil
		}
		return &record{
			exception: bindingException + "ArgumentTransformationException",
			id:        errorID("ParameterArgumentTransformationError", class),
			text:      fmt.Sprintf("Cannot process argument transformation on parameter '%s'.", parameter),
		}
	}
}

func bindProxyUsage(p bits.Properties, parameter, class string) *record {
	if _, err := bits.ParseProxyUsage(string(*p.ProxyUsage)); err != nil {
		return notInSet(parameter, string(*p.ProxyUsage), class)
	}
	return nil
}

// scheme binds the parameter that goes with a credential.
func scheme(parameter string, of func(bits.Properties) *bits.Credential) func(bits.Properties, string, string) *record {
	return func(p bits.Properties, _, class string) *record {
		if s := of(p).Scheme; s != "" && !slices.Contains(bits.AuthSchemes(), s) {
			return notInSet(parameter, string(s), class)
		}
		return nil
	}
}

// checkProperties checks what the types of the protocol let pass.
func checkProperties(p bits.Properties, s agent.Secrets) *agent.Error {
	for _, c := range []*agent.Credential{s.Credential, s.ProxyCredential} {
		if c != nil && c.Username == "" {
			return badOp("a credential has no user name")
		}
	}
	if p.CertificateHash != nil {
		if _, err := hexadecimal.DecodeString(*p.CertificateHash); err != nil {
			return badOp("the hash of a certificate is not hexadecimal")
		}
	}
	return nil
}

// hide takes the secrets of a request out of a text.
func hide(text string, s agent.Secrets) string {
	var secrets []string
	for _, c := range []*agent.Credential{s.Credential, s.ProxyCredential} {
		if c != nil {
			secrets = append(secrets, c.Password.Reveal())
		}
	}
	for _, h := range s.Headers {
		_, value, _ := strings.Cut(h.Reveal(), ":")
		secrets = append(secrets, h.Reveal(), strings.TrimSpace(value))
	}
	slices.SortFunc(secrets, func(a, b string) int { return len(b) - len(a) })
	for _, value := range secrets {
		if value != "" {
			text = strings.ReplaceAll(text, value, "(sensitive)")
		}
	}
	return text
}
