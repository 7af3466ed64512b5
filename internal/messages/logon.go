// SPDX-License-Identifier: MPL-2.0

package messages

// logonSections are about logging on.
func logonSections() []Section {
	return []Section{
		{
			Title: "Logon Refused",
			Intro: "A refused credential that no host has accepted yet is not used again in the run, because failed logons " +
				"lock the account. `NAME` is the account.",
			Rows: []Row{
				{
					"`the host refused the credential of ... (HTTP 401)`",
					"See [Account](#account).",
				},
				{
					"`the host refused the client certificate (HTTP 401)`",
					"See [Authentication](preparing.md#authentication).",
				},
				{
					"`Basic authentication would send the password in clear text over http`, `a client certificate requires TLS`",
					"Set `https = true`.",
				},
				{
					"`the KDC does not know the account ...`",
					"User name or realm is wrong. The realm is the DNS name of the domain in upper case.",
				},
				{
					"`the KDC refused the password or keytab of ...`",
					"The password is wrong, or is newer than the keytab.",
				},
				{
					"`the account ... is locked`, `the account ... is disabled`, `the account ... has expired`",
					"Run `Unlock-ADAccount NAME`, `Enable-ADAccount NAME` or `Clear-ADAccountExpiration NAME`.",
				},
				{
					"`the KDC does not report which`",
					"Run `Get-ADUser NAME -Properties LockedOut, Enabled, AccountExpirationDate, LogonHours`.",
				},
				{
					"`the password of ... has expired`, `the password of ... must be changed before the account can log on`",
					"Set a new password, or run `Set-ADUser NAME -ChangePasswordAtLogon $false`.",
				},
				{
					"`the account ... may not log on at this time of the day`, `the account ... may not log on from this machine`",
					"Change the logon hours, or run `Set-ADUser NAME -LogonWorkstations $null`.",
				},
				{
					"`a restriction of the account ... refuses the logon`, `a policy of the KDC refuses the logon of ...`",
					"Check Protected Users and authentication policies. Domains that require armored requests (FAST) are not supported.",
				},
				{
					"`the KDC has no AES key for ...`",
					"Set the password of the account again: see [AES](#aes).",
				},
			},
		},
		{
			Title: "Logon Not Possible",
			Intro: "The credential was not refused.",
			Rows: []Row{
				{
					"`the host does not accept ... authentication: it offers ...`",
					"Choose a scheme that the host offers, or [allow this one](preparing.md#authentication).",
				},
				{
					"`the logon failed: ...`, `the host accepted the logon, and then required another one`",
					"See [Proxies and load balancers](#proxies-and-load-balancers).",
				},
				{
					"`the provider did not log on within ...`",
					"Logons to other hosts hang, and each delays the first one by `connect_timeout`.",
				},
				{
					"`Kerberos requires a service name, and an IP address has none`",
					"Use a DNS name as `host`, or set `spn`.",
				},
				{
					"`the Kerberos settings can't be used: ...`",
					"A file can't be read, or user name, realm and `krb5.conf` do not match. Check `username`, `kerberos` and " +
						"`BITS_KERBEROS_...`. The cache of `kinit` must be `FILE:`, `DIR:` or `KCM:`.",
				},
				{
					"`the credential cache ... has no valid ticket`",
					"Run `kinit` again, or use a keytab.",
				},
				{
					"`the KDC knows the realm ... as ...`",
					"Use the realm in the message instead of the NetBIOS name of the domain.",
				},
				{
					"`because its logon header has ... bytes`",
					"The account is in too many groups. Use another one, or raise `MaxFieldLength` and `MaxRequestBytes` of `http.sys`.",
				},
				{
					"`no KDC of realm ... responded`",
					"Set `kerberos.kdc`, fix `krb5.conf` or DNS, or open 88/tcp.",
				},
				{
					"`the clock of ... is ... that of this machine`",
					"Synchronise the clocks of this machine, the domain controller and the host.",
				},
				{
					"`the KDC does not know the service ...`",
					"`host` is an alias or a short name, or the SPN is not registered: see [Service principal names](#service-principal-names).",
				},
				{
					"`the KDC issues no AES ticket for ...`, `and the provider supports only AES`",
					"See [AES](#aes).",
				},
				{
					"`the KDC issues no ticket for ...: ...`, `could not get a ticket for ...: ...`, `could not log on as ...: ...`",
					"The System log of the KDC may have more.",
				},
				{
					"`could not log on to ... as the account that runs Terraform: ...`",
					"Windows has no ticket for the service. See [On a Windows runner](authentication.md#on-a-windows-runner).",
				},
				{
					"`the host refused the ticket for ...`, `the host can't decrypt the ticket for ...`, `the host did not prove its identity`",
					"The SPN belongs to another account (see [Service principal names](#service-principal-names)), the account may not log " +
						"on over the network (event 4625), or the host's password in the domain is out of date: run " +
						"`Test-ComputerSecureChannel -Repair` on it.",
				},
			},
		},
		{
			Title: "Logon Not Allowed",
			Rows: []Row{
				{
					"`WinRM returned the fault ERROR_ACCESS_DENIED (5)`",
					"The account may not open a WinRM shell: see [Account](#account).",
				},
				{
					"`the host returned an empty HTTP 500`",
					"The host does not allow Basic over http. Use https, or `auth = \"negotiate\"`.",
				},
				{
					"`the host returned HTTP 403`",
					"A proxy or a rule of `http.sys` blocks the request.",
				},
			},
		},
	}
}
