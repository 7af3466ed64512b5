// SPDX-License-Identifier: MPL-2.0

package connection

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// SplitHost parses a value of host: a name or address, with a port if one is written (0: none). IPv6 addresses
// have brackets when a port follows. The name is returned in lower case, so that two spellings of one host
// share one connection.
func SplitHost(s string) (name string, port int, err error) {
	switch {
	case strings.ContainsAny(s, "/\\@?#"): // of a URL, which may hold a secret
		return "", 0, errors.New("a URL or path is not a host: expected a name or address without scheme, user and path, such as web01.corp.example")
	case strings.ContainsAny(s, ",;"):
		return "", 0, fmt.Errorf("%q is more than one host: expected one name or address, such as web01.corp.example. "+
			"For several hosts, use for_each", s)
	case strings.ContainsFunc(s, neverInHost):
		return "", 0, fmt.Errorf("%q is not a host: expected a name or address, such as web01.corp.example", s)
	}
	if addr, err := netip.ParseAddr(strings.TrimSuffix(strings.TrimPrefix(s, "["), "]")); err == nil {
		return addr.String(), 0, nil
	}
	name = s
	if i := strings.LastIndexByte(s, ':'); i >= 0 && !strings.HasSuffix(s, "]") {
		name = s[:i]
		if port, err = ParsePort(s[i+1:]); err != nil {
			return "", 0, fmt.Errorf("%q does not end in a port: expected 1 to 65535 after the colon, such as web01.corp.example:5986", s)
		}
	}
	if strings.HasPrefix(name, "[") && strings.HasSuffix(name, "]") {
		addr, err := netip.ParseAddr(name[1 : len(name)-1])
		if err != nil {
			return "", 0, fmt.Errorf("%q is not an IPv6 address: expected the form [2001:db8::1]:5986", name)
		}
		return addr.String(), port, nil
	}
	if name == "" {
		return "", 0, errors.New("a host can't be empty: expected a name or address, such as web01.corp.example")
	}
	if strings.ContainsAny(name, ":[]") {
		return "", 0, fmt.Errorf("%q is not a host: write an IPv6 address with a port as [2001:db8::1]:5986", s)
	}
	if err := checkName(name); !IsAddress(name) && err != nil {
		return "", 0, err
	}
	return strings.ToLower(name), port, nil
}

// neverInHost reports ASCII characters that no name and no address has. Letters of other scripts are left to the name server.
func neverInHost(r rune) bool {
	return r <= ' ' || r == 0x7f || strings.ContainsRune("!\"$&'()*+<=>^`{|}~", r)
}

// checkName refuses a name that ends in a number, as only an IPv4 address does, and one without a part between two dots.
// Source: RFC 1123, section 2.1.
func checkName(name string) error {
	labels := strings.Split(strings.TrimSuffix(name, "."), ".")
	if _, err := strconv.ParseUint(labels[len(labels)-1], 10, 64); err == nil && len(labels) > 1 {
		return fmt.Errorf("%q is not an IPv4 address: expected four numbers from 0 to 255, such as 192.168.1.30", name)
	}
	if slices.Contains(labels, "") {
		return fmt.Errorf("%q is not a host: a name has no leading dot and no two dots in a row", name)
	}
	return nil
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
