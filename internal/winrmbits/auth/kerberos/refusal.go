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
		"the KDC knows no account %s",
		"Correct username, which is the sAMAccountName or the userPrincipalName, or the realm: name@REALM in username, or realm in the kerberos settings. " +
			"The realm of an Active Directory domain is its DNS name in upper case.",
	},
	errorcode.KDC_ERR_PREAUTH_FAILED: {
		"the KDC refused the password or keytab of %s",
		"Correct password. A keytab is void once the account's password changes: make it again. The logon is not repeated, because wrong ones lock the account.",
	},
	errorcode.KDC_ERR_CLIENT_REVOKED: {
		"the account %s is locked, disabled or expired, or may not log on now, and the KDC does not say which",
		"See which on a domain controller: Get-ADUser NAME -Properties LockedOut, Enabled, AccountExpirationDate, LogonHours.",
	},
	errorcode.KDC_ERR_KEY_EXPIRED: {"the password of %s has expired", setAnother},
	errorcode.KDC_ERR_NAME_EXP:    {"the account %s has expired", extendAccount},
	errorcode.KDC_ERR_POLICY: {
		"a policy of the KDC refuses the logon of %s",
		"Look for logon hours, workstations, authentication policies and Protected Users that the account is subject to. A domain that demands armored requests (FAST) can't be used.",
	},
	errorcode.KDC_ERR_ETYPE_NOSUPP: {
		"the KDC has no AES key of %s",
		"RC4 is not used. An account gets AES keys when its password is set in a domain of Windows Server 2008 or later: set it again.",
	},
}

const (
	setAnother    = "Set a new one, and PasswordNeverExpires where the policy of the domain allows it for service accounts."
	extendAccount = "Extend it: Set-ADAccountExpiration or Clear-ADAccountExpiration on a domain controller."
)

// states are by the status of Windows that a KDC of Active Directory adds to its error code: it answers an account that is
// disabled, expired, locked, or outside its hours with one and the same code. Source: NTSTATUS values, MS-ERREF 2.3.1.
var states = map[uint32]explanation{
	0xC000006E: {"a restriction of the account %s refuses the logon", "Look for Protected Users, and for the authentication policy and silo of the account."},
	0xC000006F: {
		"the account %s may not log on at this time of the day",
		"Change its logon hours: in Active Directory Users and Computers, on the page Account of the account.",
	},
	0xC0000070: {
		"the account %s may not log on from this machine",
		"Empty its list of workstations: Set-ADUser NAME -LogonWorkstations $null. A machine outside the domain can't be on it.",
	},
	0xC0000071: {"the password of %s has expired", setAnother},
	0xC0000072: {"the account %s is disabled", "Enable it: Enable-ADAccount NAME on a domain controller."},
	0xC0000193: {"the account %s has expired", extendAccount},
	0xC0000224: {
		"the password of %s must be changed before the account can log on",
		"Set a new one, or take the demand back: Set-ADUser NAME -ChangePasswordAtLogon $false.",
	},
	0xC0000234: {
		"the account %s is locked",
		"Unlock-ADAccount NAME on a domain controller, once it is known who used wrong passwords.",
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
