// SPDX-License-Identifier: MPL-2.0

package kerberos

import (
	"encoding/binary"
	"errors"

	"github.com/go-krb5/krb5/iana/errorcode"
	"github.com/go-krb5/krb5/messages"
	"github.com/go-krb5/krb5/types"

	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/auth/gssapi"
)

// explanation is why a KDC refuses an account or its credential; %s is the account.
type explanation struct{ problem, remedy string }

// refusals are by the KDC's error code.
var refusals = map[int32]explanation{
	errorcode.KDC_ERR_C_PRINCIPAL_UNKNOWN: {
		"the KDC does not know the account %s",
		"Correct username (sAMAccountName or userPrincipalName) or the realm (kerberos.realm, or username as name@REALM). " +
			"The realm of an Active Directory domain is its DNS name in upper case.",
	},
	errorcode.KDC_ERR_PREAUTH_FAILED: {
		"the KDC refused the password or keytab of %s",
		"Correct password, or create the keytab again: it is invalid once the password of the account changes. The logon is not repeated, because failed logons lock the account.",
	},
	errorcode.KDC_ERR_CLIENT_REVOKED: {
		"the account %s is locked, disabled or expired, or may not log on now; the KDC does not report which",
		"On a domain controller, run Get-ADUser NAME -Properties LockedOut, Enabled, AccountExpirationDate, LogonHours.",
	},
	errorcode.KDC_ERR_KEY_EXPIRED: {"the password of %s has expired", setAnother},
	errorcode.KDC_ERR_NAME_EXP:    {"the account %s has expired", extendAccount},
	errorcode.KDC_ERR_POLICY: {
		"a policy of the KDC refuses the logon of %s",
		"Check the logon hours, workstations, authentication policies and Protected Users that apply to the account. Domains that require armored requests (FAST) are not supported.",
	},
	errorcode.KDC_ERR_ETYPE_NOSUPP: {
		"the KDC has no AES key for %s",
		"The provider does not support RC4. Set the password of the account again: a domain of Windows Server 2008 or later then creates AES keys.",
	},
}

const (
	setAnother    = "Set a new password. For a service account, set PasswordNeverExpires if the policy of the domain allows it."
	extendAccount = "On a domain controller, run Clear-ADAccountExpiration NAME, or set a later date with Set-ADAccountExpiration NAME " +
		"-DateTime DATE."
)

// states are by the status of Windows that a KDC of Active Directory adds to its error code: it answers an account that is
// disabled, expired, locked, or outside its hours with one and the same code. Source: NTSTATUS values, MS-ERREF 2.3.1.
var states = map[uint32]explanation{
	0xC000006E: {"a restriction of the account %s refuses the logon", "Check Protected Users, and the authentication policy and silo of the account."},
	0xC000006F: {
		"the account %s may not log on at this time of the day",
		"Change its logon hours in Active Directory Users and Computers, on the Account tab.",
	},
	0xC0000070: {
		"the account %s may not log on from this machine",
		"Clear its list of workstations: Set-ADUser NAME -LogonWorkstations $null. The list can't contain a machine outside the domain.",
	},
	0xC0000071: {"the password of %s has expired", setAnother},
	0xC0000072: {"the account %s is disabled", "On a domain controller, run Enable-ADAccount NAME."},
	0xC0000193: {"the account %s has expired", extendAccount},
	0xC0000224: {
		"the password of %s must be changed before the account can log on",
		"Set a new password, or run Set-ADUser NAME -ChangePasswordAtLogon $false.",
	},
	0xC0000234: {
		"the account %s is locked",
		"Find out who used a wrong password, then run Unlock-ADAccount NAME on a domain controller.",
	},
}

// refusalOf returns the refusal that an error of a logon is, and the KDC's code.
func refusalOf(err error) (why explanation, code int32, ok bool) {
	var answer messages.KRBError
	var weak *gssapi.WeakError
	switch {
	case errors.As(err, &answer):
		code = answer.ErrorCode
	case errors.Is(err, errWrongKey):
		code = errorcode.KDC_ERR_PREAUTH_FAILED
	case errors.As(err, &weak):
		code = errorcode.KDC_ERR_ETYPE_NOSUPP
	default:
		return why, 0, false
	}
	if why, ok = refusals[code]; !ok {
		return why, code, false
	}
	if state, known := states[status(answer)]; known {
		why = state
	}
	return why, code, true
}

// status returns the status of Windows in a KDC's error, 0 for none: Windows puts a single element into it, and Samba a list
// of them. Source: MS-KILE 2.2.1 (KERB-EXT-ERROR) and 2.2.2 (KERB-ERROR-DATA).
func status(answer messages.KRBError) uint32 {
	const extended, length = 3, 12
	var list types.PADataSequence
	var single types.PAData
	if list.Unmarshal(answer.EData) != nil && single.Unmarshal(answer.EData) == nil {
		list = types.PADataSequence{single}
	}
	for _, data := range list {
		if data.PADataType == extended && len(data.PADataValue) >= length {
			return binary.LittleEndian.Uint32(data.PADataValue)
		}
	}
	return 0
}

// refusesCredential reports whether the KDC refused the account or its credential.
func refusesCredential(err error) bool {
	var on *logonError
	if !errors.As(err, &on) {
		return false
	}
	_, _, refused := refusalOf(on.err)
	return refused
}
