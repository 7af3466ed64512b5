// SPDX-License-Identifier: MPL-2.0

package kerberos

import (
	"fmt"
	"strings"
	"testing"

	"github.com/go-krb5/krb5/iana/errorcode"

	"github.com/winrmbits/terraform-provider-bits/internal/connection"
)

// TestTheStateOfAnAccountIsNamed has what Active Directory answers: one code for many states, and the state beside it.
func TestTheStateOfAnAccountIsNamed(t *testing.T) {
	d := newDomain()
	for i, tt := range []struct {
		name   string
		code   int32
		status uint32
		texts  []string
	}{
		{"disabled", errorcode.KDC_ERR_CLIENT_REVOKED, 0xC0000072, []string{"the account %s is disabled", "Enable-ADAccount"}},
		{"expired", errorcode.KDC_ERR_CLIENT_REVOKED, 0xC0000193, []string{"the account %s has expired", "Clear-ADAccountExpiration NAME"}},
		{"locked", errorcode.KDC_ERR_CLIENT_REVOKED, 0xC0000234, []string{"the account %s is locked:", "Unlock-ADAccount"}},
		{"outside its hours", errorcode.KDC_ERR_CLIENT_REVOKED, 0xC000006F, []string{"the account %s may not log on at this time", "logon hours"}},
		{"of other workstations", errorcode.KDC_ERR_POLICY, 0xC0000070, []string{"the account %s may not log on from this machine", "LogonWorkstations"}},
		{"restricted", errorcode.KDC_ERR_POLICY, 0xC000006E, []string{"a restriction of the account %s", "Protected Users"}},
		{"with an old password", errorcode.KDC_ERR_KEY_EXPIRED, 0xC0000071, []string{"the password of %s has expired", "Set a new password"}},
		{"with a password to change", errorcode.KDC_ERR_KEY_EXPIRED, 0xC0000224, []string{"the password of %s must be changed", "ChangePasswordAtLogon"}},
		{"that nothing is said of", errorcode.KDC_ERR_CLIENT_REVOKED, 0, []string{"the account %s is locked, disabled or expired", "does not report which", "Get-ADUser"}},
		{"in a state that is not known", errorcode.KDC_ERR_CLIENT_REVOKED, 0xC0000001, []string{"locked, disabled or expired"}},
	} {
		for _, bare := range []bool{false, true} {
			name := fmt.Sprintf("account%d-%t", i, bare)
			d.accounts[name] = &simulatedAccount{name: name, code: tt.code, status: tt.status, bare: bare}
			t.Run(fmt.Sprintf("%s, bare %t", tt.name, bare), func(t *testing.T) {
				failed := failureOf(t, d.tickets(), d.settings(func(s *connection.Settings) { s.Username = name }))
				if failed.Kind != connection.Unauthorized {
					t.Errorf("it is %s", failed.Kind)
				}
				for _, text := range tt.texts {
					if got := failed.Problem + "\n" + failed.Remedy; !strings.Contains(got, strings.ReplaceAll(text, "%s", name+"@CORP.EXAMPLE")) {
						t.Errorf("%q is not in: %s", text, got)
					}
				}
			})
		}
	}
}
