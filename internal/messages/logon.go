// SPDX-License-Identifier: MPL-2.0

package messages

// logonSections are about logging on.
func logonSections() []Section {
	return []Section{
		{
			Title: "Logon Refused",
			Intro: "If a credential is refused before a host has accepted it, it is not used again in the run, because repeated wrong " +
				"passwords lock the account.",
			Rows: []Row{
				{
					"`the host refused the credential of ... (HTTP 401).`",
					"User name or password is wrong, or the account is unknown, locked, disabled or expired. Windows does not say " +
						"which.",
					"The reason is in the Security log of the host: event 4625, *Sub Status* (C000006A wrong password, C0000064 " +
						"unknown, C0000234 locked, C0000072 disabled, C0000071 password expired, C000035B channel binding). For a " +
						"local account other than the built-in Administrator, see `LocalAccountTokenFilterPolicy` in [Preparing a Windows " +
						"host](preparing.md).",
				},
				{
					"`the host refused the client certificate (HTTP 401).`",
					"No account is mapped to the certificate, its issuer is not trusted on the host, or certificates are not allowed.",
					"Run `winrm enumerate winrm/config/service/certmapping` and `winrm set winrm/config/service/auth " +
						"@{Certificate=\"true\"}`.",
				},
				{
					"`Basic authentication would send the password in clear text over http. Nothing was sent.`",
					"Basic needs TLS.",
					"Set `https = true`.",
				},
				{
					"`a client certificate is presented in the TLS handshake, and http has none. Nothing was sent.`",
					"A client certificate needs TLS.",
					"Set `https = true`.",
				},
				{
					"`the KDC knows no account ...`",
					"The name or the realm is wrong.",
					"Set `username` to the `sAMAccountName` or the `userPrincipalName`. The realm is the domain's DNS name in upper case.",
				},
				{
					"`the KDC refused the password or keytab of ...`",
					"The password is wrong, or the keytab is older than the password.",
					"Correct the password, or create the keytab again.",
				},
				{
					"`the account ... is locked: ...`, `the account ... is disabled: ...`",
					"",
					"Find out who used wrong passwords, then run `Unlock-ADAccount`. For a disabled account run `Enable-ADAccount`.",
				},
				{
					"`the account ... is locked, disabled or expired, or may not log on now, and the KDC does not say which: ...`",
					"Not every domain controller reports which.",
					"Run `Get-ADUser NAME -Properties LockedOut, Enabled, AccountExpirationDate, LogonHours`.",
				},
				{
					"`the account ... has expired: ...`",
					"",
					"Run `Set-ADAccountExpiration` or `Clear-ADAccountExpiration`.",
				},
				{
					"`the password of ... has expired: ...`, `the password of ... must be changed before the account can log on: ...`",
					"",
					"Set a new password, or run `Set-ADUser NAME -ChangePasswordAtLogon $false`.",
				},
				{
					"`the account ... may not log on at this time of the day: ...`",
					"The account has logon hours.",
					"Change them in *Active Directory Users and Computers*.",
				},
				{
					"`the account ... may not log on from this machine: ...`",
					"The account has a list of workstations.",
					"Run `Set-ADUser NAME -LogonWorkstations $null`.",
				},
				{
					"`a restriction of the account ... refuses the logon: ...`, `a policy of the KDC refuses the logon of ...: ...`",
					"An authentication policy, Protected Users, or a domain that demands armored requests (FAST).",
					"Change the policy, or use another account.",
				},
				{
					"`the KDC has no AES key of ...`",
					"The password of the account was set before the domain supported AES. RC4 is not used.",
					"Set the password again.",
				},
			},
		},
		{
			Title: "Logon Not Possible",
			Intro: "The credential was not refused.",
			Rows: []Row{
				{
					"`the host does not take this logon: it offers ..., not ...`",
					"The host does not allow the scheme of `auth`.",
					"Allow it (`winrm get winrm/config/service/auth` shows the schemes), or choose another `auth`.",
				},
				{
					"`the logon failed: ...`",
					"The reply of the host does not match the request.",
					"Check that no proxy replies instead of the host.",
				},
				{
					"`the host accepted the logon and asked for it again at the next request of the same connection (HTTP 401).`",
					"A proxy or load balancer spreads requests over several connections.",
					"Connect to the host without it.",
				},
				{
					"`the host has not accepted the logon after ... requests.`",
					"A proxy or load balancer spreads requests over several connections.",
					"Connect to the host without it.",
				},
				{
					"`the host was not asked within ...: no host has accepted the credential yet, and until one does it is shown " +
						"to one at a time, because wrong ones lock accounts.`",
					"Other hosts begin the logon but do not reply to its last step. Each of them delays the first logon by `connect_timeout`.",
					"Fix these hosts, lower `connect_timeout`, or raise `operation_timeout`.",
				},
				{
					"`Kerberos needs the name of the host's service, and none is registered for an IP address.`",
					"",
					"Set `spn`, or use the name of the host.",
				},
				{
					"`Kerberos cannot be used with these settings: ...`",
					"A file can't be read, or user name, realm and `krb5.conf` do not match.",
					"Check `username` and `kerberos`, or the variables `BITS_KERBEROS_...`.",
				},
				{
					"`Kerberos cannot be used with these settings: there is neither a password nor a keytab, and no credential cache: ...`",
					"The cache of `kinit` does not exist, has the ticket of another account, or is of a kind that is not read.",
					"Set `password` or `kerberos.keytab`, or run `kinit -c FILE:/path`, and set `kerberos.ccache` or `KRB5CCNAME`.",
				},
				{
					"`the credential cache ... holds no ticket that is still valid: ...`",
					"`kinit` was run too long ago.",
					"Run it again, or use a keytab.",
				},
				{
					"`the KDC knows the realm ... by another name: ...`",
					"The realm that is set is the NetBIOS name of the domain.",
					"Set the realm that the message names.",
				},
				{
					"`the host could not read the request (HTTP ...), whose header holds a logon of ... bytes.`",
					"The account is a member of many groups, and its ticket holds all of them.",
					"Use an account of fewer groups, or raise `MaxFieldLength` and `MaxRequestBytes` of `http.sys` on the host.",
				},
				{
					"`no KDC of realm ... answered: ...`",
					"No domain controller was found, or port 88 is closed.",
					"Set `kerberos.kdc`, add the KDCs to the `krb5.conf`, fix DNS, or open 88/tcp.",
				},
				{
					"`...'s clock is ... ahead of the one here, and Kerberos allows ...`, `...'s clock is ... behind the one here, and Kerberos allows ...`",
					"The clocks differ.",
					"Synchronise both with the same source: check `w32tm /query /status` on Windows, and `timedatectl` or " +
						"`chronyc tracking` here. A container uses the clock of its machine.",
				},
				{
					"`the KDC knows no service ...`",
					"`host` is an alias or a short name, or the SPN is not registered.",
					"Use the full DNS name of the host, and check `setspn -Q HTTP/web01.corp.example`. If `HTTP/` belongs to a web " +
						"application, set `spn = \"WSMAN/web01.corp.example\"`.",
				},
				{
					"`the KDC issues no AES ticket for ...: its account has RC4 keys alone, or AES is not allowed for it.`, `the " +
						"ticket for ... is of ..., and only AES is used.`, `the host wants to protect messages with ..., and only " +
						"AES is used.`",
					"RC4 is not used.",
					"Allow AES for the host's account (`msDS-SupportedEncryptionTypes`), and reset its password.",
				},
				{
					"`the KDC issues no ticket for ...: ...`, `no ticket for ...: ...`, `no logon as ...: ...`",
					"The message contains the reply of the KDC.",
					"Check the System log of the domain controller.",
				},
				{
					"`no logon as the account that runs Terraform, to ...: ...`",
					"Windows only, without user name and password: Windows has no ticket for the host's service. The message has the code of " +
						"SSPI.",
					"Run Terraform as an account of the hosts' domain, use the full DNS names of hosts, or set `username` and " +
						"`password`. See [On a Windows runner](authentication.md#on-a-windows-runner).",
				},
				{
					"`the host did not take the ticket for ... (HTTP 401), and reports no reason.`",
					"The account may not log on to the host over the network, or the SPN belongs to another account.",
					"Check event 4625 in the host's Security log, and `setspn -Q`.",
				},
				{
					"`the host can't read the ticket for ...: ...`, `the host refused the ticket for ...: ...`",
					"The SPN belongs to another account than the one WinRM runs as, or the host's password in the domain is " +
						"out of date.",
					"Check `setspn -Q`, and run `Test-ComputerSecureChannel -Repair` on the host.",
				},
			},
		},
		{
			Title: "Logon Not Allowed",
			Rows: []Row{
				{
					"`WinRM answered with a fault ERROR_ACCESS_DENIED (5)`",
					"The account may not open a WinRM shell.",
					"See [Account](preparing.md#account).",
				},
				{
					"`the host answered HTTP 500 and nothing else, as WinRM does to messages in clear text, which it refuses " +
						"unless AllowUnencrypted is set`",
					"Basic over http (`allow_unencrypted`) is not allowed on the host.",
					"Use `auth = \"negotiate\"`, which encrypts every message, or https.",
				},
				{
					"`the host answered HTTP 403.`",
					"A proxy or a rule of `http.sys` replied; WinRM does not.",
					"Find out what replies, and connect without it.",
				},
			},
		},
	}
}
