// SPDX-License-Identifier: MPL-2.0

package judges

import (
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// Domain is an Active Directory domain of Samba: [Realm], with the NetBIOS name CORP. Its database is in a folder.
type Domain struct {
	dir    string
	script *script
}

// StartDomain makes a domain for a test, which takes Samba about ten seconds. It skips the test where $BITS_TEST_SAMBA does not
// ask for it, and on a machine without Samba.
func StartDomain(t testing.TB) *Domain {
	t.Helper()
	skipShort(t)
	if os.Getenv("BITS_TEST_SAMBA") == "" {
		t.Skip("no Samba: set BITS_TEST_SAMBA on a machine with the programs that docs-dev/judges.md lists")
	}
	for _, name := range []string{"samba", "samba-tool"} {
		if _, err := exec.LookPath(name); err != nil {
			t.Skipf("no Samba (%s): install samba-ad-dc and samba-ad-provision", name)
		}
	}
	if os.Geteuid() != 0 {
		t.Skip("no Samba: only root can make a domain")
	}
	d := &Domain{dir: t.TempDir()}
	d.script = startScript(t, "domain.py", nil, d.dir)
	d.script.read(t, &struct{}{}) // the domain is made
	return d
}

// ServeKDC starts a KDC of the domain, whose clock may be ahead, and returns its address.
func (d *Domain) ServeKDC(t testing.TB, ahead time.Duration) string {
	t.Helper()
	environment := shifted(t, ahead)
	address := freeAddress(t)
	_, port, _ := net.SplitHostPort(address)
	//nolint:gosec,noctx // Samba, ended by Cleanup
	c := exec.Command("samba", "--configfile="+filepath.Join(d.dir, "etc", "smb.conf"), "--foreground", "--no-process-group", "--model=single",
		"--debug-stdout", "--option=server services=kdc", "--option=krb5 port="+port, "--option=kpasswd port=0",
		"--option=pid directory="+t.TempDir())
	c.Env = append(os.Environ(), environment...)
	log, err := os.Create(filepath.Join(t.TempDir(), "samba.log"))
	if err != nil {
		t.Fatal(err)
	}
	c.Stdout, c.Stderr = log, log
	t.Cleanup(func() { _ = log.Close() })
	startUntilCleanup(t, c)
	waitFor(t, "tcp", address, log)
	return address
}

// freeAddress is an address on loopback with a port that is free.
func freeAddress(t testing.TB) string {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatalf("find a port: %v", err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

// waitFor waits until a server takes connections. Its log, if it is not nil, is shown when it does not.
func waitFor(t testing.TB, network, address string, log *os.File) {
	t.Helper()
	retry := time.NewTicker(20 * time.Millisecond)
	defer retry.Stop()
	for range 3000 { // a minute
		if conn, err := (&net.Dialer{}).DialContext(t.Context(), network, address); err == nil {
			_ = conn.Close()
			return
		}
		<-retry.C
	}
	var text []byte
	if log != nil {
		text, _ = io.ReadAll(io.NewSectionReader(log, 0, 1<<20))
	}
	t.Fatalf("nothing serves %s: %s", address, text)
}

// Attributes are those of an account in Active Directory, by their LDAP names. Several values of one are a []string.
type Attributes map[string]any

// Do sends a request to scripts/domain.py and returns the value that it answers with.
func (d *Domain) do(t testing.TB, request map[string]any) string {
	t.Helper()
	var answer struct{ Error, Value string }
	d.script.ask(t, request, &answer)
	if answer.Error != "" {
		t.Fatalf("%v: %s", request, answer.Error)
	}
	return answer.Value
}

// User makes an account of a user.
func (d *Domain) User(t testing.TB, name, password string, attributes Attributes) {
	t.Helper()
	d.do(t, map[string]any{"do": "user", "name": name, "password": password, "attributes": attributes})
}

// Computer makes an account of a machine, with all encryption types unless the attributes have others.
func (d *Domain) Computer(t testing.TB, name, password string, attributes Attributes) {
	t.Helper()
	with := Attributes{"msDS-SupportedEncryptionTypes": "28"} // RC4, AES-128 and AES-256, as Windows sets them. Source: MS-KILE 2.2.7
	for key, value := range attributes {
		with[key] = value
	}
	d.do(t, map[string]any{"do": "computer", "name": name, "password": password, "attributes": with})
}

// Modify replaces attributes of an account, or of the domain itself if name is "".
func (d *Domain) Modify(t testing.TB, name string, attributes Attributes) {
	t.Helper()
	d.do(t, map[string]any{"do": "modify", "name": name, "attributes": attributes})
}

// SetPassword gives an account another password.
func (d *Domain) SetPassword(t testing.TB, name, password string) {
	t.Helper()
	d.Modify(t, name, Attributes{"clearTextPassword": password})
}

// ForgetAES leaves an account the key of RC4 alone, as one has whose password is older than the domain's AES.
func (d *Domain) ForgetAES(t testing.TB, name string) {
	t.Helper()
	d.do(t, map[string]any{"do": "forget aes", "name": name})
}

// Rename gives an account another name.
func (d *Domain) Rename(t testing.TB, name, to string) {
	t.Helper()
	d.do(t, map[string]any{"do": "rename", "name": name, "to": to})
}

// JoinGroups makes an account a member of so many groups.
func (d *Domain) JoinGroups(t testing.TB, name string, count int) {
	t.Helper()
	d.do(t, map[string]any{"do": "groups", "name": name, "count": count})
}

// Keytab adds the keys of an account to a file.
func (d *Domain) Keytab(t testing.TB, path, name string) {
	t.Helper()
	d.do(t, map[string]any{"do": "keytab", "name": name, "path": path})
}

// Failures returns how many logons of an account failed since the last that succeeded.
func (d *Domain) Failures(t testing.TB, name string) int {
	t.Helper()
	text := d.do(t, map[string]any{"do": "read", "name": name, "attribute": "badPwdCount"})
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatalf("badPwdCount of %s: %v", name, err)
	}
	return n
}

// Config writes a krb5.conf that leads to a KDC, and returns its path. The lines are added to its section [libdefaults].
func (d *Domain) Config(t testing.TB, kdc string, lines ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "krb5.conf")
	text := fmt.Sprintf("[realms]\n\t%[1]s = {\n\t\tkdc = %[2]s\n\t}\n[domain_realm]\n\t.corp.example = %[1]s\n"+
		"[libdefaults]\n\tdefault_realm = %[1]s\n\tdns_lookup_kdc = false\n\trdns = false\n\t%[3]s\n", Realm, kdc, strings.Join(lines, "\n\t"))
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// Cache logs on with MIT's kinit and returns the path of the credential cache. Options are those of kinit.
func (d *Domain) Cache(t testing.TB, config, name, password string, options ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "ccache")
	d.Kinit(t, config, path, name, password, options...)
	return path
}

// Kinit logs on with MIT's kinit, into a credential cache of any kind.
func (d *Domain) Kinit(t testing.TB, config, cache, name, password string, options ...string) {
	t.Helper()
	c := exec.CommandContext(t.Context(), program(t, "kinit"), append(options, "-c", cache, name)...) //nolint:gosec // MIT's program
	c.Env, c.Stdin = append(os.Environ(), "KRB5_CONFIG="+config), strings.NewReader(password+"\n")
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("kinit: %v: %s", err, out)
	}
}

// StartCacheManager starts Heimdal's manager of credential caches (KCM:), and returns the path of its socket. It skips the test where
// there is none, or where not even root may make a mount namespace: the path of the socket is fixed, below /run.
func StartCacheManager(t testing.TB) string {
	t.Helper()
	if _, err := exec.LookPath("/usr/sbin/kcm"); err != nil {
		t.Skip("no cache manager: install heimdal-kcm")
	}
	if err := exec.CommandContext(t.Context(), "unshare", "--mount", "true").Run(); err != nil {
		t.Skipf("no cache manager: no mount namespace: %v", err)
	}
	dir := t.TempDir()
	//nolint:gosec,noctx // Heimdal's program, ended by Cleanup
	c := exec.Command("unshare", "--mount", "sh", "-c", `mount --bind "$0" /run && exec /usr/sbin/kcm`, dir)
	c.Stdout, c.Stderr = t.Output(), t.Output()
	if err := c.Start(); err != nil {
		t.Fatalf("start the cache manager: %v", err)
	}
	t.Cleanup(func() {
		_ = c.Process.Kill()
		_ = c.Wait() // it was killed
	})
	socket := filepath.Join(dir, ".heim_org.h5l.kcm-socket")
	waitFor(t, "unix", socket, nil)
	return socket
}
