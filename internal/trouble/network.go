// SPDX-License-Identifier: MPL-2.0

package trouble

import "github.com/winrmbits/terraform-provider-bits/internal/bits"

// ownOrSystem is how a job of LocalSystem gets a proxy. Source: "Best Practices When Using BITS" and "bitsadmin util and setieproxy",
// learn.microsoft.com.
const ownOrSystem = "set `proxy = { usage = \"override\", list = [...] }`, or run `bitsadmin /util /setieproxy localsystem MANUAL_PROXY " +
	"proxy:port NULL` for all its jobs."

// proxyCures are for servers that are not reached.
func proxyCures() []cure {
	return []cure{
		{implied(both(system, ownersProxy, unknownProxy)), "LocalSystem ignores users' proxy settings: if {host} needs a proxy, " + ownOrSystem},
		{leftOut(both(system, ownersProxy, withoutProxy)), "LocalSystem has no proxy on {host}: if it needs one, " + ownOrSystem},
		{implied(both(system, ownersProxy, withProxy)), "LocalSystem uses {system_proxy}: check that {host} reaches it and it reaches the " +
			"server, or bypass it with `proxy = { usage = \"no_proxy\" }`."},
		{leftOut(both(user, ownersProxy)), "If {host} needs a proxy, set `proxy = { usage = \"override\", list = [...] }`."},
		{leftOut(noProxyAtAll), "`proxy.usage` is `no_proxy`: if {host} needs a proxy, change it to `override` with a `list`."},
		{implied(detectsProxy), "`proxy.usage` is `auto_detect`: if the network does not announce its proxy (WPAD), change it to `override` " +
			"with a `list`."},
		{leftOut(ownProxy), "The job uses {proxies}: check that {host} reaches the proxy and the proxy reaches the server."},
	}
}

// bitsGoesOn is what BITS does with a job that waits, or that it retries.
var bitsGoesOn = cure{implied(goesOn), "BITS then continues by itself."}

// ofNetworks are ways that do not lead to the server. Sources: "Users and Network Connections", "Best Practices When Using BITS" and
// WinHTTP's "Error Messages", learn.microsoft.com.
var ofNetworks = []reason{
	{
		title: "The server's name can't be resolved", symptom: connecting, codes: []bits.HResult{0x80072EE7, 0x80072AF9, 0x8024402C},
		only: implied(onWeb), asks: true,
		cures: append([]cure{
			{condition{}, "Run `Resolve-DnsName {server}` on {host}."},
		}, proxyCures()...),
	},
	{
		title: "The server can't be reached", symptom: connecting, only: implied(onWeb), asks: true,
		codes: []bits.HResult{
			0x80072EE2, 0x80072EFD, 0x8020002D, 0x800704C9, 0x800704CF, 0x800704D0, 0x800704D2, 0x800704E8, 0x8007271D, 0x80072741,
			0x80072742, 0x80072743,
			0x8007274C, 0x8007274D, 0x80072750, 0x80072751, 0x80072F83, 0x80072F84, 0x80072F85, 0x80070079, 0x800705B4, 0x80070102,
			0x80200024, 0x80072747,
		},
		states: []bits.State{bits.StateConnecting}, holds: onWeb,
		cause: "{host} can't reach {server}, gets no reply in time, or is redirected to an unreachable server.",
		cures: append([]cure{
			{condition{}, "Run `Resolve-DnsName {server}` and `Test-NetConnection {server} -Port {port}` on {host}, which firewalls must allow."},
		}, proxyCures()...),
	},
	{
		title: "The connection breaks", symptom: connecting, only: implied(onWeb), asks: true,
		codes: []bits.HResult{
			0x80072EFE, 0x80072EFF, 0x8020002E, 0x80072744, 0x80072745, 0x80072746, 0x800704CA, 0x800704D4, 0x80070040, 0x80072EF1,
			0x80072F00, 0x800703E3,
			0x8007003B, 0x800704D5,
		},
		cures: append([]cure{
			{condition{}, "Look for a firewall or proxy that ends long connections."},
			{implied(https), "A TLS-inspecting proxy, or a server without a common TLS version, also closes connections."},
		}, proxyCures()...),
	},
	{
		title: "Proxy detection failed", symptom: connecting,
		codes: []bits.HResult{0x80072F86, 0x80072F87, 0x80072F90, 0x80072F91, 0x80072F92, 0x80072F94},
		cures: []cure{
			{leftOut(detectsNone), "The job no longer detects a proxy: apply again."},
			{implied(mayDetect), "Name the proxy with `proxy = { usage = \"override\", list = [...] }`, or set `usage = " +
				"\"no_proxy\"` if the host needs none."},
			{implied(both(system, ownersProxy)), "On {host}, `bitsadmin /util /getieproxy localsystem` shows the proxy of LocalSystem."},
		},
	},
	{
		title: "TLS to the proxy failed", symptom: connecting, codes: []bits.HResult{0x80072F9B, 0x80072F9C},
		cures: []cure{
			{leftOut(ownProxy), "Make {host} trust the certificate of {proxies}. Where an entry of `proxy.list` begins with `https://`, BITS uses TLS " +
				"to the proxy: write `http://` if the proxy accepts plain connections."},
			{implied(noOwnProxy), "Make {host} trust the certificate of the proxy, or set `proxy = { usage = \"override\", list = " +
				"[\"http://...\"] }` with one that accepts plain connections."},
		},
	},
	{
		title: "The proxy settings are not valid", symptom: connecting, codes: []bits.HResult{0x8020003F, 0x80200018, 0x80200019},
		cures: []cure{
			{ownProxy, "Correct `proxy.list` and `proxy.bypass_list`: write each proxy as scheme, name and port."},
			{both(implied(noOwnProxy), system), "On {host}, `bitsadmin /util /getieproxy localsystem` shows the proxy, and `/setieproxy " +
				"localsystem NO_PROXY` clears it."},
			{leftOut(both(user, noOwnProxy)), "Correct the proxy settings of the job's owner on {host}."},
		},
	},
	{
		title: "A job setting is not valid", symptom: connecting, codes: []bits.HResult{0x80070057}, only: implied(ofJob),
		cause: "A proxy name is not valid, or an account without a name or password has a scheme other than NTLM or Negotiate.",
		cures: []cure{
			{implied(both(system, ownersProxy)), "On {host}, correct the proxy that `bitsadmin /util /getieproxy localsystem` shows, or set " +
				"`proxy = { usage = \"no_proxy\" }`."},
			{leftOut(both(user, ownersProxy)), "Correct the proxy settings of the job's owner on {host}, or set `proxy = { usage = " +
				"\"no_proxy\" }`."},
			{leftOut(ownProxy), "Correct the names in `proxy.list` ({proxies})."},
			{implied(someAccount), "Check each `username` and `scheme` in `credentials` and `proxy`."},
			{leftOut(nothingSet), lookFurther},
		},
	},
	{
		title: "The host has no network", symptom: connecting, codes: []bits.HResult{0x80200010, 0x800703EB, 0x800704C6},
		cures: []cure{{condition{}, "Connect {host} to a network with a default gateway."}, bitsGoesOn},
	},
	{
		title: "The URL is not valid", symptom: rejected, codes: []bits.HResult{0x80072EE5, 0x80072EE6},
		cures: []cure{{condition{}, "Correct `remote_name`: BITS accepts http and https URLs and paths of shares, also after a redirect."}},
	},
}
