package messages

// connectionSections are about reaching a host.
func connectionSections() []Section {
	return []Section{
		{
			Title: "Host Unreachable",
			Rows: []Row{
				{
					"`nothing listens on port ...`",
					"WinRM has no listener on this port. On 5986 that is how Windows comes.",
					"Make the https listener (see [Preparing a Windows host](preparing.md)), or set `https = false`: over http, " +
						"port 5985, every message is sealed.",
				},
				{
					"`no connection could be made within ...`",
					"The host is down, or a firewall drops what is sent.",
					"Check the route and the firewalls; `connect_timeout` sets how long to try.",
				},
				{
					"`no connection could be made: ...`",
					"The operating system refuses to connect, such as *no route to host*.",
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
					"The name server of the machine that runs Terraform does not know it.",
					"Check the spelling and the name server; an entry of `hosts` can give an `address`.",
				},
				{
					"`the WinRM service does not run behind its port, or takes no more requests (HTTP 503)`",
					"`http.sys` listens, WinRM is stopped, or still starting.",
					"`Start-Service WinRM`; after a boot wait two minutes.",
				},
				{
					"`the proxy ... could not be reached: ...`",
					"The proxy is down, or its address is wrong.",
					"Correct `proxy_url`, or `HTTPS_PROXY` and `NO_PROXY` in the environment of Terraform.",
				},
				{
					"`the TLS handshake with the proxy ... failed: ...`",
					"The proxy of an `https://` URL does not speak TLS, or its certificate is not trusted by this machine.",
					"Use `http://`, or install the authority of the proxy.",
				},
				{
					"`the proxy closed the connection: ...`, `the proxy did not answer CONNECT: ...`",
					"What answers is no HTTP proxy.",
					"Correct the port of the proxy.",
				},
				{
					"`something between this machine and the host answered HTTP 503, as a proxy or load balancer does for a host " +
						"that it does not reach.`",
					"The host is down, or the load balancer does not know it.",
					"Look at the host, and at what the load balancer says about it.",
				},
				{
					"`the proxy did not connect to the host (HTTP ...)`",
					"407: it wants a credential. 403: it does not let this port through. 502, 503, 504: it can't reach the host.",
					"Put user name and password into `proxy_url`; have the proxy allow `CONNECT` to 5986 or 5985.",
				},
				{
					"`the scheme of the proxy is \"...\", and only http and https are supported.`",
					"A SOCKS proxy is configured.",
					"Use an HTTP proxy, or list the host in `NO_PROXY`.",
				},
				{
					"`proxy_url is not a URL`, `HTTPS_PROXY is not a URL`",
					"The value can't be read.",
					"`http://proxy.corp.example:3128`.",
				},
			},
		},
		{
			Title: "Host Certificate Not Trusted",
			Intro: "The message also says for which names the certificate is, who issued it, and for which time.",
			Rows: []Row{
				{
					"`the host's certificate was issued by an authority that this machine does not trust.`",
					"A private authority, or a self-signed certificate.",
					"`ca_file` or `ca_cert` with the authority's certificate (a self-signed one is its own authority), or " +
						"`tls_fingerprint`.",
				},
				{
					"`the host's certificate is not for the name ...`",
					"The host is dialled by another name, or by address.",
					"Dial the name that the certificate has, or set `tls_server_name`.",
				},
				{
					"`the certificate of ... expired at ...`",
					"The host's certificate, or one of its authorities', is over; or the clock of this machine is wrong.",
					"Check the clock, which the message tells; else give the listener a new certificate.",
				},
				{
					"`the certificate of ... is not valid before ...`",
					"As before: mostly the clock, in a container or a virtual machine that slept.",
					"As before.",
				},
				{
					"`the host's certificate is not valid: ...`",
					"The certificate is not one for servers, or breaks a rule of its authority.",
					"Issue one with the purpose *Server Authentication*.",
				},
				{
					"`the host's certificate is not the one of tls_fingerprint: expected ..., found ...`",
					"The host has a new certificate, or the connection is intercepted.",
					"Compare what was found with the host's own (see `tls_fingerprint`), then set it.",
				},
				{
					"`the TLS handshake failed: ...`",
					"The two ends have no version of TLS or no cipher in common, or the host does not accept the client " +
						"certificate.",
					"The host must offer TLS 1.2 (1.3 with `tls_min_version = \"1.3\"`); it must trust the issuer of `client_cert`.",
				},
			},
		},
		{
			Title: "Answer Not Protected",
			Rows: []Row{
				{
					"`the answer (HTTP ...) can't be trusted: ...`",
					"Over http each message is sealed. This one was not, or does not fit its seal.",
					"It may have been changed on the way: use https, or a network that is not tampered with.",
				},
			},
		},
		{
			Title: "Host Does Not Answer",
			Rows: []Row{
				{
					"`the host accepted the connection and did not answer within ...`",
					"WinRM hangs, or something else listens there.",
					"Look at the host's load; `connect_timeout` sets how long to wait.",
				},
				{
					"`the host did not answer within ...`",
					"One call took longer than `operation_timeout`.",
					"Look at the host's load; raise it.",
				},
			},
		},
		{
			Title: "Session Limit Reached",
			Rows: []Row{
				{
					"`the sessions that may be open at once, ..., were all in use for ...`",
					"`max_sessions` is below what Terraform does at once.",
					"Raise it, lower `-parallelism`, or raise `operation_timeout`.",
				},
			},
		},
		{
			Title: "No WinRM Service",
			Intro: "The provider tries three times more before it says so, unless nothing listens there. A sentence on the " +
				"host's own identity may follow: `It answers WS-Management's Identify as ...`, `It answers WS-Management's " +
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
					"The port is one of http, or of another service.",
					"5986 is https, 5985 is http: correct `port` or `https`.",
				},
				{
					"`the host closed the connection without an answer.`, `the host's answer is not HTTP.`",
					"As before; or a security product cuts the connection.",
					"As before.",
				},
				{
					"`a server answers there, but it has no /wsman (HTTP 404).`",
					"A web server.",
					"Correct the port.",
				},
				{
					"`the host could not read the request (HTTP 400).`",
					"http was spoken to an https port. `Over http that is what WinRM answers to a sealed message that it can't " +
						"open, because it was sealed for another connection.`",
					"Correct `https`; take the load balancer out of the way.",
				},
				{
					"`the host wants to know the length of a request, which this client always sends (HTTP 411).`",
					"A gateway makes chunks of requests.",
					"Reach the host without it.",
				},
				{
					"`the host answered HTTP ... instead of a message of WinRM.`, `the answer (HTTP ..., ...) is not a message " +
						"of WinRM.`",
					"A proxy or another service.",
					"Check host and port.",
				},
			},
		},
		{
			Title: "WinRM Quota Exceeded",
			Intro: "The provider asks again for half a minute before it reports this. If the quota is that of shells and the " +
				"host has shells of the provider, which earlier runs may have left, it waits for 200 s: the host ends an " +
				"unused shell after 180 s. Shells of runs that were killed on the same machine are deleted at once. The wait " +
				"does not count in `connect_timeout` and `operation_timeout`.",
			Rows: []Row{
				{
					"`the host does not accept a request of this size (HTTP 413).`",
					"`MaxEnvelopeSizekb` is below 150.",
					"`winrm set winrm/config @{MaxEnvelopeSizekb=\"500\"}`.",
				},
				{
					"`WinRM answered with a fault ERROR_WSMAN_QUOTA_...`",
					"A quota is used up.",
					"The table of faults below names it, the command that shows it, and the one that raises it.",
				},
			},
		},
		{
			Title: "Connection Lost",
			Intro: "`Host Not Asked Again` is a warning of `on_unreachable = \"warn\"`: the host was down when it was asked " +
				"before in the same run, and the first warning has the full message. See [Hosts that are " +
				"down](pipeline.md#hosts-that-are-down).\n\n`Connection Failed` is what has no class of its own: its text " +
				"tells all there is.",
			Rows: []Row{
				{
					"`the connection broke before the host answered.`, `something between this machine and the host answered in " +
						"its place (HTTP ...)`, `the answer (HTTP ...) was cut off or changed on its way from the host.`",
					"WinRM is there, and a proxy, load balancer or firewall on the way ended each connection or answered for it.",
					"See what the proxy says about the host; reach the host without it.",
				},
				{
					"`the session broke, and could not be opened again within ...`",
					"The host or its WinRM restarted, or the network broke.",
					"The last failure stands behind; apply again when the host is back.",
				},
				{
					"`the session broke, and so did those that were opened again, before anything was answered: ...`",
					"Something ends each session: a restart loop, a security product.",
					"The event log *Microsoft-Windows-WinRM/Operational* of the host.",
				},
			},
		},
	}
}
