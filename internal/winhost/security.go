// SPDX-License-Identifier: MPL-2.0

package winhost

import (
	"crypto/tls"
	"errors"
	"net"
	"slices"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/connection"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/logon"
)

// Security is what the hosts' WinRM demands of clients: winrm/config/service and its Auth.
type Security struct {
	Auth             []logon.Scheme // that are offered; nil means NTLM
	HTTP             bool           // the port is plain http instead of https
	AllowUnencrypted bool           // messages may travel readable over http
	CBT              logon.CBT      // "" means relaxed, as Windows does
	LockoutThreshold int            // wrong passwords in a row that lock an account out; 0: none do
	Keytab           string         // path of a keytab with the keys of the hosts' service, for Kerberos
}

// offers reports whether a scheme is offered.
func (s Security) offers(scheme logon.Scheme) bool { return slices.Contains(s.Auth, scheme) }

// withDefaults sets what is not set.
func (s Security) withDefaults() Security {
	if len(s.Auth) == 0 {
		s.Auth = []logon.Scheme{logon.NTLM}
	}
	if s.CBT == "" {
		s.CBT = logon.CBTRelaxed
	}
	return s
}

// policy returns what the host demands of its clients.
func (h *Host) policy(a *authority) (*logon.Policy, error) {
	o := logon.Options{
		Schemes: h.security.Auth, AllowUnencrypted: h.security.AllowUnencrypted, CBT: h.security.CBT, Accounts: h.logons,
		Mechanisms: []logon.Mechanism{
			logon.NewNTLM(logon.NTLMOptions{Computer: h.Computer, Names: []string{h.Name, "localhost"}, Accounts: h.logons, Now: h.Clock.Now}),
		},
		Mappings: []logon.Mapping{{Issuer: a.root, Subject: clientName, Username: administrator, Password: h.Password}},
	}
	if !h.security.HTTP {
		o.Certificate = a.host.Certificate[0]
	}
	if h.security.offers(logon.Kerberos) {
		if h.security.Keytab == "" {
			return nil, errors.New("kerberos needs a keytab with the keys of the hosts' service")
		}
		keys, err := logon.LoadKeytab(h.security.Keytab)
		if err != nil {
			return nil, err
		}
		local := func(name, _ string) string { a, _ := h.FindAccount(name); return a.Name } // the local account of the same name
		o.Mechanisms = append(o.Mechanisms, logon.NewKerberos(logon.KerberosOptions{Keytab: keys, Now: h.Clock.Now, Account: local}))
	}
	return logon.New(o), nil
}

// secure puts TLS around the connections of a listener, where the host has it.
func (h *Host) secure(l net.Listener, a *authority) net.Listener {
	if h.security.HTTP {
		return l
	}
	c := &tls.Config{
		Certificates: []tls.Certificate{a.host}, MinVersion: tls.VersionTLS12, NextProtos: []string{"http/1.1"},
	}
	if h.security.offers(logon.Certificate) {
		// Windows asks for certificates within a connection, which TLS 1.3 does in a way that few clients know.
		c.ClientAuth, c.MaxVersion = tls.RequestClientCert, tls.VersionTLS12
	}
	return tls.NewListener(l, c)
}

// credential fills in how the account connects: by the first scheme that is offered.
func (h *Host) credential(s *connection.Settings) {
	s.HTTPS, s.AllowUnencrypted = !h.security.HTTP, h.security.AllowUnencrypted
	switch h.security.Auth[0] {
	case logon.Certificate:
		s.Auth, s.ClientCertificate, s.ClientKey = connection.AuthCertificate, h.client.certificate, bits.NewSecret(h.client.key)
		return
	case logon.NTLM:
		s.Auth = connection.AuthNegotiate
	case logon.Kerberos:
		s.Auth = connection.AuthKerberos
	case logon.Basic:
		s.Auth = connection.AuthBasic
	}
	s.Username, s.Password = h.Username, bits.NewSecret(h.Password)
}
