package kerberos

import (
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/go-krb5/krb5/config"

	"github.com/winrmbits/terraform-provider-bits/internal/connection"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/auth/gssapi"
)

// configuration reads what realms there are. Only that is taken from a krb5.conf: default_realm, [realms] and
// [domain_realm]. What is asked for is the same everywhere: tickets of AES without options.
func configuration(k connection.Kerberos) (*config.Config, error) {
	read, err := readConfig(k)
	if err != nil {
		return nil, err
	}
	c := config.New()
	c.LibDefaults.DefaultRealm, c.Realms, c.DomainRealm = read.LibDefaults.DefaultRealm, read.Realms, read.DomainRealm
	c.LibDefaults.DefaultTktEnctypeIDs = gssapi.EncryptionTypes()
	c.LibDefaults.DefaultTGSEnctypeIDs = gssapi.EncryptionTypes()
	if k.Realm != "" {
		c.LibDefaults.DefaultRealm = k.Realm
	}
	if k.KDC != "" {
		if c.LibDefaults.DefaultRealm == "" {
			return nil, errors.New("a KDC is given, but no realm that it is of")
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

// readConfig reads the configured krb5.conf, or the system's where no realm is configured.
func readConfig(k connection.Kerberos) (*config.Config, error) {
	path := k.Config
	if path == "" && k.Realm == "" {
		path = systemConfig()
	}
	if path == "" {
		return config.New(), nil
	}
	text, err := os.ReadFile(path) //nolint:gosec // the operator names it
	if err != nil {
		return nil, err
	}
	c, err := parseConfig(connection.DecodeText(string(text)))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	return c, nil
}

// parseConfig reads the realms of a krb5.conf. The library panics at a realm that is written on one line, which MIT
// does not take either: that is an error here.
func parseConfig(text string) (c *config.Config, err error) {
	defer func() {
		if recover() != nil {
			c, err = nil, errors.New("its section [realms] is not one of a krb5.conf: each setting and each closing brace must be on a line of its own")
		}
	}()
	c, err = config.NewFromString(essential(text))
	var unsupported config.UnsupportedDirective
	if c != nil && errors.As(err, &unsupported) {
		err = nil
	}
	return c, err
}

// essential leaves of [libdefaults] the realm alone: the library refuses values of the rest that MIT takes, such as
// dns_canonicalize_hostname = fallback, which is Fedora's.
func essential(text string) string {
	var kept strings.Builder
	defaults := false
	for line := range strings.Lines(text) {
		trimmed := strings.TrimSpace(line)
		if strings.HasPrefix(trimmed, "[") {
			defaults = strings.HasPrefix(trimmed, "[libdefaults]")
		} else if name, _, _ := strings.Cut(trimmed, "="); defaults && strings.TrimSpace(name) != "default_realm" {
			continue
		}
		kept.WriteString(line)
	}
	return kept.String()
}

// withPort adds the default port to an address of a KDC that has none.
func withPort(address string) string {
	if _, _, err := net.SplitHostPort(address); err == nil {
		return address
	}
	return net.JoinHostPort(strings.Trim(address, "[]"), kdcPort)
}
