// SPDX-License-Identifier: MPL-2.0

package bits

import "reflect"

// Properties are the settings of a job beside its name, description and priority. A nil field is left alone where a
// job is made or changed; where a job was read, its host's module does not report it. The tags are the protocol's names,
// see package agent.
//
// Those of proxy, certificate, headers and credentials are one call of BITS each, so the fields of a group are given
// together. Source: Start-BitsTransfer and Set-BitsTransfer of Windows Server 2025, learn.microsoft.com.
type Properties struct {
	MinimumRetryDelay   *Seconds `json:"minimum_retry_delay,omitempty"`   // after a transient error; the cmdlets take 60 and more
	NoProgressTimeout   *Seconds `json:"no_progress_timeout,omitempty"`   // then a transient error becomes an error; 0: no retry
	MaximumDownloadTime *Seconds `json:"maximum_download_time,omitempty"` // of connecting and transferring; a resume begins anew

	TransferPolicy []CostState `json:"transfer_policy,omitzero"` // the networks that may be used; none: any

	ProxyUsage      *ProxyUsage `json:"proxy_usage,omitempty"`
	ProxyList       []string    `json:"proxy_list,omitzero"`        // with ProxyOverride only, and then at least one
	ProxyBypassList []string    `json:"proxy_bypass_list,omitzero"` // with ProxyOverride only

	HTTPMethod *string `json:"http_method,omitempty"` // before the first resume; all but GET keep the job in foreground
	Dynamic    *bool   `json:"dynamic,omitempty"`     // before the first resume; in foreground only

	SecurityFlags []SecurityFlag `json:"security_flags,omitzero"`

	CertificateStoreLocation *CertificateStoreLocation `json:"certificate_store_location,omitempty"`
	CertificateStoreName     *string                   `json:"certificate_store_name,omitempty"` // CA, MY, ROOT or SPC
	CertificateHash          *string                   `json:"certificate_hash,omitempty"`       // SHA-1, 40 hexadecimal digits

	CustomHeaders          []Secret `json:"-"`                                   // "Name: value"; not read when write-only
	CustomHeadersWriteOnly *bool    `json:"custom_headers_write_only,omitempty"` // can't be undone; never read

	Credential      *Credential `json:"-"` // never read
	ProxyCredential *Credential `json:"-"` // never read
}

// ReadOnly is what a job shows beside its properties and this project never sets. A nil field: the host's module does
// not show it.
type ReadOnly struct {
	ACLFlags      []ACLFlag    `json:"acl_flags,omitzero"` // SMB only
	NotifyFlags   []NotifyFlag `json:"notify_flags,omitzero"`
	NotifyCommand []string     `json:"notify_command,omitzero"` // program and parameters
}

// Limits of the properties. Sources: IBackgroundCopyJob::SetProxySettings, IBackgroundCopyJobHttpOptions::SetCustomHeaders, BG_AUTH_CREDENTIALS,
// Set-BitsTransfer, learn.microsoft.com.
const (
	LeastRetryDelay   = 60  // seconds
	DefaultRetryDelay = 600 // seconds, of a new job
	DefaultNoProgress = 14 * 24 * 3600
	DefaultDownload   = 90 * 24 * 3600 // seconds, without the policy MaxDownloadTime
	MaxCustomHeaders  = 16383          // UTF-16 code units of all, each with its CR and LF
	MaxProxyList      = 4000           // UTF-16 code units of all proxies, or of all hosts to bypass them for, with what divides them
	MaxUsername       = 300            // UTF-16 code units
	MaxPassword       = 65535          // UTF-16 code units; bitsmsg.h speaks of 65536, and the smaller number is safe
)

// Seconds is a time as the cmdlets take it.
type Seconds int32

// Credential is an account for a server or a proxy.
type Credential struct {
	Username string
	Password Secret
	Scheme   AuthScheme // "": the cmdlets' default, which is AuthNegotiate
}

// Empty reports whether no property is set.
func (p Properties) Empty() bool { return reflect.ValueOf(p).IsZero() }

// Without returns the properties that differ from what a job has, as far as the job shows them. Those that BITS sets in one call stay together.
func (p Properties) Without(has Properties) Properties {
	all := p
	mine, other := reflect.ValueOf(&p).Elem(), reflect.ValueOf(has)
	for i := range mine.NumField() {
		if reflect.DeepEqual(mine.Field(i).Interface(), other.Field(i).Interface()) {
			mine.Field(i).SetZero()
		}
	}
	if p.ProxyUsage != nil || p.ProxyList != nil || p.ProxyBypassList != nil {
		p.ProxyUsage, p.ProxyList, p.ProxyBypassList = all.ProxyUsage, all.ProxyList, all.ProxyBypassList
	}
	if p.CertificateStoreLocation != nil || p.CertificateStoreName != nil || p.CertificateHash != nil {
		p.CertificateStoreLocation, p.CertificateStoreName, p.CertificateHash = all.CertificateStoreLocation, all.CertificateStoreName, all.CertificateHash
	}
	if p.CustomHeaders != nil || p.CustomHeadersWriteOnly != nil {
		p.CustomHeaders, p.CustomHeadersWriteOnly = all.CustomHeaders, all.CustomHeadersWriteOnly
	}
	return p
}

// Or returns the properties, and those of another set where this one has none.
func (p Properties) Or(other Properties) Properties {
	mine, others := reflect.ValueOf(&p).Elem(), reflect.ValueOf(other)
	for i := range mine.NumField() {
		if mine.Field(i).IsZero() {
			mine.Field(i).Set(others.Field(i))
		}
	}
	return p
}
