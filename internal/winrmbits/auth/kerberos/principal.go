package kerberos

import (
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

func (p principal) String() string { return p.name.PrincipalNameString() + "@" + p.realm }

func (p principal) equal(other principal) bool {
	return p.realm == other.realm && p.name.Equal(other.name)
}

// sameName reports whether names are equal but for the case of letters.
func sameName(a, b types.PrincipalName) bool {
	return slices.EqualFunc(a.NameString, b.NameString, strings.EqualFold)
}

// account is the principal of a user; the realm that is set is "" for none.
func account(c *config.Config, set, username string) principal {
	name, realm := realmOf(c, set, username)
	return principal{types.NewPrincipalName(nametype.KRB_NT_PRINCIPAL, name), realm}
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
