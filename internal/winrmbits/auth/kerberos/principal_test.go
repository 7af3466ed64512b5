// SPDX-License-Identifier: MPL-2.0

package kerberos

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/go-krb5/krb5/config"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/connection"
)

func TestTheNamesThatAnAccountCanHave(t *testing.T) {
	const asked = " (asked in realm CORP.EXAMPLE)"
	c := config.New()
	c.LibDefaults.DefaultRealm = "CORP.EXAMPLE"
	c.Realms = []config.Realm{{Realm: "lab.example"}}
	none := config.New()
	for _, tt := range []struct {
		config        *config.Config
		set, username string
		want          []string
	}{
		{c, "", "ops", []string{"ops@CORP.EXAMPLE"}},
		{c, "", `CORP\ops`, []string{"ops@CORP.EXAMPLE"}},
		{c, "", `far.example\ops`, []string{"ops@FAR.EXAMPLE"}},
		{c, "", `lab.example\ops`, []string{"ops@lab.example"}},
		{c, "CORP.EXAMPLE", `far.example\ops`, []string{"ops@CORP.EXAMPLE"}},
		{c, "", "ops@corp.example", []string{"ops@CORP.EXAMPLE", "ops@corp.example" + asked}},
		{c, "", "ops@LAB.EXAMPLE", []string{"ops@lab.example", "ops@LAB.EXAMPLE (asked in realm lab.example)"}},
		{c, "", "ops@far.example", []string{"ops@far.example" + asked, "ops@FAR.EXAMPLE"}},
		{c, "", "ops@mail@far.example", []string{"ops@mail@far.example" + asked, "ops@mail@FAR.EXAMPLE"}},
		{c, "CORP.EXAMPLE", "ops@corp.example", []string{"ops@CORP.EXAMPLE", "ops@corp.example" + asked}},
		{c, "CORP.EXAMPLE", "ops@mail.example", []string{"ops@mail.example" + asked, "ops@CORP.EXAMPLE"}},
		{c, "CORP.EXAMPLE", "ops@lab.example", []string{"ops@lab.example" + asked, "ops@CORP.EXAMPLE"}},
		{none, "", "ops@far.example", []string{"ops@FAR.EXAMPLE", "ops@far.example (asked in realm FAR.EXAMPLE)"}},
		{none, "", "ops", []string{"ops@"}},
	} {
		var got []string
		for _, p := range accounts(tt.config, tt.set, tt.username) {
			got = append(got, p.String())
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s with realm %q is %q, want %q", tt.username, tt.set, got, tt.want)
		}
	}
}

// TestAUserPrincipalNameLogsOn has a suffix that is not a realm, and a name before it that is not the account's.
func TestAUserPrincipalNameLogsOn(t *testing.T) {
	d := newDomain()
	far := newDomain()
	far.realm, far.netBIOS, far.accounts["anna"] = "FAR.EXAMPLE", "FAR", &simulatedAccount{name: "anna", upn: "a.schmidt@far.com", password: password}
	d.elsewhere = map[string]string{"far.com": far.realm, "loop.com": "CORP.EXAMPLE"}
	d.other = far
	for username, want := range map[string]string{
		"deploy.bits@company.com": "ops@CORP.EXAMPLE", "Deploy.Bits@Company.Com": "ops@CORP.EXAMPLE", "a.schmidt@far.com": "anna@FAR.EXAMPLE",
		"ops@other.com": "ops@CORP.EXAMPLE",
	} {
		ticket, err := d.tickets().For(t.Context(), d.settings(func(s *connection.Settings) { s.Username = username }))
		if err != nil {
			t.Errorf("%s: %v", username, err)
		} else if got := ticket.Client.PrincipalNameString() + "@" + ticket.Realm; got != want {
			t.Errorf("%s is %s, want %s", username, got, want)
		}
	}
	if d.proofs != 3 || far.proofs != 1 {
		t.Errorf("%d and %d proofs of four passwords", d.proofs, far.proofs)
	}
	for username, says := range map[string]string{
		"nobody@company.com": "the KDC does not know the account nobody@CORP.EXAMPLE, nor nobody@company.com (asked in realm CORP.EXAMPLE): ",
		"nobody@loop.com":    "could not log on as nobody@loop.com (asked in realm CORP.EXAMPLE): KRB Error: (68) ",
	} {
		failed := failureOf(t, d.tickets(), d.settings(func(s *connection.Settings) { s.Username = username }))
		if !strings.Contains(failed.Problem, says) || failed.Remedy == "" {
			t.Errorf("%v", failed)
		}
	}
	if failed := failureOf(t, d.tickets(), d.settings(func(s *connection.Settings) {
		s.Username, s.Password = "deploy.bits@company.com", bits.NewSecret("wrong")
	})); !strings.Contains(failed.Problem, "refused the password or keytab of deploy.bits@company.com") || failed.Kind != connection.Unauthorized {
		t.Errorf("%v", failed)
	}
}

// TestANetBIOSNameIsNotARealm has the KDC take it for its realm, and answer as its realm.
func TestANetBIOSNameIsNotARealm(t *testing.T) {
	for _, refuses := range []bool{false, true} {
		t.Run(fmt.Sprintf("refused %t", refuses), func(t *testing.T) {
			d := newDomain()
			if refuses {
				d.netBIOS = "X"
			}
			failed := failureOf(t, d.tickets(), d.settings(func(s *connection.Settings) { s.Kerberos.Realm = "CORP" }))
			if !strings.Contains(failed.Problem, "the KDC knows the realm CORP as CORP.EXAMPLE") || !strings.Contains(failed.Remedy, `realm = "CORP.EXAMPLE"`) {
				t.Errorf("%v", failed)
			}
		})
	}
}
