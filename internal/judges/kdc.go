package judges

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"errors"
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

// errNoKDC reports a machine without MIT's programs.
var errNoKDC = errors.New("no Kerberos KDC: install krb5-kdc, krb5-admin-server and krb5-user")

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

// checkPrograms returns [errNoKDC] when one of MIT's programs is missing.
func checkPrograms() error {
	for _, name := range []string{"krb5kdc", "kdb5_util", "kadmin.local", "kinit", "kvno"} {
		if _, err := program(name); err != nil {
			return fmt.Errorf("%w (%s)", errNoKDC, name)
		}
	}
	return nil
}

// program finds one of MIT's programs: Debian keeps the servers where users do not look.
func program(name string) (string, error) {
	if path, err := exec.LookPath(name); err == nil {
		return path, nil
	}
	return exec.LookPath(filepath.Join("/usr/sbin", name))
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
	k, err := startKDC(t.Context(), t.TempDir(), realm, other)
	if errors.Is(err, errNoKDC) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(k.close)
	return k
}

// startKDC makes the realm in a folder and starts its KDC.
func startKDC(ctx context.Context, dir, realm, other string) (*KDC, error) {
	if err := checkPrograms(); err != nil {
		return nil, err
	}
	k := &KDC{Config: filepath.Join(dir, "krb5.conf"), Realm: realm, dir: dir, other: other}
	var err error
	for range portAttempts {
		if err = k.configure(ctx); err != nil {
			return nil, err
		}
		if k.process == nil {
			if _, err = k.run(ctx, "", "kdb5_util", "create", "-s", "-r", k.Realm, "-P", rand.Text()); err != nil {
				return nil, err
			}
		}
		if err = k.serve(); err == nil {
			return k, nil
		}
	}
	return nil, err
}

// configure writes the files of the realm, with a port that is free.
func (k *KDC) configure(ctx context.Context) error {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("find a port for the KDC: %w", err)
	}
	k.Address = l.Addr().String()
	if err := l.Close(); err != nil {
		return fmt.Errorf("find a port for the KDC: %w", err)
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
`, k.Realm, k.Address, k.dir, k.domains()),
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
			return err
		}
	}
	return nil
}

// domains is what krb5.conf says about the hosts of another realm.
func (k *KDC) domains() string {
	if k.other == "" {
		return ""
	}
	return fmt.Sprintf("[domain_realm]\n\t.%s = %s\n", strings.ToLower(k.other), k.other)
}

// serve starts the KDC and waits until it serves.
func (k *KDC) serve() error {
	path, err := program("krb5kdc")
	if err != nil {
		return fmt.Errorf("%w (krb5kdc)", errNoKDC)
	}
	k.process = exec.Command(path, "-n", "-r", k.Realm, "-P", filepath.Join(k.dir, "pid")) //nolint:gosec,noctx // MIT's program, ended by close
	k.process.Env = k.Environment()
	said, err := k.process.StderrPipe()
	if err != nil {
		return fmt.Errorf("start the KDC: %w", err)
	}
	if err := k.process.Start(); err != nil {
		return fmt.Errorf("start the KDC: %w", err)
	}
	lines := bufio.NewScanner(said)
	var heard []string
	for lines.Scan() {
		if strings.Contains(lines.Text(), "starting") {
			go func() { _, _ = io.Copy(io.Discard, said) }()
			return nil
		}
		heard = append(heard, lines.Text())
	}
	return fmt.Errorf("start the KDC: %w: %s", k.process.Wait(), strings.Join(heard, "; "))
}

// close ends the KDC.
func (k *KDC) close() {
	_ = k.process.Process.Kill()
	_ = k.process.Wait() // it was killed
}

// Environment is what MIT's programs need to find the realm.
func (k *KDC) Environment() []string {
	return append(os.Environ(), "KRB5_CONFIG="+k.Config, "KRB5_KDC_PROFILE="+filepath.Join(k.dir, "kdc.conf"), "KRB5RCACHENAME=none:", "LC_ALL=C")
}

// run runs one of MIT's programs and gives what it said.
func (k *KDC) run(ctx context.Context, stdin, name string, args ...string) (string, error) {
	path, err := program(name)
	if err != nil {
		return "", fmt.Errorf("%w (%s)", errNoKDC, name)
	}
	c := exec.CommandContext(ctx, path, args...) //nolint:gosec // MIT's program
	c.Env, c.Stdin = k.Environment(), strings.NewReader(stdin)
	var out bytes.Buffer
	c.Stdout, c.Stderr = &out, &out
	if err := c.Run(); err != nil {
		return "", fmt.Errorf("%s: %w: %s", name, err, out.String())
	}
	return out.String(), nil
}
