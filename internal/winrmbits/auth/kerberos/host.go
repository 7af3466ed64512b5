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
		Problem: fmt.Sprintf("the host refused the ticket for %s (HTTP 401) without a reason.", s.SPN()),
		Remedy: "The account may not log on over the network (event 4625 in the Security log of the host), or the service name belongs to another " +
			"host or account (setspn -Q " + s.SPN() + ").",
	}
	if s.HTTPS {
		e.Remedy += " With CbtHardeningLevel Strict, the host also refuses logons through a proxy that terminates TLS."
	}
	var answer *gssapi.HostError
	var weak *gssapi.WeakError
	switch {
	case errors.As(reason, &answer):
		t.explainHost(e, s, answer)
	case errors.As(reason, &weak):
		e.Problem = fmt.Sprintf("the host requires %s for messages, and the provider supports only AES.", gssapi.EncryptionType(weak.Type))
		e.Remedy = useAES
	case errors.Is(reason, gssapi.ErrMutual):
		e.Problem = flat(reason) + "."
		e.Remedy = otherKey(s)
	}
	return e
}

// useAES is the remedy for a host that has RC4 alone.
const useAES = "Allow AES for the account of the host (Set-ADComputer NAME -KerberosEncryptionType AES128,AES256), and reset its password: on the host, run " +
	"Reset-ComputerMachinePassword."

// explainHost explains a KRB-ERROR of the host.
func (t *Tickets) explainHost(e *connection.Error, s connection.Settings, answer *gssapi.HostError) {
	switch answer.Answer.ErrorCode {
	case errorcode.KRB_AP_ERR_SKEW, errorcode.KRB_AP_ERR_TKT_NYV, errorcode.KRB_AP_ERR_TKT_EXPIRED:
		e.Problem, e.Remedy = clocks("the host", answer.Answer.STime.Sub(t.now()))
	case errorcode.KRB_AP_ERR_MODIFIED, errorcode.KRB_AP_ERR_BAD_INTEGRITY, errorcode.KRB_AP_ERR_NOT_US, errorcode.KRB_AP_ERR_NOKEY, errorcode.KRB_AP_ERR_BADKEYVER:
		e.Problem = fmt.Sprintf("the host can't decrypt the ticket for %s: %s.", s.SPN(), answer.Answer.Error())
		e.Remedy = otherKey(s)
	default:
		e.Problem = fmt.Sprintf("the host refused the ticket for %s: %s.", s.SPN(), answer.Answer.Error())
	}
}

// otherKey is the remedy for a host that does not have the key that the ticket was made with.
func otherKey(s connection.Settings) string {
	return fmt.Sprintf("The host does not have the key of this ticket: %[1]s may belong to another account (setspn -Q %[1]s; setspn -X finds duplicates), "+
		"the name may resolve to another machine, or the password of the host in the domain may be out of date (Test-ComputerSecureChannel). "+
		"With spn = \"WSMAN/...\" the ticket is for the account of the host.", s.SPN())
}
