// Package connection says how a Windows host is reached: settings as values, without I/O. The provider fills
// them in from its configuration, the client acts on them, and neither needs to know the other.
package connection

import (
	"net"
	"strconv"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/secret"
)

// Settings is everything that makes a connection: two equal values share one session to a host.
type Settings struct {
	Host  string // name or address, without a port; IPv6 without brackets
	Port  int
	HTTPS bool

	Auth     Auth
	Username string
	Password Secret

	CACert        string // PEM certificates that may have signed the host's; "" means the system's roots
	TLSServerName string // the name the host's certificate is checked against; "" means Host
	Insecure      bool   // do not check the host's certificate

	RunAs            RunAs
	ConnectTimeout   time.Duration // from dialling until the shell is there, per host
	OperationTimeout time.Duration // one verb, its retries included
}

// Auth is an authentication scheme of WinRM.
type Auth string

// AuthBasic sends the password itself, so it is used inside TLS only.
const AuthBasic Auth = "basic"

// RunAs is the account that the BITS calls on the host are made as.
type RunAs string

// RunAsSystem makes the calls as LocalSystem, who always counts as logged on.
const RunAsSystem RunAs = "system"

// RunAsUser makes the calls as the account that logged on.
const RunAsUser RunAs = "user"

// Address gives host:port, with brackets around an IPv6 address.
func (s Settings) Address() string { return net.JoinHostPort(s.Host, strconv.Itoa(s.Port)) }

// URL gives the address of the WS-Management service.
func (s Settings) URL() string {
	scheme := "http"
	if s.HTTPS {
		scheme = "https"
	}
	return scheme + "://" + s.Address() + "/wsman"
}

// Secret is a text that no format verb, logger or encoder prints.
type Secret = secret.Text

// NewSecret makes a secret of a text.
func NewSecret(text string) Secret { return secret.New(text) }
