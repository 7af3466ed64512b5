// SPDX-License-Identifier: MPL-2.0

package judges

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// apacheModules is where Debian has the modules of Apache.
const apacheModules = "/usr/lib/apache2/modules"

// StartApache starts Apache with mod_auth_gssapi as https service with a certificate and its key (PEM). A logon belongs to a
// connection, as with WinRM. Requests of clients that are logged on go to a proxied [Listener]. It returns its address, and another where
// a header may not be longer than 8,190 bytes, which is its default. It skips the test on a machine without it.
func StartApache(t testing.TB, accounts Accounts, certificate, key, backend string) (address, short string) {
	t.Helper()
	path, err := exec.LookPath("/usr/sbin/apache2")
	if _, statErr := os.Stat(filepath.Join(apacheModules, "mod_auth_gssapi.so")); err != nil || statErr != nil {
		t.Skip("no Apache: install apache2 and libapache2-mod-auth-gssapi")
	}
	dir := t.TempDir()
	for _, path := range []string{dir, filepath.Dir(dir)} { // Apache's workers are another user
		if err := os.Chmod(path, 0o755); err != nil { //nolint:gosec // see above
			t.Fatal(err)
		}
	}
	keys, err := os.ReadFile(accounts.Keytab)
	if err != nil {
		t.Fatal(err)
	}
	accounts.Keytab = filepath.Join(dir, "keytab")
	address, short = freeAddress(t), freeAddress(t)
	files := map[string]string{"keytab": string(keys), "tls.pem": certificate + key}
	files["httpd.conf"] = apacheConfiguration(dir, address, short, backend)
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil { //nolint:gosec // see above
			t.Fatal(err)
		}
	}
	c := exec.Command(path, "-d", dir, "-f", "httpd.conf", "-DFOREGROUND") //nolint:gosec,noctx // Apache, ended by Cleanup
	c.Env = append(os.Environ(), accounts.environment(t, dir)...)
	log, err := os.Create(filepath.Join(dir, "error.log")) //nolint:gosec // made here
	if err != nil {
		t.Fatal(err)
	}
	c.Stdout, c.Stderr = log, log
	if err := c.Start(); err != nil {
		t.Fatalf("start Apache: %v", err)
	}
	t.Cleanup(func() {
		_ = c.Process.Signal(os.Interrupt) // it ends its workers
		_ = c.Wait()
		if t.Failed() {
			text, _ := io.ReadAll(io.NewSectionReader(log, 0, 1<<20))
			t.Logf("Apache: %s", text)
		}
		_ = log.Close()
	})
	waitFor(t, "tcp", address, log)
	return address, short
}

func apacheConfiguration(dir, address, short, backend string) string {
	modules := ""
	for _, name := range []string{"mpm_event", "authn_core", "authz_core", "authz_user", "auth_gssapi",
		"headers", "proxy", "proxy_http", "ssl"} {
		modules += fmt.Sprintf("LoadModule %s_module %s/mod_%[1]s.so\n", name, apacheModules)
	}
	return modules + fmt.Sprintf(`
User www-data
Group www-data
Listen %[2]s
Listen %[4]s
ServerName web01.corp.example
PidFile %[1]s/pid
DefaultRuntimeDir %[1]s
ErrorLog %[1]s/error.log
LogLevel warn auth_gssapi:info
LimitRequestFieldSize 65536
SSLEngine on
SSLCertificateFile %[1]s/tls.pem
<Location /wsman>
	AuthType GSSAPI
	AuthName WSMAN
	GssapiAllowedMech krb5
	GssapiAllowedMech ntlmssp
	GssapiConnectionBound On
	Require valid-user
	RequestHeader set X-Remote-User expr=%%{REMOTE_USER}
	ProxyPass http://%[3]s/wsman
</Location>
<VirtualHost %[4]s>
	LimitRequestFieldSize 8190
</VirtualHost>
`, dir, address, backend, short)
}
