// SPDX-License-Identifier: MPL-2.0

package kerberos

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/go-krb5/krb5/iana/errorcode"
	"github.com/go-krb5/krb5/messages"

	"github.com/winrmbits/terraform-provider-bits/internal/connection"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/auth/gssapi"
)

// errNoName is a host that is an IP address, for which no service is registered.
var errNoName = errors.New("no service is registered for an IP address")

// settingsError is a setting, or its file, without a usable credential.
type settingsError struct {
	err    error
	remedy string // "" is the general one
}

func (e *settingsError) Error() string { return e.err.Error() }
func (e *settingsError) Unwrap() error { return e.err }

// logonError is a logon of an account that failed.
type logonError struct {
	client  principal   // that was tried last
	unknown []principal // the KDC has no account with these names
	err     error
}

func (e *logonError) Error() string { return fmt.Sprintf("log on as %s: %v", e.client, e.err) }
func (e *logonError) Unwrap() error { return e.err }

// repeatedError is a logon that is not tried again.
type repeatedError struct{ err error }

func (e *repeatedError) Error() string { return "not tried again: " + e.err.Error() }
func (e *repeatedError) Unwrap() error { return e.err }

// endedError is a ticket of a credential cache whose time is over.
type endedError struct {
	cache string
	end   time.Time
}

func (e *endedError) Error() string {
	if e.end.IsZero() {
		return "it has neither a ticket-granting ticket nor one for the host"
	}
	return "the ticket expired at " + e.end.UTC().Format(time.RFC3339)
}

// explain makes the operator's error of a failure to get a ticket for a host.
func explain(s connection.Settings, now time.Time, err error) error {
	e := &connection.Error{Kind: connection.NoLogon, Host: s.Address(), Err: err}
	if errors.Is(err, context.Canceled) {
		return err
	}
	var repeated *repeatedError
	e.Repeated = errors.As(err, &repeated)
	var (
		settings *settingsError
		on       *logonError
		ended    *endedError
		named    *realmError
		weak     *gssapi.WeakError
		skew     *skewError
		silent   *unreachableError
		refusal  messages.KRBError
	)
	refused := errors.As(err, &refusal)
	switch {
	case errors.Is(err, errNoName):
		e.Problem = "Kerberos requires a service name, and an IP address has none."
		e.Remedy = `Set host to the DNS name of the host, or spn to its service principal name, such as "HTTP/web01.corp.example".`
	case errors.As(err, &settings):
		e.Problem = "the Kerberos settings can't be used: " + settings.Error() + "."
		e.Remedy = cmp.Or(settings.remedy, "Check username and kerberos = { config, realm, kdc, keytab, ccache }, or the variables BITS_KERBEROS_*.")
	case errors.As(err, &skew):
		e.Problem, e.Remedy = clocks("the KDC", skew.ahead)
	case refused && refusal.ErrorCode == errorcode.KRB_AP_ERR_SKEW:
		e.Problem, e.Remedy = clocks("the KDC", refusal.STime.Sub(now))
	case errors.As(err, &silent):
		e.Problem = fmt.Sprintf("no KDC of realm %s responded: %v.", silent.realm, flat(silent.err))
		if errors.As(err, &on) && len(on.unknown) > 0 {
			e.Problem += fmt.Sprintf(" The KDC does not know the account %s.", on.unknown[0])
		}
		e.Remedy = "Set kerberos.kdc, add the KDCs of the realm to krb5.conf, or add _kerberos._tcp records of the realm to DNS. This machine must reach port 88/tcp of the domain controllers."
	case errors.As(err, &named):
		e.Problem = fmt.Sprintf("the KDC knows the realm %s as %s.", named.asked, named.right)
		e.Remedy = fmt.Sprintf("Set kerberos.realm = %q, or write username as NAME@%[1]s. The realm of an Active Directory domain is its DNS name in upper case, not its NetBIOS name.", named.right)
	case errors.As(err, &ended):
		e.Problem = fmt.Sprintf("the credential cache %s has no valid ticket: %v.", ended.cache, ended)
		e.Remedy = "Run kinit before Terraform, or set kerberos.keytab: the provider then gets tickets itself."
	case errors.As(err, &on):
		explainLogon(e, s, on)
	case errors.As(err, &weak):
		e.Problem = fmt.Sprintf("the ticket for %s is encrypted with %s, and the provider supports only AES.", s.SPN(), gssapi.EncryptionType(weak.Type))
		e.Remedy = useAES
	case refused && refusal.ErrorCode == errorcode.KDC_ERR_ETYPE_NOSUPP:
		e.Problem = fmt.Sprintf("the KDC issues no AES ticket for %s: its account has only RC4 keys, or does not allow AES.", s.SPN())
		e.Remedy = useAES
	case refused && refusal.ErrorCode == errorcode.KDC_ERR_S_PRINCIPAL_UNKNOWN:
		e.Problem = fmt.Sprintf("the KDC does not know the service %s.", s.SPN())
		e.Remedy = unknownService(s.SPN())
	case refused:
		e.Problem = fmt.Sprintf("the KDC issues no ticket for %s: %s.", s.SPN(), refusal.Error())
		e.Remedy = "The System log of the domain controller may have the reason (source Kerberos-Key-Distribution-Center)."
	default:
		e.Problem = fmt.Sprintf("could not get a ticket for %s: %s.", s.SPN(), flat(err))
		e.Remedy = tryKinit
	}
	return e
}

// explainLogon explains why an account could not log on.
func explainLogon(e *connection.Error, s connection.Settings, on *logonError) {
	known, code, ok := refusalOf(on.err)
	if !ok {
		e.Problem = fmt.Sprintf("could not log on as %s: %s.", on.client, flat(on.err))
		e.Remedy = tryKinit
		return
	}
	e.Kind = connection.Unauthorized
	e.Problem = fmt.Sprintf(known.problem, on.client)
	if len(on.unknown) > 1 {
		e.Problem += fmt.Sprintf(", nor %s", on.unknown[0])
	}
	var refusal messages.KRBError
	if errors.As(on.err, &refusal) {
		e.Problem += ": " + refusal.Error()
	}
	e.Problem += "."
	e.Remedy = known.remedy
	if code == errorcode.KDC_ERR_PREAUTH_FAILED && s.Kerberos.Keytab == "" {
		e.Problem += s.PasswordHint()
	}
}

// useFile is the remedy for a credential cache that can't be read.
const useFile = "Set password or kerberos.keytab. Or run kinit -c FILE:/path NAME@REALM with a file that this process can read, and set kerberos.ccache or KRB5CCNAME to it."

// tryKinit is the remedy where the cause is not known.
const tryKinit = "Try the same account with kinit NAME@REALM (KRB5_TRACE=/dev/stderr shows details); if that works, please report the error. " +
	"The System log of the domain controller may have the reason (source Kerberos-Key-Distribution-Center)."

// clocks explains two clocks that differ too much.
func clocks(whose string, ahead time.Duration) (problem, remedy string) {
	direction := "ahead of"
	if ahead < 0 {
		direction = "behind"
	}
	return fmt.Sprintf("the clock of %s is %s %s that of this machine, and Kerberos allows %s.",
			whose, strings.TrimSuffix(ahead.Abs().Round(time.Minute).String(), "0s"), direction, strings.TrimSuffix(maxSkew.String(), "0s")),
		"Synchronise both with the same source: check w32tm /query /status on Windows, and timedatectl or chronyc tracking on this machine. A container uses the clock of its machine."
}

// unknownService is the remedy for a service that is not registered.
func unknownService(spn string) string {
	host := spn
	if _, after, ok := strings.Cut(spn, "/"); ok {
		host = after
	}
	short, _, _ := strings.Cut(host, ".")
	return fmt.Sprintf("Use the full DNS name of the host. setspn -L %[2]s lists the service names of the host, and setspn -Q HTTP/%[1]s shows which account has this one. "+
		"If that is the account of a web application, set spn = \"WSMAN/%[1]s\".", host, short)
}

// flat returns an error's text in one line, without the period at the end that the messages of Windows have.
func flat(err error) string {
	return strings.TrimSuffix(strings.ReplaceAll(err.Error(), "\n", "; "), ".")
}
