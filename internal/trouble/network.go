// SPDX-License-Identifier: MPL-2.0

package trouble

import "github.com/winrmbits/terraform-provider-bits/internal/bits"

// systemProxy is how LocalSystem gets a proxy. Source: "Best Practices When Using BITS" and "bitsadmin util and setieproxy",
// learn.microsoft.com.
const systemProxy = "If {host} reaches {server} only through a proxy, set proxy = { usage = \"override\", list = [...] }: " +
	"LocalSystem does not use the proxy settings of users. To set a proxy for all its jobs, run bitsadmin /util /setieproxy " +
	"localsystem MANUAL_PROXY proxy:port NULL; /getieproxy localsystem shows the current one."

// proxyCures are for servers that are not reached.
func proxyCures() []cure {
	return []cure{
		{both(system, ownersProxy, unknownProxy), systemProxy},
		{both(system, ownersProxy, withoutProxy), "LocalSystem has no proxy on {host}. " + systemProxy},
		{both(system, ownersProxy, withProxy), "LocalSystem uses {system_proxy}: check that {host} can reach the proxy and " +
			"that the proxy can reach the server. To bypass it, set proxy = { usage = \"no_proxy\" }."},
		{both(user, ownersProxy), "If {host} reaches {server} only through a proxy, set proxy = { usage = \"override\", " +
			"list = [...] }."},
		{noProxyAtAll, "proxy.usage is no_proxy: if {host} reaches {server} only through a proxy, change it to \"override\" " +
			"with a list."},
		{detectsProxy, "proxy.usage is auto_detect: if the network does not announce its proxy (WPAD), change it to " +
			"\"override\" with a list."},
		{ownProxy, "The job uses {proxies}: check that {host} can reach the proxy and that the proxy can reach the server."},
	}
}

// ofNetworks are ways that do not lead to the server. Sources: "Users and Network Connections", "Group Policies", "BITS Cost States",
// "Best Practices When Using BITS" and WinHTTP's "Error Messages", learn.microsoft.com.
var ofNetworks = []reason{
	{
		title: "The server's name can't be resolved", symptom: connecting, codes: []bits.HResult{0x80072EE7, 0x80072AF9, 0x8024402C},
		only: onWeb, asks: true,
		cures: append([]cure{{condition{}, "On {host}, run Resolve-DnsName {server}."}}, proxyCures()...),
	},
	{
		title: "The server can't be reached", symptom: connecting, only: onWeb, asks: true,
		codes: []bits.HResult{
			0x80072EE2, 0x80072EFD, 0x8020002D, 0x800704C9, 0x800704CF, 0x800704D0, 0x800704D2, 0x800704E8, 0x8007271D, 0x80072741,
			0x80072742, 0x80072743,
			0x8007274C, 0x8007274D, 0x80072750, 0x80072751, 0x80072F83, 0x80072F84, 0x80072F85, 0x80070079, 0x800705B4, 0x80070102,
			0x80200024, 0x80072747,
		},
		cures: append([]cure{
			{condition{}, "On {host}, run Test-NetConnection {server} -Port {port}: firewalls must allow the host, not the " +
				"machine that runs Terraform. The server may also have redirected BITS to a server that can't be reached."},
		}, proxyCures()...),
	},
	{
		title: "The connection breaks", symptom: connecting, only: onWeb, asks: true,
		codes: []bits.HResult{
			0x80072EFE, 0x80072EFF, 0x8020002E, 0x80072744, 0x80072745, 0x80072746, 0x800704CA, 0x800704D4, 0x80070040, 0x80072EF1,
			0x80072F00, 0x800703E3,
			0x8007003B, 0x800704D5,
		},
		cures: append([]cure{
			{https, "A TLS-inspecting proxy, or a server that supports no TLS version of {host}, closes connections like " +
				"this. " + oldTLS},
			{condition{}, "BITS retries by itself, but a firewall or proxy that ends long connections breaks each attempt."},
		}, proxyCures()...),
	},
	{
		title: "Proxy detection failed", symptom: connecting,
		codes: []bits.HResult{0x80072F86, 0x80072F87, 0x80072F90, 0x80072F91, 0x80072F92, 0x80072F94},
		cures: []cure{
			{ownProxy, "The job now has its own proxies: apply again."},
			{noOwnProxy, "Name the proxy with proxy = { usage = \"override\", list = [...] }, or set usage = \"no_proxy\" " +
				"if the host reaches the server without one."},
			{system, "On {host}, bitsadmin /util /getieproxy localsystem shows the script or detection that LocalSystem uses."},
		},
	},
	{
		title: "TLS to the proxy failed", symptom: atOnce, codes: []bits.HResult{0x80072F9B, 0x80072F9C},
		cures: []cure{
			{ownProxy, "Write {proxies} with http:// if the proxy accepts plain connections, or make {host} trust its certificate."},
			{noOwnProxy, "Set proxy = { usage = \"override\", list = [\"http://...\"] } with a proxy that accepts plain connections."},
		},
	},
	{
		title: "The proxy settings are not valid", symptom: atOnce, codes: []bits.HResult{0x8020003F, 0x80200018, 0x80200019},
		cures: []cure{
			{ownProxy, "Correct proxy.list and proxy.bypass_list: write each proxy as scheme, name and port."},
			{both(system, noOwnProxy), "Correct the proxy of LocalSystem on {host}: bitsadmin /util /getieproxy localsystem " +
				"shows it, and /setieproxy localsystem NO_PROXY clears it."},
			{both(user, noOwnProxy), "Correct the proxy settings of the job's owner on {host}."},
		},
	},
	{
		title: "A job setting is not valid", symptom: atOnce, codes: []bits.HResult{0x80070057}, only: ofJob,
		cause: "BITS reports this when the proxy settings of the job's owner contain an invalid name, and when an account " +
			"without a name or password uses a scheme other than NTLM or Negotiate.",
		cures: []cure{
			{both(system, noOwnProxy), "On {host}, check the output of bitsadmin /util /getieproxy localsystem. Correct it, " +
				"or set proxy = { usage = \"no_proxy\" }."},
			{both(user, noOwnProxy), "Correct the proxy settings of the job's owner on {host}, or set proxy = { usage = \"no_proxy\" }."},
			{ownProxy, "Correct the names in proxy.list ({proxies})."},
			{anAccount, "Check username and scheme in credentials."},
			{aProxyAccount, "Check proxy.username and proxy.scheme."},
		},
	},
	{
		title: "The host has no network", symptom: connecting, codes: []bits.HResult{0x80200010, 0x800703EB, 0x800704C6},
		cures: []cure{{condition{}, "Connect {host} to a network with a default gateway: BITS then continues by itself."}},
	},
	{
		title: "A policy limits the bandwidth", symptom: queued, codes: []bits.HResult{0x8020003E}, asks: true,
		cause: "A bandwidth policy holds every job below foreground.",
		cures: []cure{
			{background, "Set priority = \"foreground\", which is exempt from bandwidth policies, or wait until the " +
				"policy's hours end."},
			{foreground, "The job is now in foreground: apply again."},
			{knownPolicies, "{host} has {policies}."},
			{not(knownPolicies, "the policies are not known"), "holding_policies in bits_host shows the policies of {host}."},
		},
	},
	{
		title: "The network is metered", symptom: queued, codes: []bits.HResult{0x80200059},
		cause: "BITS holds jobs while the host is on a metered or roaming network.",
		cures: []cure{
			{someNetworks, "Set transfer_policy = [\"always\"] to use any network, or connect {host} to an unmetered network."},
			{anyNetwork, "transfer_policy allows any network, so a policy of {host} holds the job. Connect the host to an " +
				"unmetered network, or change the policy."},
		},
	},
	{
		title: "The host saves power or resources", symptom: queued,
		codes: []bits.HResult{0x80200065, 0x80200067, 0x80200068, 0x8020006E, 0x8020006F, 0x80200070},
		cures: []cure{
			{both(background, codeIs("the code is 0x80200068", 0x80200068)), "Set priority = \"foreground\", which is " +
				"exempt from battery saver, or connect {host} to power."},
			{codeIs("the code is 0x80200065 or 0x80200067", 0x80200065, 0x80200067), "Connect {host} to power, and keep it awake."},
			{codeIs("the code is 0x8020006F", 0x8020006F), "End Game Mode on {host}."},
			{codeIs("the code is 0x8020006E", 0x8020006E), "Allow the app to run in the background in the settings of {host}."},
			{condition{}, "BITS continues by itself when the cause is gone."},
		},
	},
	{
		title: "The download took too long", symptom: later, codes: []bits.HResult{0x80200054},
		cures: []cure{
			{ownLimit, "Raise maximum_download_time and apply again: a resume restarts the clock."},
			{not(ownLimit, "`maximum_download_time` is not set"), "Set a longer maximum_download_time, unless the policy " +
				"MaxDownloadTime of {host} is shorter (policies in bits_host). A resume restarts the clock."},
			{background, "In foreground the transfer does not wait for idle bandwidth."},
		},
	},
	{
		title: "The URL is not valid", symptom: atOnce, codes: []bits.HResult{0x80072EE5, 0x80072EE6},
		cures: []cure{{condition{}, "Correct remote_name: BITS accepts http, https and paths of shares. A redirect to " +
			"another kind of address causes the same code."}},
	},
}
