// Package connection says how a Windows host is reached: settings as values, without I/O. The provider fills
// them in from its configuration, the client acts on them, and neither needs to know the other.
package connection

import (
	"fmt"
	"log/slog"
	"net"
	"strconv"
	"time"
	"unique"
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

// Secret is a text that no format verb, logger or encoder prints, not even where it sits in an unexported field,
// whose methods package fmt does not call. Equal texts are equal secrets; the zero value is the empty text.
type Secret struct{ text unique.Handle[string] }

const masked = "(sensitive)"

// NewSecret makes a secret of a text.
func NewSecret(text string) Secret {
	if text == "" {
		return Secret{}
	}
	return Secret{unique.Make(text)}
}

// Reveal gives the text. Call it only where it is sent.
func (s Secret) Reveal() string {
	if s == (Secret{}) {
		return ""
	}
	return s.text.Value()
}

// String masks the text.
func (Secret) String() string { return masked }

// Format masks the text for every verb of package fmt.
func (Secret) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(masked)) }

// LogValue masks the text for log/slog.
func (Secret) LogValue() slog.Value { return slog.StringValue(masked) }

// MarshalText masks the text for encoders.
func (Secret) MarshalText() ([]byte, error) { return []byte(masked), nil }
