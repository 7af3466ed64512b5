package connection

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
)

// SplitHost parses a value of host: a name or address, with a port if one is written (0: none). IPv6 addresses
// have brackets when a port follows. The name is returned in lower case, so that two spellings of one host
// share one connection.
func SplitHost(s string) (name string, port int, err error) {
	switch {
	case strings.ContainsAny(s, "/\\@?#"): // of a URL, which may hold a secret
		return "", 0, errors.New("a URL or a path is not a host: a name or an address is expected, without scheme, user and path, such as web01.corp.example")
	case strings.ContainsAny(s, " \t\r\n"):
		return "", 0, fmt.Errorf("%q is not a host: a name or an address is expected, such as web01.corp.example", s)
	}
	if addr, err := netip.ParseAddr(strings.TrimSuffix(strings.TrimPrefix(s, "["), "]")); err == nil {
		return addr.String(), 0, nil
	}
	name = s
	if i := strings.LastIndexByte(s, ':'); i >= 0 && !strings.HasSuffix(s, "]") {
		name = s[:i]
		if port, err = ParsePort(s[i+1:]); err != nil {
			return "", 0, fmt.Errorf("%q does not end in a port: 1 to 65535 is expected after the colon, such as web01.corp.example:5986", s)
		}
	}
	if strings.HasPrefix(name, "[") && strings.HasSuffix(name, "]") {
		addr, err := netip.ParseAddr(name[1 : len(name)-1])
		if err != nil {
			return "", 0, fmt.Errorf("%q is not an IPv6 address: the form is [2001:db8::1]:5986", name)
		}
		return addr.String(), port, nil
	}
	if name == "" {
		return "", 0, errors.New("a host can't be empty: a name or an address is expected, such as web01.corp.example")
	}
	if strings.ContainsAny(name, ":[]") {
		return "", 0, fmt.Errorf("%q is not a host: an IPv6 address with a port has the form [2001:db8::1]:5986", s)
	}
	return strings.ToLower(name), port, nil
}

// ParseHost accepts what SplitHost reads.
func ParseHost(s string) (string, error) {
	_, _, err := SplitHost(s)
	return s, err
}

// IsAddress reports whether a host is an IP address, with or without brackets.
func IsAddress(s string) bool {
	_, err := netip.ParseAddr(strings.Trim(s, "[]"))
	return err == nil
}
