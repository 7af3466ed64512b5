// SPDX-License-Identifier: MPL-2.0

package wsman_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/winrmbits/terraform-provider-bits/internal/connection"
	"github.com/winrmbits/terraform-provider-bits/internal/judges"
)

// refusal is an account that may not log on, and why.
type refusal struct {
	name     string
	account  string
	change   change // besides the name of the account
	texts    []string
	failures int // logons that count as failed
}

const lockoutThreshold = 3

// refusals makes the accounts.
func (m *matrix) refusals(t *testing.T) []refusal {
	t.Helper()
	d := m.domain
	const long = "130000000000000000" // a time in 2012, in 100 ns since 1601
	d.Modify(t, "", judges.Attributes{"lockoutThreshold": "3"})
	for name, attributes := range map[string]judges.Attributes{
		"wrong": nil, "Wröng": nil, "newer": nil, "locked": nil,
		"disabled": {"userAccountControl": "514"}, // ACCOUNTDISABLE, NORMAL_ACCOUNT. Source: MS-ADTS 2.2.16
		"wrongly":  {"userPrincipalName": "not.known@company.example"},
		"expired":  {"accountExpires": long},
		"must":     {"pwdLastSet": "0"},
		"hours":    {"logonHours": strings.Repeat("\x00", 21)},
	} {
		d.User(t, name, secret, attributes)
	}
	d.User(t, "stale", secret, nil)
	d.Modify(t, "stale", judges.Attributes{"pwdLastSet": long})
	d.User(t, "rc4", secret, nil)
	d.ForgetAES(t, "rc4")
	keytab := filepath.Join(t.TempDir(), "newer.keytab")
	d.Keytab(t, keytab, "newer")
	d.SetPassword(t, "newer", "Pa55 wörd of after")
	return []refusal{
		{"a wrong password", "wrong", with("wrong"), []string{"refused the password or keytab of wrong@CORP.EXAMPLE"}, 1},
		{"a userPrincipalName and a wrong password", "wrongly", both(as("not.known@company.example"), with("wrong")), []string{"refused the"}, 1},
		{"a wrong password for letters beyond ASCII", "Wröng", with("wrong"), []string{"refused the password or keytab of Wröng@"}, 1},
		{"an unknown userPrincipalName", "", as("nobody@company.example"), []string{"does not know the account", "userPrincipalName"}, 0},
		{"a keytab of the password before", "newer", keyed(keytab, "newer"), []string{"refused the password or keytab of newer@CORP.EXAMPLE"}, 1},
		{"an unknown account", "", as("nobody"), []string{"does not know the account nobody@CORP.EXAMPLE"}, 0},
		{"a locked account", "locked", nil, []string{"locked@CORP.EXAMPLE is locked", "LockedOut"}, lockoutThreshold},
		{"a disabled account", "disabled", nil, []string{"disabled@CORP.EXAMPLE is disabled", "Enable-ADAccount"}, 0},
		{"an expired account", "expired", nil, []string{"expired@CORP.EXAMPLE has expired", "ADAccountExpiration"}, 0},
		{"a password that must be changed", "must", nil, []string{"must@CORP.EXAMPLE must be changed", "ChangePasswordAtLogon"}, 0},
		{"an expired password", "stale", nil, []string{"password of stale@CORP.EXAMPLE has expired"}, 0},
		{"an account that has RC4 alone", "rc4", nil, []string{"no AES key for rc4@CORP.EXAMPLE", "Set the password of the account again"}, 0},
		{"other hours", "hours", nil, []string{"hours@CORP.EXAMPLE may not log on at this time", "logon hours"}, 0},
	}
}

func (m *matrix) runRefusals(t *testing.T, refusals []refusal) {
	t.Helper()
	c := m.channel(t, sealed)
	for range lockoutThreshold {
		refuses(t, c, m.settings(c, as("locked"), with("wrong")), connection.Unauthorized, "refused the password")
	}
	for _, tt := range refusals {
		m.run(t, tt.name, func(t *testing.T) {
			s := m.settings(c, as(tt.account), tt.change)
			client := client(c)
			var repeated []bool
			for _, s.Host = range []string{web01, "aes128.corp.example"} {
				_, err := client.Open(t.Context(), s, "powershell.exe", nil)
				repeated = append(repeated, failed(t, err, connection.Unauthorized, tt.texts...).Repeated)
			}
			if repeated[0] || !repeated[1] {
				t.Errorf("it is tried for the second host: %v", repeated)
			}
			if tt.account == "" {
				return
			}
			if n := m.domain.Failures(t, tt.account); n != tt.failures {
				t.Errorf("Samba counts %d failed logons", n)
			}
		})
	}
}
