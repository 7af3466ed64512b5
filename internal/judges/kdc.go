// SPDX-License-Identifier: MPL-2.0

package judges

import (
	"bufio"
	"crypto/rand"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Realm is the realm of the KDC that [StartKDC] starts.
const Realm = "CORP.EXAMPLE"

// portAttempts is how many ports are tried: another program may take one between the choice and its use.
const portAttempts = 5

// KDC is a running Kerberos KDC of MIT: a realm of its own on loopback, with its files in a folder.
type KDC struct {
	Address string // host:port
	Config  string // path of the realm's krb5.conf
	Realm   string

	dir     string
	other   string // realm
	process *exec.Cmd
}

// program finds one of MIT's programs: Debian keeps the servers where users do not look. It skips the test on a machine without it.
func program(t testing.TB, name string) string {
	t.Helper()
	for _, candidate := range []string{name, filepath.Join("/usr/sbin", name)} {
		if path, err := exec.LookPath(candidate); err == nil {
			return path
		}
	}
	t.Skipf("no Kerberos KDC (%s): install krb5-kdc, krb5-admin-server and krb5-user", name)
	return ""
}

// StartKDC starts a KDC of [Realm] for a test, and skips the test on a machine without MIT's programs.
func StartKDC(t testing.TB) *KDC {
	t.Helper()
	return StartRealm(t, Realm, "")
}

// StartRealm is [StartKDC] with another realm. Its KDC refers clients to a further realm, unless it is "", for the hosts of that
// realm's domain.
func StartRealm(t testing.TB, realm, other string) *KDC {
	t.Helper()
	skipShort(t)
	for _, name := range []string{"krb5kdc", "kdb5_util", "kadmin.local", "kinit", "kvno"} {
		program(t, name)
	}
	dir := t.TempDir()
	k := &KDC{Config: filepath.Join(dir, "krb5.conf"), Realm: realm, dir: dir, other: other}
	k.configure(t)
	k.run(t, "", "kdb5_util", "create", "-s", "-r", k.Realm, "-P", rand.Text())
	err := k.serve(t)
	for attempt := 1; err != nil; attempt++ {
		if attempt == portAttempts {
			t.Fatal(err)
		}
		k.configure(t)
		err = k.serve(t)
	}
	t.Cleanup(func() {
		_ = k.process.Process.Kill()
		_ = k.process.Wait() // it was killed
	})
	return k
}

// configure writes the files of the realm, with a port that is free.
func (k *KDC) configure(t testing.TB) {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatalf("find a port for the KDC: %v", err)
	}
	k.Address = l.Addr().String()
	_ = l.Close()
	domains := "" // of the hosts of another realm
	if k.other != "" {
		domains = fmt.Sprintf("[domain_realm]\n\t.%s = %s\n", strings.ToLower(k.other), k.other)
	}
	files := map[string]string{
		"krb5.conf": fmt.Sprintf(`[libdefaults]
	default_realm = %[1]s
	dns_lookup_kdc = false
	dns_lookup_realm = false
	dns_canonicalize_hostname = false
	rdns = false
	allow_rc4 = true
[realms]
	%[1]s = {
		kdc = %[2]s
	}
[dbmodules]
	%[1]s = {
		db_library = db2
		database_name = %[3]s/principal
	}
%[4]s[logging]
	kdc = FILE:%[3]s/kdc.log
`, k.Realm, k.Address, k.dir, domains),
		"kdc.conf": fmt.Sprintf(`[kdcdefaults]
	kdc_listen = ""
	kdc_tcp_listen = %[2]s
[realms]
	%[1]s = {
		key_stash_file = %[3]s/stash
		acl_file = %[3]s/acl
		max_life = 10h
		default_principal_flags = +preauth
		supported_enctypes = aes256-cts:normal aes128-cts:normal
		host_based_services = HTTP
	}
`, k.Realm, k.Address, k.dir),
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(k.dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// serve starts the KDC and waits until it serves.
func (k *KDC) serve(t testing.TB) error {
	t.Helper()
	args := []string{"-n", "-r", k.Realm, "-P", filepath.Join(k.dir, "pid")}
	k.process = exec.Command(program(t, "krb5kdc"), args...) //nolint:gosec,noctx // MIT's program, ended by Cleanup
	k.process.Env = k.Environment()
	stderr, err := k.process.StderrPipe()
	if err == nil {
		err = k.process.Start()
	}
	if err != nil {
		t.Fatalf("start the KDC: %v", err)
	}
	lines := bufio.NewScanner(stderr)
	var printed []string
	for lines.Scan() {
		if strings.Contains(lines.Text(), "starting") {
			go func() { _, _ = io.Copy(io.Discard, stderr) }()
			return nil
		}
		printed = append(printed, lines.Text())
	}
	return fmt.Errorf("start the KDC: %w: %s", k.process.Wait(), strings.Join(printed, "; "))
}

// Environment is what MIT's programs need to find the realm.
func (k *KDC) Environment() []string {
	profile := filepath.Join(k.dir, "kdc.conf")
	return append(os.Environ(), "KRB5_CONFIG="+k.Config, "KRB5_KDC_PROFILE="+profile, "KRB5RCACHENAME=none:", "LC_ALL=C")
}

// run runs one of MIT's programs and returns its output.
func (k *KDC) run(t testing.TB, stdin, name string, args ...string) string {
	t.Helper()
	c := exec.CommandContext(t.Context(), program(t, name), args...) //nolint:gosec // MIT's program
	c.Env, c.Stdin = k.Environment(), strings.NewReader(stdin)
	out, err := c.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v: %s", name, err, out)
	}
	return string(out)
}
