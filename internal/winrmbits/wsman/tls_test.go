// SPDX-License-Identifier: MPL-2.0

package wsman

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"encoding/pem"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/connection"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/auth"
)

// issued makes a self-signed certificate for 127.0.0.1 that is valid for some time.
func issued(t *testing.T, from, until time.Time) (certificate tls.Certificate, certPEM, keyPEM string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "web01"}, DNSNames: []string{"web01.corp.example"}, NotBefore: from, NotAfter: until,
		IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	certPEM = string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
	keyPEM = string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}))
	if certificate, err = tls.X509KeyPair([]byte(certPEM), []byte(keyPEM)); err != nil {
		t.Fatal(err)
	}
	return certificate, certPEM, keyPEM
}

// presenting is the way to a host on a real socket, which has room for what a failing handshake leaves unread. It shows a
// certificate that its settings' authorities have issued, and answers 503 to clients that trust it.
func presenting(t *testing.T, from, until time.Time) (settings connection.Settings, fingerprint string) {
	t.Helper()
	certificate, ca, _ := issued(t, from, until)
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) }))
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.TLS = &tls.Config{Certificates: []tls.Certificate{certificate}}
	server.StartTLS()
	t.Cleanup(server.Close)
	at := server.Listener.Addr().(*net.TCPAddr)
	sum := sha256.Sum256(certificate.Certificate[0])
	return connection.Settings{
		Host: at.IP.String(), Port: at.Port, HTTPS: true, Auth: connection.AuthBasic, Username: "ops", Password: bits.NewSecret(password),
		CACert: ca, TLSServerName: "web01.corp.example", ConnectTimeout: time.Minute, OperationTimeout: time.Minute,
	}, hex.EncodeToString(sum[:])
}

func TestAnExpiredCertificateIsExplainedWithItsTime(t *testing.T) {
	past, future := time.Date(2001, 2, 3, 4, 5, 0, 0, time.UTC), time.Now().AddDate(1, 0, 0).UTC()
	for _, tt := range []struct {
		name        string
		from, until time.Time
		says        string
	}{
		{"expired", past.AddDate(-1, 0, 0), past, "the certificate of web01.corp.example expired at 2001-02-03 04:05 UTC."},
		{"not valid yet", future, future.AddDate(1, 0, 0), "the certificate of web01.corp.example is not valid before " + future.Format("2006-01-02 15:04") + " UTC."},
	} {
		t.Run(tt.name, func(t *testing.T) {
			settings, _ := presenting(t, tt.from, tt.until)
			_, err := NewClient(nil).Open(t.Context(), settings, "powershell.exe", nil)
			expect(t, err, connection.Untrusted, tt.says, "was issued by CN=web01", "Check the clock", time.Now().UTC().Format("which shows 2006-01-02"))
		})
	}
}

func TestAPinTrustsOneCertificate(t *testing.T) {
	settings, found := presenting(t, time.Now().AddDate(-2, 0, 0), time.Now().AddDate(-1, 0, 0))
	settings.CACert, settings.TLSServerName = "", ""
	settings.TLSFingerprint = found // expired, for another name, and issued by a stranger
	_, err := NewClient(nil).Open(t.Context(), settings, "powershell.exe", nil)
	expect(t, err, connection.Unreachable, "HTTP 503")
	settings.TLSFingerprint = strings.Repeat("ab", sha256.Size)
	_, err = NewClient(nil).Open(t.Context(), settings, "powershell.exe", nil)
	expect(t, err, connection.Untrusted, "expected "+settings.TLSFingerprint+", found "+found, "web01.corp.example")
}

func TestTheLeastVersionOfTLS(t *testing.T) {
	for _, tt := range []struct {
		name       string
		least, can uint16
		says       string // "" means the shell opens
	}{
		{"1.2 is enough by default", 0, tls.VersionTLS12, ""},
		{"1.3 can be asked for", tls.VersionTLS13, tls.VersionTLS13, ""},
		{"1.2 is not enough where 1.3 is asked for", tls.VersionTLS13, tls.VersionTLS12, "TLS 1.3 (tls_min_version)"},
		{"1.1 is never enough", 0, tls.VersionTLS11, "TLS 1.2 or later"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			bubble(t, func(t *testing.T, s *service) {
				s.server.TLS.MaxVersion = tt.can
				settings := s.settings()
				settings.TLSMinVersion = tt.least
				shell, err := clientOver(s.pipes.dial).Open(t.Context(), settings, "powershell.exe", nil)
				if tt.says == "" {
					if err != nil {
						t.Fatal(err)
					}
					_ = shell.Close(t.Context())
					return
				}
				expect(t, err, connection.Untrusted, "the TLS handshake failed", tt.says)
			})
		})
	}
}

// TestAClientCertificateIsReadyForARenegotiation holds the handshake to what WinRM needs. No server in Go can ask for a
// certificate by a renegotiation: what a real host does with it is not proven here.
func TestAClientCertificateIsReadyForARenegotiation(t *testing.T) {
	_, cert, key := issued(t, time.Now(), time.Now().Add(time.Hour))
	configured := func(s connection.Settings) *tls.Config {
		s.HTTPS = true
		method, err := auth.MethodOf(s)
		if err != nil {
			t.Fatal(err)
		}
		config, err := tlsConfig(s, method)
		if err != nil {
			t.Fatal(err)
		}
		return config
	}
	config := configured(connection.Settings{Auth: connection.AuthCertificate, ClientCertificate: cert, ClientKey: bits.NewSecret(key)})
	if config.MaxVersion != tls.VersionTLS12 || config.Renegotiation != tls.RenegotiateOnceAsClient || len(config.Certificates) != 1 {
		t.Errorf("at most version %x, renegotiation %v, %d certificates", config.MaxVersion, config.Renegotiation, len(config.Certificates))
	}
	if config = configured(connection.Settings{Auth: connection.AuthBasic}); config.MaxVersion != 0 || config.Renegotiation != tls.RenegotiateNever {
		t.Errorf("without one: %+v", config)
	}
}
