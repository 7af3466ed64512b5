// SPDX-License-Identifier: MPL-2.0

package wsman_test

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"errors"
	"math/big"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/connection"
	"github.com/winrmbits/terraform-provider-bits/internal/judges"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/wsman"
)

const (
	web01           = "web01.corp.example"
	secret          = "Pa55 wörd€😀" // in the basic plane of Unicode, and beyond it
	machinePassword = "Machine.Pass1"
)

// change turns the settings of a password logon by Kerberos into those of a case.
type change func(*connection.Settings)

// channel is a way to a host that demands logons.
type channel struct {
	name        string
	address     string
	certificate string // PEM; "" means plain http, where every message has to be sealed
	forwarded   bool   // the judge of the logon is not the one that answers
}

// matrix is a domain, and hosts in it. It counts its cases.
type matrix struct {
	domain   *judges.Domain
	kdc      string // address
	config   string // path of a krb5.conf
	accounts judges.Accounts
	channels []channel
	short    channel // takes short headers only
	cases    int
}

// newMatrix makes the domain with the accounts of its hosts.
func newMatrix(t *testing.T) *matrix {
	t.Helper()
	m := &matrix{domain: judges.StartDomain(t), accounts: judges.Accounts{Keytab: filepath.Join(t.TempDir(), "hosts.keytab")}}
	m.host(t, "web01", nil)
	for _, account := range []string{"CORP:ops", "CORP:Müller", "WEB01:Administrator", ":lone", ":ops@corp.example"} {
		m.accounts.NTLM = append(m.accounts.NTLM, account+":"+secret)
	}
	m.kdc = m.domain.ServeKDC(t, 0)
	m.config = m.domain.Config(t, m.kdc)
	return m
}

// host makes the account of a machine, whose keys the acceptors have.
func (m *matrix) host(t *testing.T, name string, attributes judges.Attributes) {
	t.Helper()
	fqdn := name + ".corp.example"
	with := judges.Attributes{"servicePrincipalName": []string{"HTTP/" + fqdn, "HOST/" + fqdn, "WSMAN/" + fqdn}}
	for key, value := range attributes {
		with[key] = value
	}
	m.domain.Computer(t, strings.ToUpper(name)+"$", machinePassword, with)
	for _, class := range []string{"HTTP/", "WSMAN/"} {
		m.domain.Keytab(t, m.accounts.Keytab, class+fqdn)
	}
}

// serve starts the hosts: http, https with certificates of every kind, and Apache.
func (m *matrix) serve(t *testing.T) {
	t.Helper()
	m.channels = []channel{{name: sealed}}
	listeners := []judges.Listener{{}}
	for _, kind := range []struct {
		name, hash string // the hash of tls-server-end-point. Source: RFC 5929, 4.1
		signed     x509.SignatureAlgorithm
	}{
		{bound, "sha256", x509.SHA256WithRSA},
		{"https, RSA with SHA-384", "sha384", x509.SHA384WithRSA},
		{"https, RSA with SHA-512", "sha512", x509.SHA512WithRSA},
		{"https, RSA-PSS with SHA-256", "sha256", x509.SHA256WithRSAPSS},
		{"https, RSA-PSS with SHA-384", "sha384", x509.SHA384WithRSAPSS},
		{"https, RSA-PSS with SHA-512", "sha512", x509.SHA512WithRSAPSS},
		{"https, ECDSA with SHA-256", "sha256", x509.ECDSAWithSHA256},
		{"https, ECDSA with SHA-384", "sha384", x509.ECDSAWithSHA384},
		{"https, ECDSA with SHA-512", "sha512", x509.ECDSAWithSHA512},
		{"https, RSA with SHA-1", "sha256", x509.SHA1WithRSA}, // SHA-256 replaces it
		{unbound, "wrong", x509.SHA256WithRSA},
	} {
		certificate, key := certificateOf(t, kind.signed)
		listeners = append(listeners, judges.Listener{Certificate: certificate, Key: key, Hash: kind.hash})
		m.channels = append(m.channels, channel{name: kind.name, certificate: certificate})
	}
	certificate, key := saltedCertificate(t)
	listeners = append(listeners, judges.Listener{Certificate: certificate, Key: key, Hash: "sha384"}, judges.Listener{Proxied: true})
	m.channels = append(m.channels, channel{name: "https, RSA-PSS with SHA-384 and a short salt", certificate: certificate})
	addresses := judges.StartAcceptor(t, m.accounts, 0, listeners...)
	for i := range m.channels {
		m.channels[i].address = addresses[i]
	}
	certificate, key = certificateOf(t, x509.SHA256WithRSA)
	address, short := judges.StartApache(t, m.accounts, certificate, key, addresses[len(addresses)-1])
	m.channels = append(m.channels, channel{name: apache, address: address, certificate: certificate, forwarded: true})
	m.short = channel{address: short, certificate: certificate, forwarded: true}
}

// channel returns the channel of a name.
func (m *matrix) channel(t *testing.T, name string) channel {
	t.Helper()
	for _, c := range m.channels {
		if c.name == name {
			return c
		}
	}
	t.Fatalf("no channel %q", name)
	return channel{}
}

// run runs a case of the matrix.
func (m *matrix) run(t *testing.T, name string, test func(t *testing.T)) {
	t.Run(name, func(t *testing.T) {
		m.cases++
		test(t)
	})
}

// settings are those of a logon by password and Kerberos over a channel.
func (m *matrix) settings(c channel, changes ...change) connection.Settings {
	s := connection.Settings{
		Host: web01, Port: 5985, Auth: connection.AuthKerberos, Username: "ops", Password: bits.NewSecret(secret),
		Kerberos: connection.Kerberos{Realm: judges.Realm, KDC: m.kdc}, ConnectTimeout: time.Minute, OperationTimeout: time.Minute,
	}
	if c.certificate != "" {
		s.HTTPS, s.Port, s.CACert, s.TLSServerName = true, 5986, c.certificate, web01
	}
	for _, change := range changes {
		if change == nil {
			continue
		}
		change(&s)
	}
	return s
}

// client returns a client whose connections lead to a channel, whatever the host's name.
func client(c channel) *wsman.Client {
	client := wsman.NewClient(nil)
	client.Dial = func(ctx context.Context, network, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, network, c.address)
	}
	return client
}

// visit opens a shell, writes to its command, reads what that prints and closes the shell: messages over two connections, each with a
// logon of its own.
func visit(t *testing.T, c channel, s connection.Settings, input []byte) (judges.Transcript, error) {
	t.Helper()
	var transcript judges.Transcript
	shell, err := client(c).Open(t.Context(), s, "powershell.exe", nil)
	if err != nil {
		return transcript, err
	}
	if err := shell.Send(t.Context(), input); err != nil {
		return transcript, err
	}
	output, err := shell.Receive(t.Context())
	if err == nil {
		err = json.Unmarshal(output.Stdout, &transcript)
	}
	return transcript, errors.Join(err, shell.Close(t.Context()))
}

// accepts expects that the host knows an account over both connections, and gets and sends what is sent and received.
func accepts(t *testing.T, c channel, s connection.Settings, user, mechanism string) {
	t.Helper()
	input := bytes.Repeat([]byte("0123456789 äöü\r\n--Encrypted Boundary--\r\n"), 1000)
	got, err := visit(t, c, s, input)
	if err != nil {
		t.Fatal(err)
	}
	// Samba calls an account as the client does, in the case that the client has it.
	for _, connection := range []*judges.Accepted{&got.Sending, &got.Receiving} {
		if strings.EqualFold(connection.User, user) {
			connection.User = user
		}
	}
	want := judges.Accepted{User: user, Mechanism: mechanism, Sealed: c.certificate == "", Bound: c.certificate != ""}
	if c.forwarded {
		want = judges.Accepted{User: user}
	}
	if got.Sending != want || got.Receiving != want {
		t.Errorf("it sees %+v and %+v, want %+v", got.Sending, got.Receiving, want)
	}
	if !bytes.Equal(got.Stdin, input) {
		t.Errorf("%d bytes of %d arrived", len(got.Stdin), len(input))
	}
}

// refuses expects that no shell opens, for a reason and with a remedy.
func refuses(t *testing.T, c channel, s connection.Settings, kind connection.Kind, texts ...string) {
	t.Helper()
	_, err := visit(t, c, s, nil)
	_ = failed(t, err, kind, texts...)
}

// failed expects the failure of a logon.
func failed(t *testing.T, err error, kind connection.Kind, texts ...string) *connection.Error {
	t.Helper()
	var failed *connection.Error
	if !errors.As(err, &failed) {
		t.Fatalf("no error of a connection: %v", err)
	}
	if failed.Kind != kind {
		t.Errorf("it is %s, want %s: %v", failed.Kind, kind, failed)
	}
	if failed.Remedy == "" {
		t.Errorf("no remedy: %v", failed)
	}
	for _, text := range texts {
		if got := failed.Problem + "\n" + failed.Remedy; !strings.Contains(got, text) {
			t.Errorf("%q is not in: %s", text, got)
		}
	}
	if strings.Contains(err.Error(), secret) {
		t.Errorf("the error holds the password: %v", err)
	}
	return failed
}

// certificateOf makes a certificate for web01 that signs itself by an algorithm, and its key.
func certificateOf(t *testing.T, signed x509.SignatureAlgorithm) (certificate, key string) {
	t.Helper()
	var private crypto.Signer
	var err error
	switch signed {
	case x509.ECDSAWithSHA256:
		private, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	case x509.ECDSAWithSHA384:
		private, err = ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	case x509.ECDSAWithSHA512:
		private, err = ecdsa.GenerateKey(elliptic.P521(), rand.Reader)
	default:
		private, err = rsa.GenerateKey(rand.Reader, 2048)
	}
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "web01"}, DNSNames: []string{web01}, SignatureAlgorithm: signed,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	encoded, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})),
		string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: encoded}))
}

// saltedCertificate makes a certificate with a signature that crypto/x509 neither makes nor knows: its salt is shorter than its hash.
func saltedCertificate(t *testing.T) (certificate, key string) {
	t.Helper()
	dir := t.TempDir()
	c := exec.CommandContext(t.Context(), "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes",
		"-keyout", "key.pem", "-out", "certificate.pem",
		"-subj", "/CN="+web01, "-days", "1", "-sha384", "-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:32")
	c.Dir = dir
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("openssl: %v: %s", err, out)
	}
	var files [2]string
	for i, name := range []string{"certificate.pem", "key.pem"} {
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		files[i] = string(text)
	}
	return files[0], files[1]
}
