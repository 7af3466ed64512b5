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
					"WinRM has no listener on this port. Windows has no https listener on 5986 by default.",
					"Create the https listener (see [Preparing a Windows host](preparing.md)), or set `https = false`, which " +
						"encrypts messages over http on port 5985.",
				},
				{
					"`no connection could be made within ...`",
					"The host is down, or a firewall drops the packets.",
					"Check the route and the firewalls. `connect_timeout` is the time limit.",
				},
				{
					"`no connection could be made: ...`",
					"The operating system could not connect.",
					"Check the address and the route.",
				},
				{
					"`this machine has no route to the host: ...`",
					"The network of the machine that runs Terraform does not reach the host.",
					"Check the address, the route and the VPN.",
				},
				{
					"`the host did not reply to the attempt to connect: ...`",
					"The host is down, or a firewall drops the packets.",
					"Check that the host is up, and the firewalls on the way.",
				},
				{
					"`this machine does not allow the connection: ...`",
					"A firewall or security product on the machine that runs Terraform blocks the connection.",
					"Allow connections to the port.",
				},
				{
					"`the connection was reset: ...`, `the connection was reset before the host answered.`",
					"A firewall or proxy on the way, or the host's listener, closed the connection.",
					"Check the firewalls and proxies on the way.",
				},
				{
					"`the name ... could not be resolved: ...`",
					"The DNS server of the machine that runs Terraform does not know the name.",
					"Check the spelling and DNS, or set `address` in an entry of `hosts`.",
				},
				{
					"`the WinRM service does not run behind its port, or takes no more requests (HTTP 503)`",
					"WinRM is stopped or still starting; `http.sys` replies for it.",
					"Run `Start-Service WinRM`. After a boot, wait two minutes.",
				},
				{
					"`the proxy ... could not be reached: ...`",
					"The proxy is down, or its address is wrong.",
					"Correct `proxy_url`, or `HTTPS_PROXY` and `NO_PROXY` in the environment of Terraform.",
				},
				{
					"`the TLS handshake with the proxy ... failed: ...`",
					"The proxy of an `https://` URL does not speak TLS, or its certificate is not trusted by this machine.",
					"Use `http://`, or trust the authority of its certificate.",
				},
				{
					"`the proxy closed the connection: ...`, `the proxy did not answer CONNECT: ...`",
					"The service at this address is not an HTTP proxy.",
					"Correct the port of the proxy.",
				},
				{
					"`something between this machine and the host answered HTTP 503, as a proxy or load balancer does for a host " +
						"that it does not reach.`",
					"The host is down, or the load balancer does not know it.",
					"Check the host, and its state in the load balancer.",
				},
				{
					"`the proxy did not connect to the host (HTTP ...)`",
					"407: the proxy requires a credential. 403: it does not allow this port. 502, 503, 504: it can't reach the host.",
					"Add user name and password to `proxy_url`, or allow `CONNECT` to 5986 or 5985 on the proxy.",
				},
				{
					"`the scheme of the proxy is \"...\", and only http and https are supported.`",
					"A SOCKS proxy is configured.",
					"Use an HTTP proxy, or list the host in `NO_PROXY`.",
				},
				{
					"`proxy_url is not a URL`, `HTTPS_PROXY is not a URL`",
					"The value is invalid.",
					"Use a URL such as `http://proxy.corp.example:3128`.",
				},
			},
		},
		{
			Title: "Host Certificate Not Trusted",
			Intro: "The message also has the names, the issuer and the dates of the certificate.",
			Rows: []Row{
				{
					"`the host's certificate was issued by an authority that this machine does not trust.`",
					"The certificate is from a private authority, or self-signed.",
					"Set `ca_file` or `ca_cert` to the authority's certificate, which is the certificate itself if it is self-signed, " +
						"or set `tls_fingerprint`.",
				},
				{
					"`the host's certificate is not for the name ...`",
					"`host` is another name, or an address.",
					"Use the name in the certificate, or set `tls_server_name`.",
				},
				{
					"`the certificate of ... expired at ...`",
					"The certificate of the host or of an authority has expired, or the clock of this machine is wrong.",
					"Check the clock, which the message shows, or renew the certificate of the listener.",
				},
				{
					"`the certificate of ... is not valid before ...`",
					"Usually the clock is wrong, in a container or a virtual machine that was suspended.",
					"Correct the clock.",
				},
				{
					"`the host's certificate is not valid: ...`",
					"The certificate is not a server certificate, or violates a constraint of its authority.",
					"Issue one with the purpose *Server Authentication*.",
				},
				{
					"`the host's certificate is not the one of tls_fingerprint: expected ..., found ...`",
					"The host has a new certificate, or the connection is intercepted.",
					"Compare it with the certificate on the host (see `tls_fingerprint`), then update `tls_fingerprint`.",
				},
				{
					"`the TLS handshake failed: ...`",
					"There is no common TLS version or cipher, or the host does not accept the client certificate.",
					"The host must offer TLS 1.2 (1.3 with `tls_min_version = \"1.3\"`); it must trust the issuer of `client_cert`.",
				},
			},
		},
		{
			Title: "Answer Not Protected",
			Rows: []Row{
				{
					"`the answer (HTTP ...) can't be trusted: ...`",
					"Over http every message is encrypted. This one was not, or its signature does not match.",
					"It may have been changed on the way: use https, or a network that you trust.",
				},
			},
		},
		{
			Title: "Host Does Not Answer",
			Rows: []Row{
				{
					"`the host accepted the connection and did not answer within ...`",
					"WinRM hangs, or another service listens on the port.",
					"Check the load of the host. `connect_timeout` is the time limit.",
				},
				{
					"`the host did not answer within ...`",
					"One call took longer than `operation_timeout`.",
					"Check the load of the host, or raise `operation_timeout`.",
				},
			},
		},
		{
			Title: "Session Limit Reached",
			Rows: []Row{
				{
					"`the sessions that may be open at once, ..., were all in use for ...`",
					"`max_sessions` is lower than the number of hosts that Terraform works on at once.",
					"Raise it, lower `-parallelism`, or raise `operation_timeout`.",
				},
			},
		},
		{
			Title: "No WinRM Service",
			Intro: "The provider retries three times before it reports this, unless no service listens on the port. The result of " +
				"WS-Management's Identify may follow: `It answers WS-Management's Identify as ...`, `It answers WS-Management's " +
				"Identify as WinRM` (then the port is right), or `It does not answer WS-Management's Identify either`.",
			Rows: []Row{
				{
					"`the host could not read the request (HTTP ...), whose header holds a logon of ... bytes.`",
					"The Kerberos ticket is larger than the host accepts, because the account is in many groups.",
					"Raise `MaxFieldLength` and `MaxRequestBytes` of `http.sys` on the host, or use an account in fewer groups.",
				},
				{
					"`the answer is larger than ... bytes.`, `the service created a shell without an id.`, `the service started a command without an id.`",
					"The service behind the port is not WinRM, or something on the way changes its answers.",
					"Check host and port, and the proxies on the way.",
				},
				{
					"`the host does not speak TLS on this port.`",
					"The port belongs to an http listener, or to another service.",
					"5986 is https, 5985 is http: correct `port` or `https`.",
				},
				{
					"`the host closed the connection without an answer.`, `the host's answer is not HTTP.`",
					"The port belongs to another service, or a security product closes the connection.",
					"Correct `port` or `https`, or check the security product.",
				},
				{
					"`a server answers there, but it has no /wsman (HTTP 404).`",
					"The service is a web server, not WinRM.",
					"Correct the port.",
				},
				{
					"`the host could not read the request (HTTP 400).`",
					"The port is an https port, and the request was http. `Over http that is what WinRM answers to a sealed message that it can't " +
						"open, because it was sealed for another connection.`",
					"Correct `https`, or connect without the load balancer.",
				},
				{
					"`the host wants to know the length of a request, which this client always sends (HTTP 411).`",
					"A gateway changes the encoding of requests.",
					"Connect to the host without it.",
				},
				{
					"`the host answered HTTP ... instead of a message of WinRM.`, `the answer (HTTP ..., ...) is not a message " +
						"of WinRM.`",
					"A proxy or another service replied.",
					"Check host and port.",
				},
			},
		},
		{
			Title: "WinRM Quota Exceeded",
			Intro: "The provider retries for half a minute before it reports this. It waits for 200 s if the quota is the number of " +
				"shells and the host has shells of earlier runs, because the host ends an unused shell after three minutes. Shells of runs that were killed on the same machine are deleted at once. The wait " +
				"does not count in `connect_timeout` and `operation_timeout`.",
			Rows: []Row{
				{
					"`the host does not accept a request of this size (HTTP 413).`",
					"`MaxEnvelopeSizekb` is below 150.",
					"Run `winrm set winrm/config @{MaxEnvelopeSizekb=\"500\"}`.",
				},
				{
					"`WinRM answered with a fault ERROR_WSMAN_QUOTA_...`",
					"A quota is exceeded.",
					"The [table of faults](#faults-of-winrm) has the quota and the commands that show and raise it.",
				},
			},
		},
		{
			Title: "Connection Lost",
			Intro: "`Host Not Asked Again` is a warning of `on_unreachable = \"warn\"`: the host was down when it was asked " +
				"before in the same run, and the first warning has the full message. See [Hosts that are " +
				"down](pipeline.md#hosts-that-are-down).\n\n`Connection Failed` is any other failure: see its text.",
			Rows: []Row{
				{
					"`the connection broke before the host answered.`, `something between this machine and the host answered in " +
						"its place (HTTP ...)`, `the answer (HTTP ...) was cut off or changed on its way from the host.`",
					"WinRM is running, but a proxy, load balancer or firewall on the way closed each connection or replied instead of it.",
					"Check the state of the host in the proxy, or connect without it.",
				},
				{
					"`the session broke, and could not be opened again within ...`",
					"The host or its WinRM restarted, or the network broke.",
					"The message contains the last failure. Apply again when the host is back.",
				},
				{
					"`the session broke, and so did those that were opened again, before anything was answered: ...`",
					"Something ends every session, such as a restart loop or a security product.",
					"Check the event log *Microsoft-Windows-WinRM/Operational* of the host.",
				},
			},
		},
	}
}
