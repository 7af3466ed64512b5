package provider

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"

	"github.com/winrmbits/terraform-provider-bits/internal/connection"
)

// resolveTLS fills in whom a connection trusts.
func (m providerModel) resolveTLS(r *resolver, s *connection.Settings) {
	s.Insecure = resolved(r, rootSetting("insecure"), m.Insecure, parseBool, false)
	s.TLSMinVersion = resolved(r, rootSetting("tls_min_version"), m.TLSMinVersion, parseTLSVersion, 0)
	s.TLSFingerprint = resolved(r, rootSetting("tls_fingerprint"), m.TLSFingerprint, parseFingerprint, "")
	if s.Insecure {
		return // what checks certificates is not looked at
	}
	s.TLSServerName = resolved(r, rootSetting("tls_server_name"), m.TLSServerName, anyText, "")
	s.CACert = r.authorities(m)
}

// authorities gives the PEM certificates to trust, "" for the system's. What is configured of the pair ca_cert and
// ca_file wins over both variables.
func (r *resolver) authorities(m providerModel) string {
	cert, file := rootSetting("ca_cert"), rootSetting("ca_file")
	switch configured := !m.CACert.IsNull() || !m.CAFile.IsNull(); {
	case !m.CACert.IsNull() && !m.CAFile.IsNull():
		r.refuse(cert.at, "ca_cert and ca_file are both set: remove one of them.")
		return ""
	case !configured && r.variable(cert) != "" && r.variable(file) != "":
		r.refuse(cert.at, "The environment variables BITS_CA_CERT and BITS_CA_FILE are both set: unset one of them.")
		return ""
	case !m.CAFile.IsNull(), !configured && r.variable(file) != "":
		read := anyText
		if r.files {
			read = readCertificates
		}
		return resolved(r, file, m.CAFile, read, "")
	}
	return resolved(r, cert, m.CACert, checked(checkCertificates), "")
}

func readCertificates(name string) (string, error) {
	content, err := os.ReadFile(name) //nolint:gosec // the path is the user's own
	if err != nil {
		return "", err
	}
	if err := checkCertificates(string(content)); err != nil {
		return "", fmt.Errorf("%s: %w", name, err)
	}
	return string(content), nil
}

func checkCertificates(text string) error {
	if !x509.NewCertPool().AppendCertsFromPEM([]byte(text)) {
		return errors.New("no PEM certificate can be read from it: one or more blocks \"-----BEGIN CERTIFICATE-----\" are expected")
	}
	return nil
}

func parseTLSVersion(s string) (uint16, error) {
	switch s {
	case "1.2":
		return tls.VersionTLS12, nil
	case "1.3":
		return tls.VersionTLS13, nil
	}
	return 0, fmt.Errorf("%q is not supported: one of [\"1.2\" \"1.3\"] is expected", s)
}

const (
	sha1Digits   = 40
	sha256Digits = 64

	// fingerprintCommands print SHA-256 fingerprints, on the host and from elsewhere.
	fingerprintCommands = "On the host, this prints that of each certificate:\n" +
		"    Get-ChildItem Cert:\\LocalMachine\\My | ForEach-Object { [BitConverter]::ToString([Security.Cryptography.SHA256]::Create().ComputeHash($_.RawData)).Replace('-', '') + ' ' + $_.Subject }\n" +
		"From elsewhere, this prints that of the certificate which the host shows:\n" +
		"    openssl s_client -connect HOST:5986 </dev/null | openssl x509 -noout -fingerprint -sha256\n" +
		"Compare the two."
)

// parseFingerprint takes 64 hexadecimal digits, with or without colons between the bytes.
func parseFingerprint(s string) (string, error) {
	digits := strings.ToLower(strings.ReplaceAll(s, ":", ""))
	if _, err := hex.DecodeString(digits); err == nil {
		switch len(digits) {
		case sha256Digits:
			return digits, nil
		case sha1Digits:
			return "", errors.New("this is a SHA-1 thumbprint, as Windows shows it: the SHA-256 fingerprint is expected. " + fingerprintCommands)
		}
	}
	return "", errors.New("a SHA-256 fingerprint has 64 hexadecimal digits, with or without colons between the bytes. " + fingerprintCommands)
}

// resolveClientCertificate fills in what auth = "certificate" logs on with.
func (m providerModel) resolveClientCertificate(r *resolver, s *connection.Settings) {
	key := rootSetting("client_key")
	s.ClientCertificate = resolved(r, rootSetting("client_certificate"), m.ClientCertificate, checked(checkCertificates), "")
	s.ClientKey = connection.NewSecret(resolved(r, key, m.ClientKey, checked(checkKey), ""))
	if s.ClientCertificate == "" || s.ClientKey.Reveal() == "" {
		return
	}
	if _, err := tls.X509KeyPair([]byte(s.ClientCertificate), []byte(s.ClientKey.Reveal())); err != nil {
		r.refuse(key.at, fmt.Sprintf("client_key does not belong to client_certificate: %s", ended(strings.TrimPrefix(err.Error(), "tls: "))))
	}
}

// checkKey says what is wrong with a key, and nothing of what stands in it.
func checkKey(text string) error {
	switch {
	case !strings.Contains(text, "PRIVATE KEY-----"):
		return errors.New("no PEM key can be read from it: a block \"-----BEGIN PRIVATE KEY-----\" is expected")
	case strings.Contains(text, "ENCRYPTED"):
		return errors.New("the key is encrypted: give it without a passphrase (openssl pkey -in encrypted.pem -out plain.pem)")
	}
	return nil
}

// checkProxy says what is wrong with the URL of a proxy, and nothing of what stands in it.
func checkProxy(text string) error {
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Hostname() == "" || u.Scheme != "http" && u.Scheme != "https":
		return errors.New("the URL of an HTTP proxy is expected, such as http://proxy.corp.example:3128")
	case u.Path != "" && u.Path != "/" || u.RawQuery != "" || u.Fragment != "":
		return errors.New("the URL of a proxy has no path, query or fragment")
	}
	return nil
}
