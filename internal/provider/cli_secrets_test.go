// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/judges"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/logon"
)

// TestCLISecretsOfAJob changes passwords and headers with all logs on, and searches what Terraform leaves for them.
func TestCLISecretsOfAJob(t *testing.T) {
	t.Parallel()
	const first, second = "swordfish-of-monday", "swordfish-of-tuesday"
	wd := startProgram(t, winhost.Config{})
	wd.pauseAll()
	log := filepath.Join(wd.dir, "trace.log")
	wd.env = append(wd.env, "TF_LOG=trace", "TF_LOG_PATH="+log)
	wd.writeHere("variables.tf", "variable \"secret\" {\n  type      = string\n  sensitive = true\n  ephemeral = true\n}\n")
	declare := func(secret, version string) {
		wd.declare(
			`proxy = { usage = "override", list = ["http://proxy.corp.example:3128"], bypass_list = ["<local>"],
				username = "CORP\\svc-proxy", scheme = "digest", password_wo = var.secret, password_wo_version = `+version+` }`,
			`credentials = { username = "CORP\\svc-dl", scheme = "basic", password_wo = var.secret, password_wo_version = `+version+` }`,
			`custom_headers_wo = { Authorization = "Bearer ${var.secret}" }`, `custom_headers_wo_version = `+version)
		wd.env = append(wd.env, "TF_VAR_secret="+secret)
	}
	onWire := func(secret string) string { return base64.StdEncoding.EncodeToString([]byte(secret)) }
	kept := func(secret string) {
		t.Helper()
		p := wd.unlisted()
		if proxy := p.ProxyCredential; proxy.Password.Reveal() != secret || proxy.Scheme != bits.AuthDigest || p.Credential.Scheme != bits.AuthBasic {
			t.Error("the host does not have the account for the proxy, or the schemes")
		}
		if p.Credential.Password.Reveal() != secret || p.CustomHeaders[0].Reveal() != "Authorization: Bearer "+secret {
			t.Error("the host does not have the secret of this version")
		}
		for _, name := range []string{"terraform.tfstate", "terraform.tfstate.backup", "trace.log"} {
			text, err := os.ReadFile(filepath.Join(wd.dir, name))
			for _, secret := range []string{first, second} {
				for _, leak := range []string{secret, onWire(secret), onWire("Authorization: Bearer " + secret)} {
					if err == nil && strings.Contains(string(text), leak) {
						t.Errorf("a secret is in %s", name)
					}
				}
			}
		}
	}
	declare(first, "1")
	wd.apply().lacks(first)
	kept(first)
	if !strings.Contains(readFile(t, log), "custom_headers_wo_version") {
		t.Error("nothing was logged")
	}
	declare(second, "1")
	wd.plan(0)
	declare(second, "2")
	wd.plan(2, "-out=saved.plan").has("~ password_wo_version = 1 -> 2", "~ custom_headers_wo_version = 1 -> 2").lacks(first, second)
	wd.run(0, "apply", "saved.plan").lacks(first, second)
	kept(second)
	wd.setProperties(bits.Properties{ProxyUsage: pointer(bits.ProxyNone)})
	wd.applyOnce().has(`~ usage = "no_proxy" -> "override"`).lacks(second)
	kept(second)
}

const proxySecret = "proxy-never-seen"

// connectProxy is an HTTP proxy that connects the clients that know its password, and counts them.
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

// TestCLITraceHoldsNoSecret makes a job with every scheme, through a proxy, with ephemeral values in the provider block, and
// searches for the secrets in all that the CLI and the provider print and log at the level TRACE, and in the state.
func TestCLITraceHoldsNoSecret(t *testing.T) {
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
			wd := trace(t, test.security)
			address, connected := connectProxy(t)
			config := test.logOn(wd) + fmt.Sprintf("  host = %q\n  port = %d\n  https = %t\n  ca_file = %q\n  auth = %q\n  proxy_url = var.proxy\n",
				wd.settings.Host, wd.settings.Port, wd.settings.HTTPS, wd.network.CAFile, wd.settings.Auth)
			wd.write(wd.ephemeral("secret") + wd.ephemeral("proxy") + "provider \"bits\" {\n" + config + "}\n" +
				jobBlock("payload", `display_name = "traced"`, `files = [`+wd.file("a.bin", "size=5")+`]`))

			wd.env = append(wd.env, "TF_LOG=TRACE", "TF_VAR_proxy=http://me:"+proxySecret+"@"+address)
			printed := wd.apply().has("WinRM exchange", wd.settings.Host).text
			if connected.Load() == 0 {
				t.Error("no connection came through the proxy")
			}
			if test.name == "Basic" { // one scheme is enough for what is not sent to the host
				wd.env = append(wd.env, "TF_VAR_proxy=http://me:wrong-"+proxySecret+"@"+address)
				printed += wd.plan(1).has("Error: Host Unreachable", "HTTP 407").text
			}
			printed += readFile(t, filepath.Join(wd.dir, "terraform.tfstate"))
			for _, secret := range append(wd.secrets, proxySecret, wd.host.Password) {
				if i := strings.Index(printed, secret); i >= 0 {
					t.Errorf("a secret is printed: ...%s", printed[max(0, i-300):i])
				}
			}
		})
	}
}

// traced is a working directory whose every output is searched.
type traced struct {
	*workingDir
	realm   *judges.KDC // nil: none
	secrets []string    // beside the passwords
}

const tracedService = "HTTP/web01.corp.example"

// trace starts a host, and a realm for one that is a service there.
func trace(t *testing.T, security winhost.Security) *traced {
	t.Helper()
	needCLI(t)
	var realm *judges.KDC
	if slices.Contains(security.Auth, logon.Kerberos) {
		realm = judges.StartKDC(t)
		security.Keytab = realm.Service(t, tracedService)
	}
	wd := startProgram(t, winhost.Config{Security: security})
	wd.provider = nil
	return &traced{workingDir: wd, realm: realm}
}

// ephemeral declares a variable whose value is not stored, if the CLI knows such.
func (wd *traced) ephemeral(name string) string {
	kind := "ephemeral"
	if wd.cli.Before(1, 11) {
		kind = "sensitive"
	}
	return fmt.Sprintf("variable %q {\n  %s = true\n}\n", name, kind)
}

// secret sets the variable's value.
func (wd *traced) secret(value string) { wd.env = append(wd.env, "TF_VAR_secret="+value) }

func (wd *traced) byPassword() string {
	wd.secret(wd.host.Password)
	wd.secrets = append(wd.secrets, base64.StdEncoding.EncodeToString([]byte(wd.host.Username+":"+wd.host.Password)))
	return fmt.Sprintf("  username = %q\n  password = var.secret\n", wd.host.Username)
}

func (wd *traced) byCertificate() string {
	key := wd.settings.ClientKey.Reveal()
	wd.secret(key)
	wd.secrets = append(wd.secrets, strings.Split(key, "\n")[1])
	return "  client_cert = <<-PEM\n" + strings.TrimSpace(wd.settings.ClientCertificate) + "\nPEM\n  client_key = var.secret\n"
}

func (wd *traced) byTicket() string { return wd.byPassword() + wd.kerberos("") }

func (wd *traced) byKeytab() string {
	kerberos := wd.kerberos("keytab = var.secret")
	keytab := wd.realm.Keytab(wd.t, wd.host.Username)
	wd.secret(keytab)
	content := readFile(wd.t, keytab)
	end := content[len(content)-16:]
	wd.secrets = append(wd.secrets, end, fmt.Sprintf("%x", end), base64.StdEncoding.EncodeToString([]byte(content)))
	return fmt.Sprintf("  username = %q\n", wd.host.Username) + kerberos
}

// kerberos makes the account one of the realm.
func (wd *traced) kerberos(more string) string {
	wd.realm.Account(wd.t, wd.host.Username, wd.host.Password)
	return fmt.Sprintf("  kerberos = {\n    realm = %q\n    kdc = %q\n    spn = %q\n    %s\n  }\n",
		judges.Realm, wd.realm.Address, tracedService, more)
}
