// SPDX-License-Identifier: MPL-2.0

package auth

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/connection"
)

func inTLS() connection.Settings {
	return connection.Settings{Host: "web01", Port: 5986, HTTPS: true, Auth: connection.AuthBasic, Username: `CORP\ops`, Password: bits.NewSecret("p:ä<>")}
}

func TestBasicNeedsTLS(t *testing.T) {
	plain := inTLS()
	plain.HTTPS = false
	_, err := NewSchemes().Begin(plain, nil)
	var failed *connection.Error
	if !errors.As(err, &failed) || failed.Kind != connection.NoLogon || !strings.Contains(err.Error(), "https = true") {
		t.Errorf("%v", err)
	}
	if strings.Contains(fmt.Sprintf("%v %+v", err, failed), "p:ä") {
		t.Error("the error holds the password")
	}
}

func TestAnUnknownSchemeIsAnError(t *testing.T) {
	unknown := inTLS()
	unknown.Auth = "digest"
	if scheme, err := NewSchemes().Begin(unknown, nil); err == nil {
		t.Errorf("%T", scheme)
	}
}

// TestASchemePrintsNoSecret prints every scheme in every way, at the beginning and when it has answered a challenge.
func TestASchemePrintsNoSecret(t *testing.T) {
	const challenge = "TlRMTVNTUAACAAAADAAMADgAAAAzgoriASNFZ4mrze8AAAAAAAAAACQAJABEAAAABgBwFwAAAA9TAGUAcgB2AGUAcgACAAwARABvAG0AYQBpAG4AAQAMAFMAZQByAHYAZQByAAAAAAA="
	for _, name := range []connection.Auth{connection.AuthBasic, connection.AuthNegotiate, connection.AuthNTLM, connection.AuthCertificate, connection.AuthKerberos} {
		s := inTLS()
		s.Auth, s.ClientKey, s.Username = name, bits.NewSecret("p:ä key"), "ops@CORP.EXAMPLE"
		s.Kerberos.Realm, s.Kerberos.KDC = "", ""
		if name == connection.AuthKerberos {
			s.Kerberos.Realm, s.Kerberos.KDC = "CORP.EXAMPLE", "127.0.0.1:1"
		}
		scheme, err := NewSchemes().Begin(s, nil)
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel() // no KDC is asked
		for _, challenges := range [][]string{nil, {"Negotiate " + challenge}} {
			for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d"} {
				printed := fmt.Sprintf(verb, scheme) + fmt.Sprintf(verb, struct{ hidden Scheme }{scheme})
				for _, secret := range []string{"p:ä", "cDrDp", fmt.Sprintf("%x", "p:ä"), fmt.Sprintf("%X", "p:ä"), fmt.Sprintf("%d", []byte("p:ä"))} {
					if strings.Contains(printed, secret) {
						t.Errorf("%s prints the password of %s: %s", verb, name, printed)
					}
				}
			}
			if _, err := scheme.Next(ctx, challenges); err != nil && strings.Contains(fmt.Sprintf("%+v", err), "p:ä") {
				t.Errorf("the error of %s holds the password: %v", name, err)
			}
		}
	}
}
