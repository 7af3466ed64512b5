// SPDX-License-Identifier: MPL-2.0

// Package connection describes how a Windows host is reached: settings as values, without I/O. The provider fills
// them in from its configuration, the client acts on them, and neither needs to know the other.
package connection

import (
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
)

// Settings is everything that makes a connection: two equal values share one session to a host.
type Settings struct {
	Host  string // name or address, without a port; IPv6 without brackets
	Port  int
	HTTPS bool

	Auth              Auth
	Username          string // name, DOMAIN\name or name@domain
	Password          bits.Secret
	ClientCertificate string      // PEM, of AuthCertificate
	ClientKey         bits.Secret // PEM, of AuthCertificate
	Kerberos          Kerberos
	AllowUnencrypted  bool // messages, and with AuthBasic the password, may travel readable over http

	CACert         string      // PEM certificates that may have signed the host's; "" means the system's roots
	TLSServerName  string      // the name the host's certificate is checked against; "" means Host
	TLSMinVersion  uint16      // as crypto/tls has it; 0 means TLS 1.2
	TLSFingerprint string      // SHA-256 of the host's certificate, 64 lower-case hex digits, trusted instead of authorities; "" means none
	Insecure       bool        // do not check the host's certificate
	ProxyURL       bits.Secret // of an HTTP proxy, which may hold a credential; empty means the environment's, for https only

	MaxSessions      int // hosts whose sessions may be open at once, over all with the same limit; 0 means any number
	RunAs            RunAs
	ConnectTimeout   time.Duration // from dialling until the shell is there, per host
	OperationTimeout time.Duration // one verb, its retries included
}

// Auth is an authentication scheme of WinRM.
type Auth string

// The authentication schemes.
const (
	AuthNegotiate   Auth = "negotiate"   // Kerberos where it is configured and then nothing else, otherwise NTLM
	AuthNTLM        Auth = "ntlm"        // NTLMv2, sealed over http, bound to the channel over https
	AuthKerberos    Auth = "kerberos"    // sealed over http, bound to the channel over https
	AuthCertificate Auth = "certificate" // a client certificate that the host maps to a local account
	AuthBasic       Auth = "basic"       // sends the password itself: inside TLS, unless AllowUnencrypted
)

// DefaultAuth is the scheme where none is set.
const DefaultAuth = AuthNegotiate

// DefaultConnectTimeout is the time to connect where none is set.
const DefaultConnectTimeout = 30 * time.Second

// DefaultPort is where Windows listens.
func DefaultPort(https bool) int {
	if https {
		return 5986
	}
	return 5985
}

// Kerberos is where tickets come from. The zero value means Kerberos is not configured.
type Kerberos struct {
	Config string // path of a krb5.conf; "" means Realm and KDC alone, or else the system's
	Realm  string
	KDC    string // the realm's KDCs, as host or host:port, separated by commas; "" means DNS has them
	Keytab string // path of a keytab that replaces the password
	CCache string // path of a credential cache that replaces the password
	SPN    string // of the host's service; "" means HTTP/ and the host's name
}

// RunAs is the account that the BITS calls on the host are made as.
type RunAs string

// RunAsSystem makes the calls as LocalSystem, which always counts as logged on.
const RunAsSystem RunAs = "system"

// RunAsUser makes the calls as the account that logged on.
const RunAsUser RunAs = "user"

// Address returns host:port, with brackets around an IPv6 address.
func (s Settings) Address() string { return net.JoinHostPort(s.Host, strconv.Itoa(s.Port)) }

// URL returns the address of the WS-Management service.
func (s Settings) URL() string {
	scheme := "http"
	if s.HTTPS {
		scheme = "https"
	}
	return scheme + "://" + s.Address() + "/wsman"
}

// Used keeps of the settings what the connection uses: two connections that differ in nothing else are the same.
func (s Settings) Used() Settings {
	if !s.HTTPS {
		s.TLSServerName, s.TLSMinVersion, s.TLSFingerprint, s.Insecure = "", 0, "", false
		if !strings.HasPrefix(s.ProxyURL.Reveal(), "https:") {
			s.CACert = ""
		}
	}
	if s.Insecure || s.TLSFingerprint != "" {
		s.CACert, s.TLSServerName = "", ""
	}
	if s.Auth == AuthCertificate {
		s.Username, s.Password = "", bits.Secret{}
	} else {
		s.ClientCertificate, s.ClientKey = "", bits.Secret{}
	}
	if !s.UsesKerberos() {
		s.Kerberos = Kerberos{}
	}
	return s
}
