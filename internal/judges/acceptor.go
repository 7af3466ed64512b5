// SPDX-License-Identifier: MPL-2.0

package judges

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"
)

// Listener is one port of an [Acceptor].
type Listener struct {
	// Certificate and Key (PEM) make it speak TLS, and demand that logons are bound to the certificate by a hash of this
	// name: sha256, or "wrong" for one that no client sends.
	Certificate string `json:"certificate,omitempty"`
	Key         string `json:"key,omitempty"`
	Hash        string `json:"hash,omitempty"`
	// Proxied makes it take the account from the header X-Remote-User.
	Proxied bool `json:"proxied,omitempty"`
}

// Accounts is what acceptors know: keys of services for Kerberos, and accounts for NTLM.
type Accounts struct {
	Keytab string   // path
	NTLM   []string // DOMAIN:name:password
}

// Accepted is what an acceptor knows of a connection.
type Accepted struct {
	User      string `json:"user"`
	Mechanism string `json:"mechanism"` // ntlm or kerberos
	Sealed    bool   `json:"sealed"`    // the messages are
	Bound     bool   `json:"bound"`     // to the TLS channel
}

// Transcript is what every command prints in the shells of an acceptor.
type Transcript struct {
	Sending   Accepted `json:"sending"` // the connection that the input came over
	Receiving Accepted `json:"receiving"`
	Stdin     []byte   `json:"stdin"`
}

// StartAcceptor starts a service of text shells on MIT's GSS-API and gss-ntlmssp, whose clock may be ahead, and returns the
// addresses of its listeners. It skips the test on a machine without them.
func StartAcceptor(t testing.TB, accounts Accounts, ahead time.Duration, listeners ...Listener) []string {
	t.Helper()
	if err := exec.CommandContext(t.Context(), systemPython, "-c", "import gssapi").Run(); err != nil {
		t.Skip("no GSS acceptor: install python3-gssapi")
	}
	if found, _ := filepath.Glob("/usr/lib/*/gssntlmssp/gssntlmssp.so"); len(found) == 0 {
		t.Skip("no GSS acceptor of NTLM: install gss-ntlmssp")
	}
	s := startScript(t, "acceptor.py", append(accounts.environment(t, t.TempDir()), shifted(t, ahead)...))
	var ports []int
	s.ask(t, listeners, &ports)
	var addresses []string
	for _, port := range ports {
		addresses = append(addresses, "127.0.0.1:"+strconv.Itoa(port))
	}
	return addresses
}

// environment is what MIT's GSS-API and gss-ntlmssp need to know the accounts. Their file is in a folder.
func (a Accounts) environment(t testing.TB, dir string) []string {
	t.Helper()
	path := filepath.Join(dir, "ntlm")
	text := ""
	for _, account := range a.NTLM {
		text += account + "\n"
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil { //nolint:gosec // Apache reads it as another user
		t.Fatal(err)
	}
	return []string{"KRB5_KTNAME=" + a.Keytab, "NTLM_USER_FILE=" + path, "KRB5RCACHENAME=none:", "LC_ALL=C.UTF-8"}
}
