package trouble

import "github.com/winrmbits/terraform-provider-bits/internal/bits"

// oldTLS is about hosts whose WinHTTP offers old versions of TLS. Source: KB3140245, support.microsoft.com.
const oldTLS = "WinHTTP of Windows Server 2012, 2008 R2 and Windows 7 offers TLS 1.2 only with the update KB3140245 and its " +
	"registry value DefaultSecureProtocols."

const machineStore = "LocalSystem trusts what is in the machine's store, Cert:\\LocalMachine\\Root, and not the store of a user."

// ofCertificates are troubles of TLS, certificates and their keys. Sources: WinHTTP's "Error Messages", "Schannel Error Codes for TLS and
// SSL Alerts" and IBackgroundCopyJobHttpOptions::SetSecurityFlags, learn.microsoft.com.
var ofCertificates = []reason{
	{
		title: "The clock or the dates of the certificate are wrong", symptom: atOnce,
		codes: []bits.HResult{0x80072F05, 0x80090328, 0x800B0101, 0x800B0102},
		cures: []cure{
			{condition{}, "Compare the clock of {host} (clock_offset of the data source bits_host) with the dates of the " +
				"server's certificate, and correct the one or renew the other."},
			{lacksFlag("ignore_cert_date_invalid"), "In a test network ignore_cert_date_invalid in security_flags accepts it."},
		},
	},
	{
		title: "The certificate is for another name", symptom: atOnce, codes: []bits.HResult{0x80072F06, 0x800B010F, 0x80090322},
		cures: []cure{
			{onWeb, "Write remote_name with a name that the certificate of {server} has; a proxy that inspects TLS shows a " +
				"certificate of its own."},
			{both(onWeb, lacksFlag("ignore_cert_cn_invalid")), "In a test network ignore_cert_cn_invalid in security_flags accepts it."},
			{onShare, "Use the name under which {server} is in the domain."},
		},
	},
	{
		title: "The authority is not trusted", symptom: atOnce,
		codes: []bits.HResult{0x80072F0D, 0x80090325, 0x80090352, 0x800B0109, 0x800B010A, 0x800B010B, 0x800B0111, 0x800B0112},
		cures: []cure{
			{system, "Install the root of the server's certificate, or of the proxy that inspects TLS, on {host}. " + machineStore},
			{user, "Install the root of the server's certificate, or of the proxy that inspects TLS, on {host} for the job's " +
				"owner or the machine."},
			{lacksFlag("ignore_unknown_ca"), "In a test network ignore_unknown_ca in security_flags accepts it."},
		},
	},
	{
		title: "The certificate was revoked", symptom: atOnce, codes: []bits.HResult{0x80072F8A, 0x80092010, 0x800B010C},
		cures: []cure{{condition{}, "The server needs a new certificate: its issuer declared this one invalid."}},
	},
	{
		title: "The list of revoked certificates is out of reach", symptom: atOnce,
		codes: []bits.HResult{0x80072F19, 0x80092012, 0x80092013, 0x800B010E},
		cures: []cure{
			{hasFlag("enable_crl_check"), "Let {host} reach the address of the list that the certificate names, or remove " +
				"enable_crl_check from security_flags."},
			{lacksFlag("enable_crl_check"), "Let {host} reach the address of the list that the certificate names."},
			{both(system, ownersProxy), systemProxy},
		},
	},
	{
		title: "The server wants a client certificate", symptom: atOnce, codes: []bits.HResult{0x80072F0C},
		cures: []cure{{condition{}, "Set client_certificate to one that the server accepts, in a store that the job's owner " +
			"can read; for LocalSystem that is local_machine."}},
	},
	{
		title: "The key of the client certificate can't be used", symptom: atOnce,
		codes: []bits.HResult{0x80072F99, 0x80072F9A, 0x8009000D, 0x80090010, 0x80090011, 0x80090016, 0x8009030D, 0x80092004},
		cures: []cure{
			{system, "Import the certificate of client_certificate on {host} with its private key into local_machine, and let " +
				"SYSTEM use the key."},
			{user, "Import the certificate of client_certificate on {host} with its private key into a store of the job's owner."},
		},
	},
	{
		title: "No common TLS", symptom: atOnce, only: onWeb,
		codes: []bits.HResult{
			0x80072F7D, 0x80072F8F, 0x80072F89, 0x80072F17, 0x80072F93, 0x80090302, 0x80090304, 0x80090308, 0x8009030F, 0x80090317,
			0x80090326, 0x80090327,
			0x80090330, 0x80090331, 0x80090349, 0x80090367, 0x80090300, 0x800B0105, 0x800B0110, 0x80072EE4,
		},
		cures: []cure{
			{condition{}, "Compare the TLS versions and ciphers of {server} and {host}. " + oldTLS},
			{condition{}, "Windows also reports certificates that it does not trust in this way: check date, name and root of " +
				"what {server} shows to the host."},
			{hasFlag("enable_crl_check"), "enable_crl_check in security_flags also needs the list of revoked certificates to be in reach."},
		},
	},
}
