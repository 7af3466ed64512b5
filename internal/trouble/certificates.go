// SPDX-License-Identifier: MPL-2.0

package trouble

import "github.com/winrmbits/terraform-provider-bits/internal/bits"

// oldTLS is about hosts whose WinHTTP offers old versions of TLS. Source: KB3140245, support.microsoft.com.
const oldTLS = "On Windows Server 2012, 2008 R2 and Windows 7, WinHTTP offers TLS 1.2 only with update KB3140245 and its " +
	"registry value DefaultSecureProtocols."

const machineStore = "LocalSystem trusts the machine store, Cert:\\LocalMachine\\Root, and no user's store."

// ofCertificates are troubles of TLS, certificates and their keys. Sources: WinHTTP's "Error Messages", "Schannel Error Codes for TLS and
// SSL Alerts" and IBackgroundCopyJobHttpOptions::SetSecurityFlags, learn.microsoft.com.
var ofCertificates = []reason{
	{
		title: "The clock or the dates of the certificate are wrong", symptom: atOnce,
		codes: []bits.HResult{0x80072F05, 0x80090328, 0x800B0101, 0x800B0102},
		cures: []cure{
			{condition{}, "Compare the clock of {host} (clock_offset in bits_host) with the dates of the server's " +
				"certificate. Correct the clock or renew the certificate."},
			{lacksFlag("ignore_cert_date_invalid"), "On a test network, ignore_cert_date_invalid in security_flags accepts " +
				"the certificate."},
		},
	},
	{
		title: "The certificate is for another name", symptom: atOnce, codes: []bits.HResult{0x80072F06, 0x800B010F, 0x80090322},
		cures: []cure{
			{onWeb, "Use a name in remote_name that the certificate of {server} contains. A TLS-inspecting proxy presents " +
				"its own certificate."},
			{both(onWeb, lacksFlag("ignore_cert_cn_invalid")), "On a test network, ignore_cert_cn_invalid in security_flags " +
				"accepts the certificate."},
			{onShare, "Use the name that {server} has in the domain."},
		},
	},
	{
		title: "The authority is not trusted", symptom: atOnce,
		codes: []bits.HResult{0x80072F0D, 0x80090325, 0x80090352, 0x800B0109, 0x800B010A, 0x800B010B, 0x800B0111, 0x800B0112},
		cures: []cure{
			{system, "Install the root certificate of the server, or of the TLS-inspecting proxy, on {host}. " + machineStore},
			{user, "Install the root certificate of the server, or of the TLS-inspecting proxy, on {host}, for the job's " +
				"owner or for the machine."},
			{lacksFlag("ignore_unknown_ca"), "On a test network, ignore_unknown_ca in security_flags accepts the certificate."},
		},
	},
	{
		title: "The certificate was revoked", symptom: atOnce, codes: []bits.HResult{0x80072F8A, 0x80092010, 0x800B010C},
		cures: []cure{{condition{}, "Replace the server's certificate: its issuer revoked it."}},
	},
	{
		title: "The revocation list can't be reached", symptom: atOnce,
		codes: []bits.HResult{0x80072F19, 0x80092012, 0x80092013, 0x800B010E},
		cures: []cure{
			{hasFlag("enable_crl_check"), "Give {host} access to the revocation list that the certificate names, or remove " +
				"enable_crl_check from security_flags."},
			{lacksFlag("enable_crl_check"), "Give {host} access to the revocation list that the certificate names."},
			{both(system, ownersProxy), systemProxy},
		},
	},
	{
		title: "The server requires a client certificate", symptom: atOnce, codes: []bits.HResult{0x80072F0C},
		cures: []cure{{condition{}, "Set client_certificate to a certificate that the server accepts, in a store that the " +
			"job's owner can read (local_machine for LocalSystem)."}},
	},
	{
		title: "The key of the client certificate can't be used", symptom: atOnce,
		codes: []bits.HResult{0x80072F99, 0x80072F9A, 0x8009000D, 0x80090010, 0x80090011, 0x80090016, 0x8009030D, 0x80092004},
		cures: []cure{
			{system, "On {host}, import the client certificate with its private key into local_machine, and give SYSTEM " +
				"access to the key."},
			{user, "On {host}, import the client certificate with its private key into a store of the job's owner."},
		},
	},
	{
		title: "No common TLS version or cipher", symptom: atOnce, only: onWeb,
		codes: []bits.HResult{
			0x80072F7D, 0x80072F8F, 0x80072F89, 0x80072F17, 0x80072F93, 0x80090302, 0x80090304, 0x80090308, 0x8009030F, 0x80090317,
			0x80090326, 0x80090327,
			0x80090330, 0x80090331, 0x80090349, 0x80090367, 0x80090300, 0x800B0105, 0x800B0110, 0x80072EE4,
		},
		cures: []cure{
			{condition{}, "Compare the TLS versions and ciphers of {server} and {host}. " + oldTLS},
			{condition{}, "Windows also reports untrusted certificates this way: check the date, name and root of the " +
				"certificate that {server} presents to the host."},
			{hasFlag("enable_crl_check"), "With enable_crl_check in security_flags, the host must also reach the revocation list."},
		},
	},
}
