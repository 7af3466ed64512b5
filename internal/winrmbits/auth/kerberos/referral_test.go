// SPDX-License-Identifier: MPL-2.0

package kerberos

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/winrmbits/terraform-provider-bits/internal/connection"
	"github.com/winrmbits/terraform-provider-bits/internal/judges"
)

// TestAServiceOfAnotherRealm has a realm trust another, where the host is: the KDC refers to it, or krb5.conf says so.
func TestAServiceOfAnotherRealm(t *testing.T) {
	const far = "FAR.EXAMPLE"
	r := &realm{KDC: judges.StartRealm(t, judges.Realm, far), Tickets: NewTickets()}
	there := judges.StartRealm(t, far, "")
	r.Account(t, "ops", password)
	for _, k := range []*judges.KDC{r.KDC, there} { // the trust: a key that both know
		k.Account(t, "krbtgt/"+far+"@"+judges.Realm, "trust")
	}
	there.Service(t, "HTTP/web01.far.example")
	realms := fmt.Sprintf("[libdefaults]\n\tdefault_realm = %s\n[realms]\n\t%[1]s = {\n\t\tkdc = %s\n\t}\n\t%s = {\n\t\tkdc = %s\n\t}\n", judges.Realm, r.Address, far, there.Address)
	for name, config := range map[string]string{
		"the KDC refers":     realms,
		"the krb5.conf says": realms + "[domain_realm]\n\t.far.example = " + far + "\n",
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "krb5.conf")
			if err := os.WriteFile(path, []byte(config), 0o600); err != nil {
				t.Fatal(err)
			}
			s := r.settings(func(s *connection.Settings) {
				s.Host, s.Kerberos = "web01.far.example", connection.Kerberos{Config: path}
			})
			ticket, err := r.For(t.Context(), s)
			if err != nil {
				t.Fatal(err)
			}
			if ticket.Ticket.Realm != far || ticket.Realm != judges.Realm || ticket.Ticket.SName.PrincipalNameString() != "HTTP/web01.far.example" {
				t.Errorf("a ticket of %s for %s of %s", ticket.Realm, ticket.Ticket.SName.PrincipalNameString(), ticket.Ticket.Realm)
			}
			s.Host = "web99.far.example"
			if failed := r.failure(t, s); !strings.Contains(failed.Problem, "the KDC does not know the service HTTP/web99.far.example") {
				t.Errorf("%v", failed)
			}
		})
	}
}
