package pwsh

import (
	"strings"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
)

// shown is the properties that the cmdlets' objects show. Bit fields are numbers.
type shown struct {
	RetryDelay      *bits.Seconds `json:"minimum_retry_delay"`
	NoProgress      *bits.Seconds `json:"no_progress_timeout"`
	MaxDownload     *bits.Seconds `json:"maximum_download_time"`
	Policy          int32         `json:"transfer_policy"`
	ProxyUsage      text          `json:"proxy_usage"`
	ProxyList       []text        `json:"proxy_list"`
	ProxyBypassList []text        `json:"proxy_bypass_list"`
	Method          text          `json:"http_method"`
	Dynamic         bool          `json:"dynamic"`
	SecurityFlags   uint32        `json:"security_flags"`
	ACLFlags        uint32        `json:"acl_flags"`
	NotifyFlags     uint32        `json:"notify_flags"`
	NotifyCommand   []text        `json:"notify_command"`
	StoreLocation   *text         `json:"certificate_store_location"`
	StoreName       *text         `json:"certificate_store_name"`
	Hash            *text         `json:"certificate_hash"`
	Headers         []text        `json:"custom_headers"`
}

// shownOf turns the service's properties into what the objects show.
func shownOf(p bits.Properties) shown {
	s := shown{
		RetryDelay: p.MinimumRetryDelay, NoProgress: p.NoProgressTimeout, MaxDownload: p.MaximumDownloadTime,
		ProxyUsage: name(string(*p.ProxyUsage)), ProxyList: texts(p.ProxyList), ProxyBypassList: texts(p.ProxyBypassList),
		Method: text(*p.HTTPMethod), Dynamic: *p.Dynamic, NotifyCommand: texts(p.NotifyCommand),
		StoreName: optional(p.CertificateStoreName), Hash: optional(p.CertificateHash),
	}
	policy, _ := bits.PolicyMask(p.TransferPolicy) // the service's own words
	s.Policy = int32(policy)                       //nolint:gosec // the same 32 bits, signed
	s.SecurityFlags, _ = bits.SecurityMask(p.SecurityFlags)
	s.ACLFlags, _ = bits.ACLMask(p.ACLFlags)
	s.NotifyFlags, _ = bits.NotifyMask(p.NotifyFlags)
	if p.CertificateStoreLocation != nil {
		location := strings.ToUpper(string(*p.CertificateStoreLocation))
		s.StoreLocation = optional(&location)
	}
	for _, h := range p.CustomHeaders {
		s.Headers = append(s.Headers, text(h.Reveal()))
	}
	return s
}

func texts(list []string) []text {
	var out []text
	for _, s := range list {
		out = append(out, text(s))
	}
	return out
}

func optional(s *string) *text {
	if s == nil {
		return nil
	}
	t := text(*s)
	return &t
}
