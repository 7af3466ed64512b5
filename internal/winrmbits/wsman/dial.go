// SPDX-License-Identifier: MPL-2.0

package wsman

import (
	"errors"
	"fmt"
	"net"
	"runtime"
	"strings"
	"syscall"

	"github.com/winrmbits/terraform-provider-bits/internal/connection"
)

// dialFailure is what an error number of a socket means.
type dialFailure int

const (
	refused    dialFailure = iota + 1 // nothing listens on the port
	noRoute                           // to the host or to its network
	noReply                           // the system's own timeout, which may be shorter than connect_timeout: 21 s on Windows
	notAllowed                        // by this machine
	reset                             // by the other end, or by something on the way
)

// dialFailures are the error numbers of each system that the provider is built for. Go's constants do not serve here: on
// Windows syscall.ECONNREFUSED and its like are numbers that Go invented, and Winsock returns its own. Sources: winsock2.h,
// include/uapi/asm-generic/errno.h of Linux, sys/errno.h of macOS and FreeBSD.
var dialFailures = map[string]map[syscall.Errno]dialFailure{
	"windows": {
		10061: refused,
		10050: noRoute, 10051: noRoute, 10064: noRoute, 10065: noRoute,
		10060: noReply,
		10013: notAllowed,
		10053: reset, 10054: reset,
	},
	"linux": {
		111: refused,
		100: noRoute, 101: noRoute, 112: noRoute, 113: noRoute,
		110: noReply,
		1:   notAllowed, 13: notAllowed,
		103: reset, 104: reset,
	},
	"darwin":  bsdFailures,
	"freebsd": bsdFailures,
}

var bsdFailures = map[syscall.Errno]dialFailure{
	61: refused,
	50: noRoute, 51: noRoute, 64: noRoute, 65: noRoute,
	60: noReply,
	1:  notAllowed, 13: notAllowed,
	53: reset, 54: reset,
}

// dialFailureOf returns what an error of a system's sockets means; 0 for nothing known.
func dialFailureOf(system string, err error) dialFailure {
	var number syscall.Errno
	if !errors.As(err, &number) {
		return 0
	}
	return dialFailures[system][number]
}

// explainDial explains a host that is not reached, and reports whether err is about that.
func (c *channel) explainDial(e *connection.Error, err error, late bool) bool {
	var (
		dns  *net.DNSError
		dial *net.OpError
	)
	failure := dialFailureOf(runtime.GOOS, err)
	e.Kind = connection.Unreachable
	switch {
	case errors.As(err, &dns):
		e.Problem = fmt.Sprintf("the name %s could not be resolved: %s.", dns.Name, withoutPeriod(dns.Err))
		e.Remedy = "Check the spelling of host, and the DNS settings of the machine that runs Terraform."
	case failure == refused:
		c.explainClosed(e)
	case late && c.dialed.Load() != nil:
		e.Kind = connection.Silent
		e.Problem = fmt.Sprintf("the host accepted the connection but did not respond within %s.", c.settings.ConnectTimeout)
		e.Remedy = "Check that WinRM listens on this port (winrm enumerate winrm/config/listener) and that the host is not overloaded. The time limit is connect_timeout."
	case late && failure != noReply:
		e.Problem = fmt.Sprintf("could not connect within %s.", c.settings.ConnectTimeout)
		e.Remedy = noReplyRemedy + " The time limit is connect_timeout."
	case !errors.As(err, &dial) || dial.Op != "dial":
		return false
	default:
		c.explainNoConnection(e, failure, dial)
	}
	return true
}

const noReplyRemedy = "Check that the host is up, that this machine has a route to it, and that firewalls allow the port."

// explainNoConnection explains an attempt to connect that failed before its time was over.
func (c *channel) explainNoConnection(e *connection.Error, failure dialFailure, dial *net.OpError) {
	cause := withoutPeriod(dial.Err.Error())
	e.Remedy = "Check the address of the host, and the route to it."
	switch failure {
	default:
		e.Problem = fmt.Sprintf("could not connect: %s.", cause)
	case noRoute:
		e.Problem = fmt.Sprintf("this machine has no route to the host: %s.", cause)
	case noReply:
		e.Problem = fmt.Sprintf("the host did not reply: %s.", cause)
		e.Remedy = noReplyRemedy
	case notAllowed:
		e.Problem = fmt.Sprintf("this machine blocked the connection: %s.", cause)
		e.Remedy = fmt.Sprintf("Check the firewall, sandbox or antivirus of the machine that runs Terraform, and allow connections to port %d.",
			c.settings.Port)
	case reset:
		e.Problem = fmt.Sprintf("the connection was reset: %s.", cause)
		e.Remedy = resetRemedy
	}
}

const resetRemedy = "Check that WinRM listens on this port, and whether a firewall or proxy closes the connection."

const listenersRemedy = "On the host, check that WinRM is enabled (Enable-PSRemoting) and which ports it uses (winrm enumerate winrm/config/listener)."

// explainClosed explains a port on which nothing listens.
func (c *channel) explainClosed(e *connection.Error) {
	e.Problem = fmt.Sprintf("nothing listens on port %d.", c.settings.Port)
	e.Remedy = listenersRemedy
	if c.settings.HTTPS && c.settings.Port == connection.DefaultPort(true) {
		e.Remedy = "Windows has no https listener by default. On the host, with a certificate for its name in the machine store, create one:\n" +
			"    winrm quickconfig -transport:https\n" +
			"and allow the port in the firewall; winrm enumerate winrm/config/listener lists the listeners. " +
			"Or set https = false: over http (port 5985), auth = \"negotiate\" encrypts every message."
	}
}

// withoutPeriod takes the period off a text, which the messages of Windows have.
func withoutPeriod(text string) string { return strings.TrimRight(text, ". ") }
