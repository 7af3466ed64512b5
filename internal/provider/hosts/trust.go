// SPDX-License-Identifier: MPL-2.0

package hosts

import (
	"fmt"
	"os"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/connection"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/report"
)

// resolveTLS resolves which certificates a connection trusts.
func (r *resolver) resolveTLS(s *connection.Settings) {
	s.Insecure = resolve(r, "insecure", connection.ParseBool, false)
	s.TLSMinVersion = resolve(r, "tls_min_version", connection.ParseTLSVersion, 0)
	s.TLSFingerprint = resolve(r, "tls_fingerprint", connection.ParseFingerprint, "")
	if s.Insecure {
		return // what checks certificates is not looked at
	}
	s.TLSServerName = resolve(r, "tls_server_name", connection.ParseLine, "")
	s.CACert = r.authorities()
}

// authorities returns the PEM certificates to trust, "" for those of the system. What is configured wins over both variables.
func (r *resolver) authorities() string {
	cert, file := !r.isNull("ca_cert"), !r.isNull("ca_file")
	inEnv := func(name string) bool { return !cert && !file && r.env(variable(name)) != "" }
	switch {
	case cert && file:
		r.refuse(path.Root("ca_cert"), "ca_cert and ca_file are both set: remove one of them.")
		return ""
	case inEnv("ca_cert") && inEnv("ca_file"):
		r.refuse(path.Root("ca_cert"), "The environment variables BITS_CA_CERT and BITS_CA_FILE are both set: unset one of them.")
		return ""
	case file || inEnv("ca_file"):
		read := connection.ParseLine
		if r.files {
			read = readCertificates
		}
		return resolve(r, "ca_file", read, "")
	}
	return resolve(r, "ca_cert", connection.ParseCertificates, "")
}

func readCertificates(name string) (string, error) {
	if _, err := connection.ParseLine(name); err != nil {
		return "", err
	}
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
func (r *resolver) resolveClientCertificate(s *connection.Settings) {
	s.ClientCertificate = resolve(r, "client_cert", connection.ParseCertificates, "")
	s.ClientKey = bits.NewSecret(resolve(r, "client_key", connection.ParseKey, ""))
	if err := s.CheckKeyPair(); err != nil {
		r.refuse(path.Root("client_key"), report.WithPeriod(err.Error()))
	}
}

// kerberos resolves where tickets come from. It opens no file: a keytab may be made by the same apply.
func (r *resolver) kerberos() connection.Kerberos {
	block, _ := r.values["kerberos"].(types.Object)
	if block.IsUnknown() {
		r.unknown = append(r.unknown, "kerberos")
		return connection.Kerberos{}
	}
	of := &resolver{in: path.Root("kerberos"), values: block.Attributes(), env: r.env}
	k := connection.Kerberos{
		Config: resolve(of, "config", connection.ParseLine, ""),
		Realm:  resolve(of, "realm", connection.ParseLine, ""),
		KDC:    resolve(of, "kdc", connection.ParseKDCs, ""),
		Keytab: resolve(of, "keytab", connection.ParseLine, ""),
		CCache: resolve(of, "ccache", connection.ParseLine, ""),
		SPN:    resolve(of, "spn", connection.ParseSPN, ""),
	}
	r.diags.Append(of.diags...)
	r.unknown = append(r.unknown, of.unknown...)
	if of.diags.HasError() || len(of.unknown) > 0 {
		return k
	}
	if !block.IsNull() && k == (connection.Kerberos{}) {
		r.refuse(of.in, "kerberos is empty: set one of its attributes, or remove it. "+
			"With auth = \"kerberos\" alone, the krb5.conf of this machine applies.")
	}
	if attribute, problem := k.Conflict(); problem != "" {
		r.refuse(of.in.AtName(attribute), problem)
	}
	return k
}
