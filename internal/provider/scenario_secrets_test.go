package provider_test

import (
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/winrmbits/terraform-provider-bits/internal/judges"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/logon"
)

const proxySecret = "proxy-never-seen"

// connectProxy is an HTTP proxy that connects whoever knows its password, and counts them.
func connectProxy(t *testing.T) (address string, connected *atomic.Int32) {
	t.Helper()
	connected = new(atomic.Int32)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Header["Authorization"] = r.Header["Proxy-Authorization"]
		if _, password, _ := r.BasicAuth(); r.Method != http.MethodConnect || password != proxySecret {
			w.WriteHeader(http.StatusProxyAuthRequired)
			return
		}
		host, err := new(net.Dialer).DialContext(t.Context(), "tcp", r.Host)
		if err != nil {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		client, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		connected.Add(1)
		_, _ = io.WriteString(client, "HTTP/1.1 200 Connection established\r\n\r\n")
		go func() {
			_, _ = io.Copy(host, client)
			_ = host.Close()
		}()
		_, _ = io.Copy(client, host)
		_ = client.Close()
	}))
	t.Cleanup(server.Close)
	return server.Listener.Addr().String(), connected
}

// TestNoTraceHoldsASecret has a job made with every scheme, through a proxy, with ephemeral values in the provider block, and looks for
// the secrets in all that the CLI and the provider print and log at the level TRACE, and in the state.
func TestNoTraceHoldsASecret(t *testing.T) {
	for _, test := range []struct {
		name     string
		security winhost.Security
		logOn    func(t *traced) string // the provider's configuration
	}{
		{"Basic", winhost.Security{Auth: []logon.Scheme{logon.Basic}}, (*traced).byPassword},
		{"NTLM over https", winhost.Security{Auth: []logon.Scheme{logon.NTLM}}, (*traced).byPassword},
		{"NTLM over http", winhost.Security{Auth: []logon.Scheme{logon.NTLM}, HTTP: true}, (*traced).byPassword},
		{"a certificate", winhost.Security{Auth: []logon.Scheme{logon.Certificate}}, (*traced).byCertificate},
		{"Kerberos with a password", winhost.Security{Auth: []logon.Scheme{logon.Kerberos}, HTTP: true}, (*traced).byTicket},
		{"Kerberos with a keytab", winhost.Security{Auth: []logon.Scheme{logon.Kerberos}}, (*traced).byKeytab},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			o := trace(t, test.security)
			address, connected := connectProxy(t)
			config := test.logOn(o) + fmt.Sprintf("  host = %q\n  port = %d\n  https = %t\n  ca_file = %q\n  auth = %q\n  proxy_url = var.proxy\n",
				o.settings.Host, o.settings.Port, o.settings.HTTPS, o.farm.CAFile, o.settings.Auth)
			o.write(o.ephemeral("secret") + o.ephemeral("proxy") + "provider \"bits\" {\n" + config + "}\n" +
				"resource \"bits_job\" \"payload\" {\n  display_name = \"traced\"\n  files = [" + o.file("a.bin", "size=5") + "]\n}\n")

			o.env = append(o.env, "TF_LOG=TRACE", "TF_VAR_proxy=http://me:"+proxySecret+"@"+address)
			printed := o.run(0, "apply", "-auto-approve").has("WinRM exchange", o.settings.Host).text
			if connected.Load() == 0 {
				t.Error("no connection came through the proxy")
			}
			o.env = append(o.env, "TF_VAR_proxy=http://me:wrong-"+proxySecret+"@"+address)
			printed += o.run(1, "plan").has("Error: Host Unreachable", "HTTP 407").text
			printed += readFile(t, filepath.Join(o.dir, "terraform.tfstate"))
			for _, secret := range append(o.secrets, proxySecret, o.password) {
				if i := strings.Index(printed, secret); i >= 0 {
					t.Errorf("a secret is printed: ...%s", printed[max(0, i-300):i])
				}
			}
		})
	}
}

// traced is an operator whose every output is looked through.
type traced struct {
	*operator
	username, password string
	realm              *judges.KDC // nil: none
	secrets            []string    // beside the password
}

const tracedService = "HTTP/web01.corp.example"

// trace starts a host, and a realm for one that is a service there.
func trace(t *testing.T, security winhost.Security) *traced {
	t.Helper()
	needCommand(t)
	var realm *judges.KDC
	if slices.Contains(security.Auth, logon.Kerberos) {
		realm = judges.StartKDC(t)
		var err error
		if security.Keytab, err = realm.Service(t.Context(), tracedService); err != nil {
			t.Fatal(err)
		}
	}
	w := openWindows(t, winhost.Config{Security: security})
	host := w.farm.Host(0)
	return &traced{operator: newOperator(w), username: host.Username, password: host.Password, realm: realm}
}

// ephemeral declares a variable whose value is kept nowhere, where the CLI knows such.
func (o *traced) ephemeral(name string) string {
	kind := "ephemeral"
	if o.olderThan(1, 11) {
		kind = "sensitive"
	}
	return fmt.Sprintf("variable %q {\n  %s = true\n}\n", name, kind)
}

// secret gives the variable its value.
func (o *traced) secret(value string) { o.env = append(o.env, "TF_VAR_secret="+value) }

func (o *traced) byPassword() string {
	o.secret(o.password)
	o.secrets = append(o.secrets, base64.StdEncoding.EncodeToString([]byte(o.username+":"+o.password)))
	return fmt.Sprintf("  username = %q\n  password = var.secret\n", o.username)
}

func (o *traced) byCertificate() string {
	key := o.settings.ClientKey.Reveal()
	o.secret(key)
	o.secrets = append(o.secrets, strings.Split(key, "\n")[1])
	return "  client_certificate = <<-PEM\n" + strings.TrimSpace(o.settings.ClientCertificate) + "\nPEM\n  client_key = var.secret\n"
}

func (o *traced) byTicket() string { return o.byPassword() + o.kerberos("") }

func (o *traced) byKeytab() string {
	kerberos := o.kerberos("keytab = var.secret")
	keytab, err := o.realm.Keytab(o.t.Context(), o.username)
	if err != nil {
		o.t.Fatal(err)
	}
	content := readFile(o.t, keytab)
	o.secret(keytab)
	o.secrets = append(o.secrets, content[len(content)-16:], fmt.Sprintf("%x", content[len(content)-16:]), base64.StdEncoding.EncodeToString([]byte(content)))
	return fmt.Sprintf("  username = %q\n", o.username) + kerberos
}

// kerberos makes the account one of the realm.
func (o *traced) kerberos(more string) string {
	if err := o.realm.Account(o.t.Context(), o.username, o.password); err != nil {
		o.t.Fatal(err)
	}
	return fmt.Sprintf("  kerberos = {\n    realm = %q\n    kdc = %q\n    spn = %q\n    %s\n  }\n", judges.Realm, o.realm.Address, tracedService, more)
}
