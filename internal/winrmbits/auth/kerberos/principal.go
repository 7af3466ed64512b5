// SPDX-License-Identifier: MPL-2.0

package kerberos

import (
	"fmt"
	"slices"
	"strings"

	"github.com/go-krb5/krb5/config"
	"github.com/go-krb5/krb5/iana/nametype"
	"github.com/go-krb5/krb5/types"
)

// principal is a name in a realm.
type principal struct {
	name  types.PrincipalName
	realm string
}

func (p principal) String() string {
	if p.enterprise() {
		return fmt.Sprintf("%s (asked in realm %s)", p.name.PrincipalNameString(), p.realm)
	}
	return p.name.PrincipalNameString() + "@" + p.realm
}

// enterprise reports whether the name is a userPrincipalName, which the KDC finds the account of.
func (p principal) enterprise() bool { return p.name.NameType == nametype.KRB_NT_ENTERPRISE }

func (p principal) equal(other principal) bool {
	return p.realm == other.realm && p.name.Equal(other.name)
}

// is reports whether principals are equal but for the case of letters.
func (p principal) is(other principal) bool {
	return sameName(p.name, other.name) && strings.EqualFold(p.realm, other.realm)
}

// sameName reports whether names are equal but for the case of letters.
func sameName(a, b types.PrincipalName) bool {
	return slices.EqualFunc(a.NameString, b.NameString, strings.EqualFold)
}

// accounts are the principals that a user name can be, in the order in which they are tried: name@realm, DOMAIN\name or name.
//
// What follows the @ is a realm, or the suffix of a userPrincipalName, which need not be one; a name before it need not be the
// sAMAccountName either. So the account's realm is asked for both. A suffix that is not a realm of the configuration, and that
// the account's realm does not know, is a realm in upper case, as Active Directory has them; where a realm is set, that one is the
// account's. A NetBIOS domain does not identify a realm.
func accounts(c *config.Config, set, username string) []principal {
	home := c.LibDefaults.DefaultRealm
	if before, name, ok := strings.Cut(username, `\`); ok {
		if set == "" && strings.Contains(before, ".") {
			home, _ = realmOf(c, before)
		}
		return []principal{user(name, home)}
	}
	at := strings.LastIndexByte(username, '@')
	if at < 0 {
		return []principal{user(username, home)}
	}
	name := username[:at]
	realm, known := realmOf(c, username[at+1:])
	switch {
	case known && (set == "" || realm == home) || home == "":
		return []principal{user(name, realm), upn(username, realm)}
	case set != "":
		return []principal{upn(username, home), user(name, home)}
	default:
		return []principal{upn(username, home), user(name, realm)}
	}
}

// user is the principal of an account's own name.
func user(name, realm string) principal {
	return principal{types.NewPrincipalName(nametype.KRB_NT_PRINCIPAL, name), realm}
}

// upn is the principal of a userPrincipalName, which a realm's KDC looks up. Source: RFC 6806 section 5.
func upn(name, realm string) principal {
	return principal{types.PrincipalName{NameType: nametype.KRB_NT_ENTERPRISE, NameString: []string{name}}, realm}
}

// realmOf returns the realm with a domain's name, and whether the configuration has it.
func realmOf(c *config.Config, domain string) (realm string, known bool) {
	if strings.EqualFold(domain, c.LibDefaults.DefaultRealm) {
		return c.LibDefaults.DefaultRealm, true
	}
	for _, r := range c.Realms {
		if strings.EqualFold(domain, r.Realm) {
			return r.Realm, true
		}
	}
	return strings.ToUpper(domain), false
}

// granting is the principal of a realm's ticket-granting service, in the realm that makes tickets for it.
func granting(realm, maker string) principal {
	return principal{types.PrincipalName{NameType: nametype.KRB_NT_SRV_INST, NameString: []string{"krbtgt", realm}}, maker}
}

// isGranting returns the realm whose ticket-granting service a name is.
func isGranting(name types.PrincipalName) (string, bool) {
	if len(name.NameString) != 2 || name.NameString[0] != "krbtgt" {
		return "", false
	}
	return name.NameString[1], true
}

// service is the principal of a service. Its realm is the one in the name or in [domain_realm], else "": the KDC
// of the account's realm knows where it is.
func service(c *config.Config, spn string) principal {
	name, realm := types.ParseSPNString(spn)
	name.NameType = nametype.KRB_NT_SRV_INST
	if realm == "" {
		realm = c.ResolveRealm(strings.ToLower(name.NameString[len(name.NameString)-1]))
	}
	return principal{name, realm}
}
