package main

import (
	"cmp"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/connection"
)

// flagged are the provider's settings of a connection that may be flags: all but the secrets password, client_key and
// proxy_url, which other users of a machine could read there.
var flagged = []struct{ name, usage string }{
	{"host", "name or address of the host"},
	{"port", "port of WinRM"},
	{"https", "true, or false for http"},
	{"auth", "authentication scheme"},
	{"username", "account to log on as"},
	{"client_certificate", "PEM certificate to log on with"},
	{"allow_unencrypted", "true: messages may travel readable over http"},
	{"ca_cert", "PEM certificates to trust"},
	{"ca_file", "file with PEM certificates to trust"},
	{"insecure", "true: do not check the host's certificate"},
	{"tls_server_name", "name the host's certificate is checked against"},
	{"tls_min_version", "least TLS: 1.2 or 1.3"},
	{"tls_fingerprint", "SHA-256 fingerprint of the host's certificate"},
	{"kerberos_config", "path of a krb5.conf"},
	{"kerberos_realm", "realm of the account"},
	{"kerberos_kdc", "KDC of the realm"},
	{"kerberos_keytab", "path of a keytab that stands for the password"},
	{"kerberos_ccache", "path of a credential cache that stands for account and password"},
	{"kerberos_spn", "name of the host's service, such as HTTP/web01.corp.example"},
	{"connect_timeout", "time to connect, such as 30s"},
}

// where is the provider's settings of a connection, as texts: a flag wins over its environment variable.
type where struct {
	flags map[string]*string
	env   func(string) string
	wrong error // the first text that is no such setting
}

// variable is the environment variable of a setting.
func variable(setting string) string { return "BITS_" + strings.ToUpper(setting) }

// settingsFlags adds the flags.
func settingsFlags(flags *flag.FlagSet) *where {
	w := &where{flags: map[string]*string{}}
	for _, f := range flagged {
		w.flags[f.name] = flags.String(f.name, "", f.usage+"; else "+variable(f.name))
	}
	return w
}

// flag is the text of a setting's flag; "" counts as none.
func (w *where) flag(name string) string {
	if text := w.flags[name]; text != nil {
		return *text
	}
	return ""
}

// value gives what the flag says, else the environment, else the default.
func value[T any](w *where, name string, parse func(string) (T, error), fallback T) T {
	text, origin := w.flag(name), "-"+name
	if text == "" {
		text, origin = w.env(variable(name)), variable(name)
	}
	if text == "" {
		return fallback
	}
	v, err := parse(text)
	if err != nil {
		w.refuse(fmt.Errorf("%s: %w", origin, err))
		return fallback
	}
	return v
}

func (w *where) refuse(err error) { w.wrong = cmp.Or(w.wrong, err) }

// settings puts flags, environment and defaults together, as the provider does, and asks for a password that is missing.
func (w *where) settings(env func(string) string, prompt io.Writer) (connection.Settings, error) {
	w.env = env
	s := w.read()
	if err := cmp.Or(w.wrong, check(s)); err != nil {
		return s, err
	}
	for _, weakness := range s.Weaknesses() {
		fmt.Fprintf(prompt, "Warning: %s\n", weakness.Text)
	}
	if missing := s.Missing(); slices.Equal(missing, []string{"password"}) {
		var err error
		if s.Password, err = askPassword(prompt, s); err != nil {
			return s, err
		}
	} else if len(missing) > 0 {
		return s, fmt.Errorf("no %s, which auth = %q needs: %s", missing[0], s.Auth, w.remedy(missing[0]))
	}
	return s.Used(), nil
}

// remedy says where a setting is set.
func (w *where) remedy(name string) string {
	if w.flags[name] == nil {
		return "set " + variable(name)
	}
	return "set -" + name + " or " + variable(name)
}

// check finds settings that can't lead to a host.
func check(s connection.Settings) error {
	if s.Host == "" {
		return errors.New("no host: set -host or BITS_HOST")
	}
	if conflicts := s.Conflicts(); len(conflicts) > 0 {
		return errors.New(conflicts[0].Text)
	}
	if _, problem := s.Kerberos.Conflict(); problem != "" {
		return errors.New(strings.ReplaceAll(problem, "kerberos.", "kerberos_"))
	}
	if err := s.CheckKeyPair(); err != nil {
		return err
	}
	if s.NeedsName() {
		return fmt.Errorf("%s is an address, and Kerberos gives tickets for names: write the host's name, or set kerberos_spn", s.Host)
	}
	return nil
}

// read reads each setting.
func (w *where) read() connection.Settings {
	https := value(w, "https", connection.ParseBool, true)
	host, port, _ := connection.SplitHost(value(w, "host", connection.ParseHost, "")) // wrong ones are refused by then
	s := connection.Settings{
		Host: host, HTTPS: https,
		Port:              value(w, "port", connection.ParsePort, connection.DefaultPort(https)),
		Auth:              value(w, "auth", connection.ParseAuth, connection.DefaultAuth),
		Username:          value(w, "username", connection.ParseUsername, ""),
		Password:          bits.NewSecret(value(w, "password", connection.ParseText, "")),
		ClientCertificate: value(w, "client_certificate", connection.ParseCertificates, ""),
		ClientKey:         bits.NewSecret(value(w, "client_key", connection.ParseKey, "")),
		AllowUnencrypted:  value(w, "allow_unencrypted", connection.ParseBool, false),
		Insecure:          value(w, "insecure", connection.ParseBool, false),
		TLSMinVersion:     value(w, "tls_min_version", connection.ParseTLSVersion, 0),
		TLSFingerprint:    value(w, "tls_fingerprint", connection.ParseFingerprint, ""),
		ProxyURL:          bits.NewSecret(value(w, "proxy_url", connection.ParseProxy, "")),
		Kerberos: connection.Kerberos{
			Config: value(w, "kerberos_config", connection.ParseText, ""),
			Realm:  value(w, "kerberos_realm", connection.ParseText, ""),
			KDC:    value(w, "kerberos_kdc", connection.ParseHost, ""),
			Keytab: value(w, "kerberos_keytab", connection.ParseText, ""),
			CCache: value(w, "kerberos_ccache", connection.ParseText, ""),
			SPN:    value(w, "kerberos_spn", connection.ParseSPN, ""),
		},
		RunAs:            connection.RunAsUser,
		ConnectTimeout:   value(w, "connect_timeout", connection.ParseDuration, connection.DefaultConnectTimeout),
		OperationTimeout: time.Minute,
	}
	if port != 0 {
		s.Port = port
	}
	if !s.Insecure { // else what checks certificates is not looked at
		s.TLSServerName = value(w, "tls_server_name", connection.ParseText, "")
		s.CACert = w.authorities()
	}
	return s
}

// authorities gives the PEM certificates to trust, "" for the system's. Either flag wins over both variables.
func (w *where) authorities() string {
	text, file := w.flag("ca_cert"), w.flag("ca_file")
	if text == "" && file == "" {
		text, file = w.env(variable("ca_cert")), w.env(variable("ca_file"))
	}
	switch {
	case text != "" && file != "":
		w.refuse(errors.New("ca_cert and ca_file are both set: remove one of them"))
		return ""
	case file != "":
		return value(w, "ca_file", readCertificates, "")
	}
	return value(w, "ca_cert", connection.ParseCertificates, "")
}

func readCertificates(name string) (string, error) {
	content, err := os.ReadFile(name) //nolint:gosec // the path is the user's own
	if err != nil {
		return "", err
	}
	return connection.ParseCertificates(string(content))
}
