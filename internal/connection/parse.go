// SPDX-License-Identifier: MPL-2.0

package connection

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// The functions Parse... read settings as a configuration or an environment writes them. An error names what is expected,
// and quotes nothing that may be secret.

// ParseBool accepts true or false, as strconv does.
func ParseBool(s string) (bool, error) {
	b, err := strconv.ParseBool(s)
	if err != nil {
		return false, fmt.Errorf("%q is neither true nor false", s)
	}
	return b, nil
}

// ParsePort accepts 1 to 65535.
func ParsePort(s string) (int, error) {
	port, err := strconv.Atoi(s)
	if err != nil || port < 1 || port > 65535 {
		return 0, fmt.Errorf("%q is not a port: expected 1 to 65535", s)
	}
	return port, nil
}

// ParseDuration accepts a time above 0, as time.ParseDuration does.
func ParseDuration(s string) (time.Duration, error) {
	d, err := time.ParseDuration(s)
	if err != nil || d <= 0 {
		return 0, fmt.Errorf("%q is not a duration: expected a number above 0 with a unit, such as \"30s\" or \"1m30s\"", s)
	}
	return d, nil
}

// ParseText accepts any text but the empty one.
func ParseText(s string) (string, error) {
	if s == "" {
		return "", errors.New("it can't be empty")
	}
	return s, nil
}

// ParseLine accepts a text of one line with nothing around it, as names and paths are.
func ParseLine(s string) (string, error) {
	switch {
	case strings.ContainsFunc(s, unicode.IsControl):
		return "", fmt.Errorf("%q contains a line break or another control character: remove it, for example with trimspace()", s)
	case strings.TrimSpace(s) != s:
		return "", fmt.Errorf("%q begins or ends with a space: remove it, for example with trimspace()", s)
	}
	return ParseText(s)
}

// ParseUsername refuses names that Windows refuses.
func ParseUsername(name string) (string, error) {
	if strings.Contains(name, ":") {
		return "", errors.New("a user name can't contain a colon: Windows does not allow it, and Basic authentication uses it as the separator (RFC 7617)")
	}
	return ParseLine(name)
}

// ParseAuth accepts the name of a scheme.
func ParseAuth(s string) (Auth, error) {
	return only(s, AuthNegotiate, AuthNTLM, AuthKerberos, AuthCertificate, AuthBasic)
}

// ParseRunAs accepts the name of an account.
func ParseRunAs(s string) (RunAs, error) { return only(s, RunAsSystem, RunAsUser) }

// only accepts one of the allowed words.
func only[T ~string](s string, allowed ...T) (T, error) {
	if slices.Contains(allowed, T(s)) {
		return T(s), nil
	}
	return "", fmt.Errorf("%q is not supported: expected one of %q", s, allowed)
}

// ParseKDCs accepts hosts that are separated by commas.
func ParseKDCs(s string) (string, error) {
	hosts := strings.Split(s, ",")
	for i, host := range hosts {
		var err error
		if hosts[i], err = ParseHost(strings.TrimSpace(host)); err != nil {
			return "", err
		}
	}
	return strings.Join(hosts, ","), nil
}

// ParseSPN accepts the name of a service on a host: service/host.
func ParseSPN(s string) (string, error) {
	service, host, found := strings.Cut(s, "/")
	if !found || service == "" || host == "" || strings.Contains(s, " ") {
		return "", errors.New("expected a service principal name, such as HTTP/web01.corp.example or WSMAN/web01.corp.example")
	}
	return ParseLine(s)
}
