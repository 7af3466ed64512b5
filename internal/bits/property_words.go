// SPDX-License-Identifier: MPL-2.0

package bits

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// word is what enums are made of.
type word interface{ ~string }

// findWord finds a word as this project or a BITS cmdlet spells it: NoProxy, NO_PROXY and no_proxy are the same.
func findWord[W word](s string, words []W) (W, bool) {
	bare := strings.ReplaceAll(s, "_", "")
	for _, w := range words {
		if strings.EqualFold(bare, strings.ReplaceAll(string(w), "_", "")) {
			return w, true
		}
	}
	return "", false
}

// ProxyUsage is which proxy a job uses. Source: BG_JOB_PROXY_USAGE, learn.microsoft.com.
type ProxyUsage string

// The uses of proxies.
const (
	ProxySystemDefault ProxyUsage = "system_default" // the settings of the job's owner
	ProxyNone          ProxyUsage = "no_proxy"
	ProxyAutoDetect    ProxyUsage = "auto_detect"
	ProxyOverride      ProxyUsage = "override" // the job's own list
)

// ProxyUsages lists the uses of proxies.
func ProxyUsages() []ProxyUsage {
	return []ProxyUsage{ProxySystemDefault, ProxyNone, ProxyAutoDetect, ProxyOverride}
}

// ParseProxyUsage reads a use of proxies as this project or a BITS cmdlet spells it.
func ParseProxyUsage(s string) (ProxyUsage, error) {
	if w, ok := findWord(s, ProxyUsages()); ok {
		return w, nil
	}
	return "", fmt.Errorf("%q is not a proxy usage of BITS: use system_default, no_proxy, auto_detect or override", s)
}

// AuthScheme is how a credential is shown. Source: BG_AUTH_SCHEME, learn.microsoft.com.
type AuthScheme string

// The schemes.
const (
	AuthBasic     AuthScheme = "basic"
	AuthDigest    AuthScheme = "digest"
	AuthNTLM      AuthScheme = "ntlm"
	AuthNegotiate AuthScheme = "negotiate"
	AuthPassport  AuthScheme = "passport"
)

// AuthSchemes lists the schemes.
func AuthSchemes() []AuthScheme {
	return []AuthScheme{AuthBasic, AuthDigest, AuthNTLM, AuthNegotiate, AuthPassport}
}

// CertificateStoreLocation is where a client certificate is kept. Source: BG_CERT_STORE_LOCATION, learn.microsoft.com.
type CertificateStoreLocation string

// CertificateStoreLocations lists the places of client certificates.
func CertificateStoreLocations() []CertificateStoreLocation {
	return []CertificateStoreLocation{
		"current_user", "local_machine", "current_service", "services", "users", "current_user_group_policy",
		"local_machine_group_policy", "local_machine_enterprise",
	}
}

// bit is a word of a bit field.
type bit[W word] struct {
	word W
	mask uint32
}

func wordsOf[W word](table []bit[W]) []W {
	words := make([]W, 0, len(table))
	for _, b := range table {
		words = append(words, b.word)
	}
	return words
}

// maskOf adds words up. A number is itself: hosts spell bits so that have no word.
func maskOf[W word](table []bit[W], words []W) (uint32, error) {
	var sum uint32
	for _, w := range words {
		if n, err := strconv.ParseUint(string(w), 10, 32); err == nil {
			sum |= uint32(n)
			continue
		}
		i := slices.IndexFunc(table, func(b bit[W]) bool { _, same := findWord(string(w), []W{b.word}); return same })
		if i < 0 {
			return 0, fmt.Errorf("%q is not one of %v", string(w), wordsOf(table))
		}
		sum |= table[i].mask
	}
	return sum, nil
}

// wordsFor spells bits as .NET does: the one word for all of them, or else the largest that fit, in the order of their
// values; what is left over is a number. Source: Enum.ToString, learn.microsoft.com.
func wordsFor[W word](table []bit[W], mask uint32) []W {
	words := []W{}
	for _, b := range slices.SortedFunc(slices.Values(table), func(a, b bit[W]) int { return cmp.Compare(b.mask, a.mask) }) {
		if b.mask != 0 && mask&b.mask == b.mask {
			words = append(words, b.word)
			mask &^= b.mask
		}
	}
	if mask != 0 {
		words = append(words, W(strconv.FormatUint(uint64(mask), 10)))
	}
	slices.Reverse(words)
	return words
}

// CostState is a kind of network, by what its use costs, or a name for several.
type CostState string

// costStates are the bits and the composites. Source: "BITS Cost States", learn.microsoft.com.
var costStates = []bit[CostState]{
	{"none", 0}, {"unrestricted", 0x1}, {"capped", 0x2}, {"below_cap", 0x4}, {"near_cap", 0x8},
	{"over_cap_charged", 0x10}, {"over_cap_throttled", 0x20}, {"usage_based", 0x40}, {"roaming", 0x80},
	{"ignore_congestion", 0x80000000}, {"policy_unrestricted", 0x80000021}, {"standard", 0x80000067},
	{"no_surcharge", 0x8000006F}, {"not_roaming", 0x8000007F}, {"always", 0x800000FF},
}

// CostStates lists the kinds of networks, and then the names for several.
func CostStates() []CostState { return wordsOf(costStates) }

// PolicyMask returns the bits of a transfer policy: two policies are the same when their bits are.
func PolicyMask(policy []CostState) (uint32, error) { return maskOf(costStates, policy) }

// PolicyWords spells bits as hosts do.
func PolicyWords(mask uint32) []CostState { return wordsFor(costStates, mask) }

// SecurityFlag is one thing that a job does at a server's certificate or redirect.
type SecurityFlag string

// securityFlags are the bits. Redirects are followed silently unless a flag says otherwise.
// Source: IBackgroundCopyJobHttpOptions::SetSecurityFlags, learn.microsoft.com.
var securityFlags = []bit[SecurityFlag]{
	{"redirect_policy_allow_silent", 0},
	{"enable_crl_check", 0x1}, {"ignore_cert_cn_invalid", 0x2}, {"ignore_cert_date_invalid", 0x4},
	{"ignore_unknown_ca", 0x8}, {"ignore_cert_wrong_usage", 0x10}, {"redirect_policy_allow_report", 0x100},
	{"redirect_policy_disallow", 0x200}, {"redirect_policy_allow_https_to_http", 0x800},
}

// SecurityFlags lists the flags.
func SecurityFlags() []SecurityFlag { return wordsOf(securityFlags) }

// SecurityMask returns the bits of flags.
func SecurityMask(flags []SecurityFlag) (uint32, error) { return maskOf(securityFlags, flags) }

// SecurityWords spells bits as hosts do.
func SecurityWords(mask uint32) []SecurityFlag { return wordsFor(securityFlags, mask) }

// ACLFlag is a part of a file's security descriptor that comes with it over SMB: owner, group, dacl or sacl.
// Source: IBackgroundCopyJob3::SetFileACLFlags, learn.microsoft.com.
type ACLFlag string

// NotifyFlag is an event at which a job's command is run: transferred, error, disable or modification.
// Source: IBackgroundCopyJob::SetNotifyFlags, learn.microsoft.com.
type NotifyFlag string
