package messages

// logonSections are about logging on.
func logonSections() []Section {
	return []Section{
		{
			Title: "Logon Refused",
			Intro: "Once a credential was refused before any host accepted it, it is used nowhere else in the run: wrong " +
				"passwords lock accounts.",
			Rows: []Row{
				{
					"`the host refused the credential of ... (HTTP 401).`",
					"User name or password is wrong, or the account is unknown, locked, disabled or expired: Windows answers all " +
						"of these alike.",
					"The reason is in the Security log of the host: event 4625, *Sub Status* (C000006A wrong password, C0000064 " +
						"unknown, C0000234 locked, C0000072 disabled, C0000071 password expired, C000035B channel binding). For a " +
						"local account that is no built-in Administrator see `LocalAccountTokenFilterPolicy` in [Preparing a Windows " +
						"host](preparing.md).",
				},
				{
					"`the host refused the client certificate (HTTP 401).`",
					"No account is mapped to it, its issuer is not trusted there, or certificates are not allowed.",
					"`winrm enumerate winrm/config/service/certmapping`; `winrm set winrm/config/service/auth " +
						"@{Certificate=\"true\"}`.",
				},
				{
					"`Basic authentication would send the password in clear text over http. Nothing was sent.`",
					"Basic over http.",
					"`https = true`.",
				},
				{
					"`a client certificate is presented in the TLS handshake, and http has none. Nothing was sent.`",
					"A certificate over http.",
					"`https = true`.",
				},
				{
					"`the KDC knows no account ...`",
					"Kerberos: the name or the realm is wrong.",
					"`username = \"svc-bits@CORP.EXAMPLE\"`: the realm is the domain's DNS name in upper case.",
				},
				{
					"`the KDC refused the password or keytab of ...`",
					"The password is wrong, or the keytab is older than the password.",
					"Correct it; make the keytab again.",
				},
				{
					"`the account ... is locked or disabled`",
					"",
					"`Unlock-ADAccount` or `Enable-ADAccount`, once it is known who used wrong passwords.",
				},
				{
					"`the password of ... has expired`, `the account ... has expired`",
					"",
					"Set a new password; `Set-ADAccountExpiration`.",
				},
				{
					"`a policy of the KDC refuses the logon of ...`",
					"Logon hours, allowed workstations, an authentication policy, Protected Users.",
					"Change the policy, or use another account.",
				},
				{
					"`the KDC has no AES key of ...`",
					"The account's password is older than the domain's AES. RC4 is not used.",
					"Set the password again.",
				},
				{
					"`the credential cache ... holds no ticket that is still valid: ...`",
					"`kinit` was run too long ago.",
					"Run it again, or use a keytab.",
				},
			},
		},
		{
			Title: "Logon Not Possible",
			Intro: "Nothing is wrong with the credential, as far as anybody could tell.",
			Rows: []Row{
				{
					"`the host does not take this logon: it offers ..., not ...`",
					"The scheme of `auth` is switched off there.",
					"`winrm get winrm/config/service/auth`; allow it, or choose another `auth`.",
				},
				{
					"`the logon failed: ...`",
					"What the host answered is no answer to what was sent.",
					"Check that no proxy answers in place of the host.",
				},
				{
					"`the host accepted the logon and asked for it again at the next request of the same connection (HTTP 401).`",
					"A proxy or load balancer spreads requests over several connections.",
					"Reach the host without it.",
				},
				{
					"`the host has not accepted the logon after ... requests.`",
					"As before.",
					"As before.",
				},
				{
					"`the host was not asked within ...: no host has accepted the credential yet, and until one does it is shown " +
						"to one at a time, because wrong ones lock accounts.`",
					"Other hosts take connections and do not answer: each holds the first logon up for `connect_timeout`.",
					"Their errors name them. Lower `connect_timeout`, or raise `operation_timeout`.",
				},
				{
					"`Kerberos needs the name of the host's service, and none is registered for an IP address.`",
					"",
					"Set `spn`, or dial the host by its name.",
				},
				{
					"`Kerberos cannot be used with these settings: ...`",
					"A file can't be read, or user name, realm and `krb5.conf` do not fit.",
					"Look at `username` and at `kerberos`, or the variables `BITS_KERBEROS_...`.",
				},
				{
					"`no KDC of realm ... answered: ...`",
					"Kerberos: no domain controller was found, or port 88 is closed.",
					"Set `kerberos.kdc`, or name the KDCs in the `krb5.conf`, or fix DNS; open 88/tcp.",
				},
				{
					"`...'s clock is ... ahead of (behind) the one here, and Kerberos allows ...`",
					"The clocks differ.",
					"Let both take the time from the same source: w32tm /query /status on Windows, timedatectl or chronyc " +
						"tracking here. A container has the clock of its machine.",
				},
				{
					"`the KDC knows no service ...`",
					"The host is dialled by an alias or a short name, or the SPN is not registered.",
					"Use the host's full DNS name; `setspn -Q HTTP/web01.corp.example`; `spn = \"WSMAN/web01.corp.example\"` where " +
						"`HTTP/` belongs to a web application.",
				},
				{
					"`the KDC issues no AES ticket for ...: its account has RC4 keys alone, or AES is not allowed for it.`, `the " +
						"ticket for ... is of ..., and only AES is used.`, `the host wants to protect messages with ..., and only " +
						"AES is used.`",
					"RC4 is not used.",
					"Allow AES for the host's account (`msDS-SupportedEncryptionTypes`), and let it set its password again.",
				},
				{
					"`the KDC issues no ticket for ...: ...`, `no ticket for ...: ...`, `no logon as ...: ...`",
					"The KDC's answer stands behind.",
					"The System log of the domain controller may say more.",
				},
				{
					"`the host did not take the ticket for ... (HTTP 401), and reports no reason.`",
					"The account may not log on over the network there, or the SPN belongs to another account.",
					"Event 4625 in the host's Security log; `setspn -Q`.",
				},
				{
					"`the host can't read the ticket for ...: ...`, `the host refused the ticket for ...: ...`",
					"The SPN belongs to another account than the one WinRM runs as, or the host's password in the domain is out " +
						"of step.",
					"`setspn -Q`; `Test-ComputerSecureChannel -Repair` on the host.",
				},
			},
		},
		{
			Title: "Logon Not Allowed",
			Rows: []Row{
				{
					"`WinRM answered with a fault ERROR_ACCESS_DENIED (5)`",
					"The account is known, and may not open a shell.",
					"See *Least rights* in [Preparing a Windows host](preparing.md).",
				},
				{
					"`the host answered HTTP 500 and nothing else, as WinRM does to messages in clear text, which it refuses " +
						"unless AllowUnencrypted is set`",
					"Basic over http (`allow_unencrypted`), which the host does not take.",
					"`auth = \"negotiate\"`, which seals every message, or https.",
				},
				{
					"`the host answered HTTP 403.`",
					"A proxy, or a rule of `http.sys`: WinRM itself does not answer so.",
					"Find what answers; go around it.",
				},
			},
		},
	}
}
