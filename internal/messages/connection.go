// SPDX-License-Identifier: MPL-2.0

package messages

// connectionSections are about reaching a host.
func connectionSections() []Section {
	return []Section{
		{
			Title: "Host Unreachable",
			Rows: []Row{
				{
					"`nothing listens on port ...`",
					"See [Listener and firewall](#listener-and-firewall).",
				},
				{
					"`could not connect within ...`, `could not connect: ...`, `the host did not reply: ...`",
					"The host is down, or a firewall drops the packets.",
				},
				{
					"`this machine has no route to the host: ...`",
					"Check the address, and the network of this machine.",
				},
				{
					"`this machine blocked the connection: ...`",
					"Check the firewall, sandbox and antivirus of this machine.",
				},
				{
					"`the connection was reset: ...`, `the connection was reset before the host responded`",
					"A firewall, a proxy or the listener closed the connection.",
				},
				{
					"`the name ... could not be resolved`",
					"Check the spelling and DNS, or set `address` in an entry of `hosts`.",
				},
				{
					"`the WinRM service is not running, or accepts no more requests`",
					"`http.sys` replied for WinRM, which is stopped, starting or overloaded.",
				},
				{
					"`a device in front of the host returned HTTP 503`",
					"The host is down, or the load balancer does not know it.",
				},
				{
					"`the proxy ... could not be reached`, `the TLS handshake with the proxy ... failed`, `the proxy closed the " +
						"connection`, `the proxy did not respond to CONNECT`, `the scheme of the proxy is \"...\"`, `proxy_url is not a " +
						"URL`, `HTTPS_PROXY is not a URL`",
					"The proxy is down, or is not an HTTP proxy. Check `proxy_url`, `HTTPS_PROXY` or " +
						"`NO_PROXY`. For an `https://` proxy, `ca_file` must contain its authority.",
				},
				{
					"`the proxy did not connect to the host (HTTP ...)`",
					"407: add user name and password to `proxy_url`. 403: allow `CONNECT` to port 5986 or 5985. 502, 503, 504: the proxy " +
						"can't reach the host.",
				},
			},
		},
		{
			Title: "Host Certificate Not Trusted",
			Rows: []Row{
				{
					"`the host's certificate was issued by an authority that this machine does not trust`",
					"Set `ca_file`, `ca_cert` or `tls_fingerprint`.",
				},
				{
					"`the host's certificate is not valid for the name ...`",
					"`host` is an alias or an address. Use a name in the certificate, or set `tls_server_name`.",
				},
				{
					"`the certificate of ... expired at ...`, `the certificate of ... is not valid before ...`",
					"Correct the clock of this machine, or renew the certificate.",
				},
				{
					"`the host's certificate is not valid: ...`",
					"Issue one with the purpose *Server Authentication*.",
				},
				{
					"`the host's certificate does not match tls_fingerprint`",
					"The host has a new certificate, or the connection is being intercepted.",
				},
				{
					"`the TLS handshake failed: ...`",
					"No common TLS version or cipher, or the host does not trust the issuer of `client_cert`.",
				},
			},
		},
		{
			Title: "Response Not Trusted",
			Rows: []Row{
				{
					"`the response (HTTP ...) can't be trusted: ...`",
					"Over http, messages are encrypted and signed; this one was not, or was changed. Use https.",
				},
			},
		},
		{
			Title: "Host Not Responding",
			Rows: []Row{
				{
					"`the host accepted the connection but did not respond within ...`",
					"WinRM hangs, or another service uses the port. The limit is `connect_timeout`.",
				},
				{
					"`the host did not respond within ...`",
					"One call took longer than `operation_timeout`.",
				},
			},
		},
		{
			Title: "Session Limit Reached",
			Rows: []Row{
				{
					"`all sessions (max_sessions = ...) were in use for ...`",
					"Terraform works on more than `max_sessions` hosts at once.",
				},
			},
		},
		{
			Title: "WinRM Service Not Found",
			Intro: "After three retries the provider asks the service to identify itself (WS-Management Identify). If that returned WinRM, " +
				"host and port are correct.",
			Rows: []Row{
				{
					"`the host does not use TLS on this port`, `the host closed the connection without a response`, `the response is " +
						"not HTTP`, `the host rejected the request as malformed`",
					"`port` and `https` do not match (5986 is https, 5985 http), or another service uses the port.",
				},
				{
					"`Over http, WinRM returns this for a message that was encrypted for another connection`, `the host requires a Content-Length`",
					"See [Proxies and load balancers](#proxies-and-load-balancers).",
				},
				{
					"`the server on this port has no /wsman`, `the host returned HTTP ... instead of a WinRM message`, `the " +
						"response (HTTP ..., ...) is not a WinRM message`, `the service returned a shell without an ID`, `the service " +
						"returned a command without an ID`, `the response is larger than ... bytes`",
					"Another service or a proxy responded: check host and port.",
				},
			},
		},
		{
			Title: "WinRM Quota Exceeded",
			Rows: []Row{
				{
					"`the request is too large for the host`",
					"`MaxEnvelopeSizekb` is below 150: see [Quotas](#quotas).",
				},
				{
					"`WinRM returned the fault ERROR_WSMAN_QUOTA_...`",
					"See [Quotas](#quotas).",
				},
			},
		},
		{
			Title: "Connection Lost",
			Rows: []Row{
				{
					"`the connection broke before the host responded`, `a device in front of the host responded instead of it`, `the " +
						"response (HTTP ...) was truncated or changed in transit`",
					"See [Proxies and load balancers](#proxies-and-load-balancers).",
				},
				{
					"`the session broke and could not be reopened within ...`",
					"The host restarted, or the network broke. Apply again when the host is back.",
				},
				{
					"`the session and every new one broke before the host responded`",
					"A restart loop or a security product ends them: see the event log *Microsoft-Windows-WinRM/Operational*.",
				},
			},
		},
		{
			Title:  "Other connection problems",
			Titles: true,
			Rows: []Row{
				{
					"`Host Skipped` (warning)",
					"See [Hosts that are down](pipeline.md#hosts-that-are-down).",
				},
				{
					"`Connection Failed`",
					"See its text.",
				},
			},
		},
	}
}
