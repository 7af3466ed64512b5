// SPDX-License-Identifier: MPL-2.0

package kerberos

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/go-krb5/krb5/config"

	"github.com/winrmbits/terraform-provider-bits/internal/connection"
)

// configuration reads what realms there are. Only that is taken from a krb5.conf: default_realm, [realms] and
// [domain_realm].
func configuration(k connection.Kerberos) (*config.Config, error) {
	path := k.Config
	if path == "" && k.Realm == "" {
		path = systemConfig()
	}
	read, err := readConfig(path)
	if err != nil {
		return nil, err
	}
	c := config.New()
	c.LibDefaults.DefaultRealm, c.Realms, c.DomainRealm = read.realm, read.realms, read.domains
	if k.Realm != "" {
		c.LibDefaults.DefaultRealm = k.Realm
	}
	if k.KDC != "" {
		if c.LibDefaults.DefaultRealm == "" {
			return nil, errors.New("kdc is set without realm")
		}
		c.Realms = []config.Realm{{Realm: c.LibDefaults.DefaultRealm, KDC: strings.Split(k.KDC, ",")}}
	}
	for i := range c.Realms {
		for j, address := range c.Realms[i].KDC {
			c.Realms[i].KDC[j] = withPort(strings.TrimSuffix(address, "*"))
		}
	}
	return c, nil
}

// systemConfig returns the path of the machine's krb5.conf, which other Kerberos programs read, too; "" where there is none.
func systemConfig() string {
	for _, path := range configPaths(runtime.GOOS, os.Getenv) {
		if _, err := os.Stat(path); err == nil {
			return path
		}
	}
	return ""
}

// configPaths returns where a system has its krb5.conf, the first that is there counts: where KRB5_CONFIG says, else in the
// places of MIT's and Heimdal's libraries. Sources: krb5.conf(5); lib/krb5/os/init_os_ctx.c of MIT krb5 for Windows;
// lib/krb5/constants.c of Heimdal for macOS.
func configPaths(system string, env func(string) string) []string {
	if set := env("KRB5_CONFIG"); set != "" {
		return filepath.SplitList(set)
	}
	var paths []string
	in := func(variable, path string) { // a variable that is not set has no path
		if dir := env(variable); dir != "" {
			paths = append(paths, dir+path)
		}
	}
	switch system {
	case "windows":
		in("APPDATA", `\MIT\Kerberos5\krb5.ini`)
		in("ProgramData", `\MIT\Kerberos5\krb5.ini`)
		in("SystemRoot", `\krb5.ini`)
		return paths
	case "darwin":
		in("HOME", "/Library/Preferences/edu.mit.Kerberos")
		paths = append(paths, "/Library/Preferences/edu.mit.Kerberos")
	}
	return append(paths, "/etc/krb5.conf")
}

// withPort adds the default port to an address of a KDC that has none.
func withPort(address string) string {
	if _, _, err := net.SplitHostPort(address); err == nil {
		return address
	}
	return net.JoinHostPort(strings.Trim(address, "[]"), kdcPort)
}
