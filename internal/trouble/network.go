package trouble

import "github.com/winrmbits/terraform-provider-bits/internal/bits"

// systemProxy is how LocalSystem gets a proxy. Source: "Best Practices When Using BITS" and "bitsadmin util and setieproxy",
// learn.microsoft.com.
const systemProxy = "If {host} reaches {server} through a proxy only, set proxy = { usage = \"override\", list = [...] }: " +
	"proxy settings of users do not apply to LocalSystem. For all its jobs: bitsadmin /util /setieproxy localsystem " +
	"MANUAL_PROXY proxy:port NULL; /getieproxy localsystem shows what is set."

// proxyCures are for servers that are not reached.
func proxyCures() []cure {
	return []cure{
		{both(system, ownersProxy, unknownProxy), systemProxy},
		{both(system, ownersProxy, withoutProxy), "LocalSystem has no proxy on {host}. " + systemProxy},
		{both(system, ownersProxy, withProxy), "LocalSystem goes through {system_proxy}: check that {host} reaches that proxy, " +
			"and the proxy the server. proxy = { usage = \"no_proxy\" } goes around it."},
		{both(user, ownersProxy), "If {host} reaches {server} through a proxy only, set proxy = { usage = \"override\", list = [...] }."},
		{noProxyAtAll, "proxy.usage is no_proxy: if {host} reaches {server} through a proxy only, set it to \"override\" with a list."},
		{detectsProxy, "proxy.usage is auto_detect: if the network does not announce its proxy (WPAD), set it to \"override\" " +
			"with a list."},
		{ownProxy, "The job goes through {proxies}: check that {host} reaches that proxy, and the proxy the server."},
	}
}

// ofNetworks are ways that do not lead to the server. Sources: "Users and Network Connections", "Group Policies", "BITS Cost States",
// "Best Practices When Using BITS" and WinHTTP's "Error Messages", learn.microsoft.com.
var ofNetworks = []reason{
	{
		title: "The name of the server is not found", symptom: connecting, codes: []bits.HResult{0x80072EE7, 0x80072AF9, 0x8024402C},
		only: onWeb, asks: true,
		cures: append([]cure{{condition{}, "Check on {host}: Resolve-DnsName {server}."}}, proxyCures()...),
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
			{condition{}, "Check on {host}: Test-NetConnection {server} -Port {port}; firewalls have to let the host through, " +
				"not the machine that runs Terraform. The server may also have redirected BITS to another one that can't be reached."},
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
			{https, "A proxy that inspects TLS, or a server that takes no TLS version of {host}, closes connections like this: " + oldTLS},
			{condition{}, "BITS tries again by itself; a firewall or proxy that ends long connections breaks each attempt."},
		}, proxyCures()...),
	},
	{
		title: "The proxy is not found automatically", symptom: connecting,
		codes: []bits.HResult{0x80072F86, 0x80072F87, 0x80072F90, 0x80072F91, 0x80072F92, 0x80072F94},
		cures: []cure{
			{ownProxy, "The job names its own proxies by now: apply again."},
			{noOwnProxy, "Name the proxy with proxy = { usage = \"override\", list = [...] }, or set usage = \"no_proxy\" if " +
				"the server is reached without one."},
			{system, "bitsadmin /util /getieproxy localsystem on {host} shows the script or detection that LocalSystem uses."},
		},
	},
	{
		title: "The proxy's TLS is refused", symptom: atOnce, codes: []bits.HResult{0x80072F9B, 0x80072F9C},
		cures: []cure{
			{ownProxy, "Write {proxies} with http:// if the proxy takes plain connections, or have {host} trust its certificate."},
			{noOwnProxy, "Set proxy = { usage = \"override\", list = [\"http://...\"] } with a proxy that takes plain connections."},
		},
	},
	{
		title: "The proxy settings are not valid", symptom: atOnce, codes: []bits.HResult{0x8020003F, 0x80200018, 0x80200019},
		cures: []cure{
			{ownProxy, "Correct proxy.list and proxy.bypass_list: each proxy is scheme, name and port."},
			{both(system, noOwnProxy), "Correct the proxy of LocalSystem on {host}: bitsadmin /util /getieproxy localsystem " +
				"shows it, and /setieproxy localsystem NO_PROXY clears it."},
			{both(user, noOwnProxy), "Correct the proxy settings of the job's owner on {host}."},
		},
	},
	{
		title: "An argument of a running job is not valid", symptom: atOnce, codes: []bits.HResult{0x80070057}, only: ofJob,
		cause: "BITS reports this for a job whose owner's proxy settings have an invalid name, and for an account without name " +
			"or password with a scheme other than NTLM and Negotiate.",
		cures: []cure{
			{both(system, noOwnProxy), "Look at bitsadmin /util /getieproxy localsystem on {host}, and correct it or set proxy " +
				"= { usage = \"no_proxy\" }."},
			{both(user, noOwnProxy), "Correct the proxy settings of the job's owner on {host}, or set proxy = { usage = \"no_proxy\" }."},
			{ownProxy, "Correct the names in proxy.list ({proxies})."},
			{anAccount, "Check username and scheme in credentials."},
			{aProxyAccount, "Check the user name and scheme of the account for the proxy."},
		},
	},
	{
		title: "The host has no network", symptom: connecting, codes: []bits.HResult{0x80200010, 0x800703EB, 0x800704C6},
		cures: []cure{{condition{}, "Connect {host} to a network with a default gateway: BITS goes on by itself as soon as it sees one."}},
	},
	{
		title: "A policy limits the bandwidth", symptom: queued, codes: []bits.HResult{0x8020003E}, asks: true,
		cause: "Policies on bandwidth hold every job below foreground.",
		cures: []cure{
			{background, "Set priority = \"foreground\", which bandwidth policies do not hold, or wait for the end of the policy's hours."},
			{foreground, "The job is in foreground now: apply again, and BITS moves it."},
			{knownPolicies, "{host} has {policies}."},
			{not(knownPolicies, "the policies are not known"), "holding_policies of the data source bits_host shows the " +
				"policies of {host}."},
		},
	},
	{
		title: "The network costs money", symptom: queued, codes: []bits.HResult{0x80200059},
		cause: "The host is on a metered or roaming network, on which BITS holds jobs.",
		cures: []cure{
			{someNetworks, "Set transfer_policy = [\"always\"] to use any network, or connect {host} to one that is not metered."},
			{anyNetwork, "transfer_policy allows any network, so a policy of {host} holds the job: connect the host to a " +
				"network that is not metered, or change the policy."},
		},
	},
	{
		title: "The host saves power or resources", symptom: queued,
		codes: []bits.HResult{0x80200065, 0x80200067, 0x80200068, 0x8020006E, 0x8020006F, 0x80200070},
		cures: []cure{
			{both(background, codeIs("the code is 0x80200068", 0x80200068)), "Set priority = \"foreground\", which the battery " +
				"saver does not hold, or connect {host} to power."},
			{codeIs("the code is 0x80200065 or 0x80200067", 0x80200065, 0x80200067), "Connect {host} to power, and keep it awake."},
			{codeIs("the code is 0x8020006F", 0x8020006F), "End the game or leave Game Mode on {host}."},
			{codeIs("the code is 0x8020006E", 0x8020006E), "Allow the app to run in the background in the settings of {host}."},
			{condition{}, "BITS goes on by itself when the cause is gone."},
		},
	},
	{
		title: "The time for the transfer is over", symptom: later, codes: []bits.HResult{0x80200054},
		cures: []cure{
			{ownLimit, "Raise maximum_download_time, and apply again: a resume begins the time anew."},
			{not(ownLimit, "`maximum_download_time` is not set"), "Set maximum_download_time to a longer time, unless the " +
				"policy MaxDownloadTime of {host} is shorter (policies of the data source bits_host): a resume begins the time anew."},
			{background, "In foreground the transfer is faster, because it does not wait for idle bandwidth."},
		},
	},
	{
		title: "The address is not valid", symptom: atOnce, codes: []bits.HResult{0x80072EE5, 0x80072EE6},
		cures: []cure{{condition{}, "Correct remote_name: BITS takes http, https and paths of shares. A redirect to another " +
			"kind of address gives the same code."}},
	},
}
