// SPDX-License-Identifier: MPL-2.0

package logon

import (
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Mapping maps client certificates to a local account: winrm/config/service/certmapping, for all resources.
// Source: MS-WSMV 2.2.4.3 and 3.1.4.1.35.
type Mapping struct {
	Issuer   *x509.Certificate // that signed the client's
	Subject  string            // the client's principal name; one * at its end or beginning matches anything
	Username string            // of the account
	Password string            // of the account when the mapping was made
}

// oidUPN is the principal name among a certificate's alternative names. Source: "Certificate Requirements", MS-PKCA.
var (
	oidUPN            = asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 311, 20, 2, 3}
	oidAlternateNames = asn1.ObjectIdentifier{2, 5, 29, 17}
)

// certificate takes the certificate that the client showed inside TLS.
func (c *Connection) certificate(state *tls.ConnectionState) Verdict {
	if !encrypted(state) || len(state.PeerCertificates) == 0 {
		return c.Refuse(Refused)
	}
	denied := Verdict{Outcome: Refused, AccessDenied: true}
	m := c.policy.mapping(state.PeerCertificates[0])
	if m == nil {
		return denied
	}
	account, err := c.policy.Accounts.Try(m.Username, func(right string) bool { return right == m.Password })
	if err != nil {
		return denied
	}
	return c.proven(account)
}

// mapping finds the one mapping of a certificate: the most exact, nil when there is none or no single one.
func (p *Policy) mapping(client *x509.Certificate) *Mapping {
	now := time.Now()
	if now.Before(client.NotBefore) || now.After(client.NotAfter) || !slices.Contains(client.ExtKeyUsage, x509.ExtKeyUsageClientAuth) {
		return nil
	}
	name := principalName(client)
	var best *Mapping
	single := false
	for i, m := range p.Mappings {
		if client.CheckSignatureFrom(m.Issuer) != nil || !matches(m.Subject, name) {
			continue
		}
		switch {
		case best == nil || len(m.Subject) > len(best.Subject):
			best, single = &p.Mappings[i], true
		case len(m.Subject) == len(best.Subject):
			single = false
		}
	}
	if !single {
		return nil
	}
	return best
}

// matches reports whether a name fits a mapping's subject.
func matches(pattern, name string) bool {
	pattern, name = strings.ToLower(pattern), strings.ToLower(name)
	switch {
	case name == "":
		return false
	case strings.HasSuffix(pattern, "*"):
		return strings.HasPrefix(name, pattern[:len(pattern)-1])
	case strings.HasPrefix(pattern, "*"):
		return strings.HasSuffix(name, pattern[1:])
	default:
		return name == pattern
	}
}

// principalName returns the user principal name of a certificate, "" for none.
func principalName(certificate *x509.Certificate) string {
	for _, extension := range certificate.Extensions {
		if !extension.Id.Equal(oidAlternateNames) {
			continue
		}
		var names []asn1.RawValue
		if _, err := asn1.Unmarshal(extension.Value, &names); err != nil {
			return ""
		}
		for _, name := range names {
			var other otherName
			if _, err := asn1.UnmarshalWithParams(name.FullBytes, &other, "tag:0"); err == nil && other.Type.Equal(oidUPN) {
				return other.Value
			}
		}
	}
	return ""
}

// otherName is a name of a kind of its own. Source: RFC 5280 4.2.1.6.
type otherName struct {
	Type  asn1.ObjectIdentifier
	Value string `asn1:"tag:0,explicit,utf8"`
}

// AlternateName returns a principal name as certificates of Windows' users have it.
func AlternateName(name string) (pkix.Extension, error) {
	other, err := asn1.MarshalWithParams(otherName{oidUPN, name}, "tag:0")
	if err != nil {
		return pkix.Extension{}, fmt.Errorf("write the principal name %s: %w", name, err)
	}
	value, err := asn1.Marshal([]asn1.RawValue{{FullBytes: other}})
	return pkix.Extension{Id: oidAlternateNames, Value: value}, err
}
