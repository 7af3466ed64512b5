package hosts

import (
	"fmt"
	"os"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/connection"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/report"
)

// resolveTLS resolves which certificates a connection trusts.
func (m model) resolveTLS(r *resolver, s *connection.Settings) {
	s.Insecure = resolve(r, rootSetting("insecure"), m.Insecure, connection.ParseBool, false)
	s.TLSMinVersion = resolve(r, rootSetting("tls_min_version"), m.TLSMinVersion, connection.ParseTLSVersion, 0)
	s.TLSFingerprint = resolve(r, rootSetting("tls_fingerprint"), m.TLSFingerprint, connection.ParseFingerprint, "")
	if s.Insecure {
		return // what checks certificates is not looked at
	}
	s.TLSServerName = resolve(r, rootSetting("tls_server_name"), m.TLSServerName, connection.ParseText, "")
	s.CACert = r.authorities(m)
}

// authorities returns the PEM certificates to trust, "" for those of the system. What is configured of the pair ca_cert and
// ca_file wins over both variables.
func (r *resolver) authorities(m model) string {
	cert, file := rootSetting("ca_cert"), rootSetting("ca_file")
	switch configured := !m.CACert.IsNull() || !m.CAFile.IsNull(); {
	case !m.CACert.IsNull() && !m.CAFile.IsNull():
		r.refuse(cert.at, "ca_cert and ca_file are both set: remove one of them.")
		return ""
	case !configured && r.variable(cert) != "" && r.variable(file) != "":
		r.refuse(cert.at, "The environment variables BITS_CA_CERT and BITS_CA_FILE are both set: unset one of them.")
		return ""
	case !m.CAFile.IsNull(), !configured && r.variable(file) != "":
		read := connection.ParseText
		if r.files {
			read = readCertificates
		}
		return resolve(r, file, m.CAFile, read, "")
	}
	return resolve(r, cert, m.CACert, connection.ParseCertificates, "")
}

func readCertificates(name string) (string, error) {
	content, err := os.ReadFile(name) //nolint:gosec // the path is the user's own
	if err != nil {
		return "", err
	}
	text, err := connection.ParseCertificates(string(content))
	if err != nil {
		return "", fmt.Errorf("%s: %w", name, err)
	}
	return text, nil
}

// resolveClientCertificate resolves what auth = "certificate" logs on with.
func (m model) resolveClientCertificate(r *resolver, s *connection.Settings) {
	key := rootSetting("client_key")
	s.ClientCertificate = resolve(r, rootSetting("client_certificate"), m.ClientCertificate, connection.ParseCertificates, "")
	s.ClientKey = bits.NewSecret(resolve(r, key, m.ClientKey, connection.ParseKey, ""))
	if err := s.CheckKeyPair(); err != nil {
		r.refuse(key.at, report.WithPeriod(err.Error()))
	}
}
