package provider_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/winrmbits/terraform-provider-bits/internal/judges"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/logon"
)

// TestOperatorInARealm reaches a host over plain http with a keytab, as a pipeline's container does, and with passwords
// that the KDC refuses.
func TestOperatorInARealm(t *testing.T) {
	needCommand(t)
	k := judges.StartKDC(t)
	const spn = "HTTP/web01.corp.example"
	service, err := k.Service(t.Context(), spn)
	if err != nil {
		t.Fatal(err)
	}
	o := operateOn(t, winhost.Config{Security: winhost.Security{HTTP: true, Auth: []logon.Scheme{logon.Kerberos}, Keytab: service}})
	if err := k.Account(t.Context(), o.settings.Username, o.settings.Password.Reveal()); err != nil {
		t.Fatal(err)
	}
	keytab, err := k.Keytab(t.Context(), o.settings.Username)
	if err != nil {
		t.Fatal(err)
	}
	o.env = append(o.env, "BITS_HTTPS=false", "BITS_AUTH=negotiate", "BITS_KERBEROS_REALM="+judges.Realm, "BITS_KERBEROS_KDC="+k.Address, "BITS_KERBEROS_SPN="+spn)
	password := o.env

	o.env = slices.Concat(password, []string{"BITS_PASSWORD=", "BITS_KERBEROS_KEYTAB=" + keytab})
	o.declareJob(`display_name = "nightly payload"`, `priority = "high"`, `files = [`+o.file("a.bin", "size=5")+`]`, `wait_for_transfer = true`)
	o.apply()
	if size, err := o.size(`C:\t\a.bin`); err != nil || size != 5 {
		t.Errorf("the file has %d bytes: %v", size, err)
	}
	o.planIsEmpty()

	o.env = slices.Concat(password, []string{"TF_LOG=TRACE"})
	logged := o.run(0, "plan")
	logged.has("WinRM exchange")
	for _, secret := range []string{o.settings.Password.Reveal(), "Negotiate YI", "Negotiate oY"} { // the heads of tokens
		if strings.Contains(logged.text, secret) {
			t.Errorf("%q is logged", secret)
		}
	}

	o.env = slices.Concat(password, []string{"BITS_PASSWORD=wrong"})
	o.run(0, "plan").has("Warning: Logon Refused", "the KDC refused the password or keytab of "+o.settings.Username+"@"+judges.Realm)
	if n, err := k.Failures(t.Context(), o.settings.Username); n != 1 || err != nil {
		t.Errorf("the KDC counts %d failed logons, %v", n, err)
	}
	o.env = slices.Concat(password, []string{"BITS_KERBEROS_SPN=HTTP/web99.corp.example"})
	o.run(0, "plan").has("the KDC knows no service HTTP/web99.corp.example", "setspn -L web99")
	o.env = password
	o.destroy()
}
