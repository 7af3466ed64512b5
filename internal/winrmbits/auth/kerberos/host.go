// SPDX-License-Identifier: MPL-2.0

package kerberos

import (
	"errors"
	"fmt"

	"github.com/go-krb5/krb5/iana/errorcode"

	"github.com/winrmbits/terraform-provider-bits/internal/connection"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/auth/gssapi"
)

// Refused makes the operator's error of a host that did not take its ticket, or did not prove itself with it. The
// reason is the one in its answer, nil without one. The credential is not to blame: the KDC has accepted it.
func (t *Tickets) Refused(s connection.Settings, reason error) error {
	e := &connection.Error{
		Kind: connection.NoLogon, Host: s.Address(), Err: reason,
		Problem: fmt.Sprintf("the host did not take the ticket for %s (HTTP 401), and reports no reason.", s.SPN()),
		Remedy: "The account's logon over the network may be refused there (event 4625 in the host's Security log), or the name may belong to another " +
			"host or account (setspn -Q " + s.SPN() + ").",
	}
	if s.HTTPS {
		e.Remedy += " With CbtHardeningLevel Strict it also refuses a logon through a proxy that ends TLS."
	}
	var answer *gssapi.HostError
	var weak *gssapi.WeakError
	switch {
	case errors.As(reason, &answer):
		t.explainHost(e, s, answer)
	case errors.As(reason, &weak):
		e.Problem = fmt.Sprintf("the host wants to protect messages with %s, and only AES is used.", gssapi.EncryptionType(weak.Type))
		e.Remedy = useAES
	case errors.Is(reason, gssapi.ErrMutual):
		e.Problem = flat(reason) + "."
		e.Remedy = otherKey(s)
	}
	return e
}

// useAES is the remedy for a host that has RC4 alone.
const useAES = "Let the host's account have AES: Set-ADComputer NAME -KerberosEncryptionType AES128,AES256, and reset its password in the domain: " +
	"Reset-ComputerMachinePassword."

// explainHost explains a KRB-ERROR of the host.
func (t *Tickets) explainHost(e *connection.Error, s connection.Settings, answer *gssapi.HostError) {
	switch answer.Answer.ErrorCode {
	case errorcode.KRB_AP_ERR_SKEW, errorcode.KRB_AP_ERR_TKT_NYV, errorcode.KRB_AP_ERR_TKT_EXPIRED:
		e.Problem, e.Remedy = clocks("the host", answer.Answer.STime.Sub(t.now()))
	case errorcode.KRB_AP_ERR_MODIFIED, errorcode.KRB_AP_ERR_BAD_INTEGRITY, errorcode.KRB_AP_ERR_NOT_US, errorcode.KRB_AP_ERR_NOKEY, errorcode.KRB_AP_ERR_BADKEYVER:
		e.Problem = fmt.Sprintf("the host can't read the ticket for %s: %s.", s.SPN(), answer.Answer.Error())
		e.Remedy = otherKey(s)
	default:
		e.Problem = fmt.Sprintf("the host refused the ticket for %s: %s.", s.SPN(), answer.Answer.Error())
	}
}

// otherKey is the remedy for a host that does not have the key that the ticket was made with.
func otherKey(s connection.Settings) string {
	return fmt.Sprintf("The ticket is of another key than the host has. %[1]s may be registered for another account (setspn -Q %[1]s; setspn -X finds duplicates), "+
		"the host's name may lead to another machine, or its password in the domain is not the one it has (Test-ComputerSecureChannel there). "+
		"With spn = \"WSMAN/...\" the ticket is for the host's own account.", s.SPN())
}
