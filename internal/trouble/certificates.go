// SPDX-License-Identifier: MPL-2.0

package trouble

import "github.com/winrmbits/terraform-provider-bits/internal/bits"

// offersTLS is what hosts offer by default. Sources: KB5017811, support.microsoft.com; "Protocols in TLS/SSL (Schannel SSP)",
// learn.microsoft.com.
const offersTLS = "updated hosts offer TLS 1.2 by default, not 1.0 and 1.1, and 1.3 since Windows Server 2022 and Windows 11"

// onTestNetwork is what a security flag does that a job lacks.
func onTestNetwork(flag bits.SecurityFlag, where condition) cure {
	text := "On a test network, `" + string(flag) + "` in `security_flags` accepts the certificate."
	return cure{implied(both(where, lacksFlag(flag))), text}
}

// ofCertificates are troubles of TLS, certificates and their keys. Sources: WinHTTP's "Error Messages", "Schannel Error Codes for TLS and
// SSL Alerts" and IBackgroundCopyJobHttpOptions::SetSecurityFlags, learn.microsoft.com.
var ofCertificates = []reason{
	{
		title: "The clock or the dates of the certificate are wrong", symptom: untrusted,
		codes: []bits.HResult{0x80072F05, 0x80090328, 0x800B0101, 0x800B0102},
		cures: []cure{
			{condition{}, "Correct the clock of {host} (`clock_offset` in `bits_host`), or renew the server's certificate."},
			onTestNetwork("ignore_cert_date_invalid", condition{}),
		},
	},
	{
		title: "The certificate is for another name", symptom: untrusted, codes: []bits.HResult{0x80072F06, 0x800B010F, 0x80090322},
		cures: []cure{
			{implied(onWeb), "Use a name in `remote_name` that the certificate of {server} contains; a TLS-inspecting proxy presents its own " +
				"certificate."},
			onTestNetwork("ignore_cert_cn_invalid", onWeb),
			{onShare, "Use the name that {server} has in the domain."},
		},
	},
	{
		title: "The authority is not trusted", symptom: untrusted,
		codes: []bits.HResult{0x80072F0D, 0x80090325, 0x80090352, 0x800B0109, 0x800B010A, 0x800B010B, 0x800B0111, 0x800B0112},
		cures: []cure{
			{implied(system), "Install the root certificate of the server or TLS-inspecting proxy in `Cert:\\LocalMachine\\Root` on {host}."},
			{leftOut(user), "Install the root certificate of the server or TLS-inspecting proxy on {host}, for the job's owner or the machine."},
			onTestNetwork("ignore_unknown_ca", condition{}),
		},
	},
	{
		title: "The certificate was revoked", symptom: untrusted, codes: []bits.HResult{0x80072F8A, 0x80092010, 0x800B010C},
		cures: []cure{{condition{}, "Replace the server's certificate: its issuer revoked it."}},
	},
	{
		title: "The revocation list can't be reached", symptom: untrusted, asks: true,
		codes: []bits.HResult{0x80072F19, 0x80092012, 0x80092013, 0x800B010E},
		cures: append([]cure{
			{implied(hasFlag("enable_crl_check")), "Give {host} access to the revocation list that the certificate names, or remove " +
				"`enable_crl_check` from `security_flags`."},
			{leftOut(lacksFlag("enable_crl_check")), "Give {host} access to the revocation list that the certificate names."},
		}, proxyCures()...),
	},
	{
		title: "The server requires a client certificate", symptom: untrusted, codes: []bits.HResult{0x80072F0C},
		cures: []cure{{condition{}, "Set `client_certificate` to a certificate that the server accepts, in a store that the job's owner " +
			"can read (`local_machine` for LocalSystem)."}},
	},
	{
		title: "The key of the client certificate can't be used", symptom: untrusted,
		codes: []bits.HResult{0x80072F99, 0x80072F9A, 0x8009000D, 0x80090010, 0x80090011, 0x80090016, 0x8009030D, 0x80092004},
		cures: []cure{
			{implied(system), "On {host}, import the certificate with its private key into `local_machine`, and give SYSTEM access to the key."},
			{user, "On {host}, import the certificate with its private key into a store of the job's owner."},
		},
	},
	{
		title: "No common TLS version or cipher", symptom: untrusted, only: implied(onWeb),
		codes: []bits.HResult{
			0x80072F7D, 0x80072F8F, 0x80072F89, 0x80072F17, 0x80072F93, 0x80090302, 0x80090304, 0x80090308, 0x8009030F, 0x80090317,
			0x80090326, 0x80090327,
			0x80090330, 0x80090331, 0x80090349, 0x80090367, 0x80090300, 0x800B0105, 0x800B0110, 0x80072EE4,
		},
		cures: []cure{
			{condition{}, "Compare the TLS versions and ciphers of {server} and {host}: " + offersTLS + "."},
			{condition{}, "Windows also reports untrusted certificates this way: check date, name and root of the certificate."},
			{implied(hasFlag("enable_crl_check")), "With `enable_crl_check`, the host must also reach the revocation list."},
		},
	},
}
