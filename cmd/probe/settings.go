package main

import (
	"bufio"
	"cmp"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"golang.org/x/term"

	"github.com/winrmbits/terraform-provider-bits/internal/connection"
)

// where is the provider's settings of a connection, as texts: a flag wins over its environment variable.
type where struct {
	values map[string]*string
}

// variable is the environment variable of a setting.
func variable(setting string) string { return "BITS_" + strings.ToUpper(setting) }

// settingsFlags adds a flag for each setting but the password, which other users of a machine could read there.
func settingsFlags(flags *flag.FlagSet) where {
	w := where{values: map[string]*string{}}
	for name, usage := range map[string]string{
		"host": "name or address of the host", "port": "port of WinRM", "https": "true, or false for http",
		"auth": "authentication scheme", "username": "account to log on as", "ca_cert": "PEM certificates to trust",
		"ca_file": "file with PEM certificates to trust", "insecure": "true: do not check the host's certificate",
		"tls_server_name": "name the host's certificate is checked against", "connect_timeout": "time to connect, such as 30s",
	} {
		w.values[name] = flags.String(name, "", usage+"; else "+variable(name))
	}
	return w
}

// settings puts flags, environment and defaults together. The defaults are the provider's.
func (w where) settings(env func(string) string, prompt io.Writer) (connection.Settings, error) {
	text := func(name string) string {
		if v := w.values[name]; v != nil && *v != "" {
			return *v
		}
		return env(variable(name))
	}
	var wrong error
	check := func(name string, err error) {
		if err != nil && wrong == nil {
			wrong = fmt.Errorf("%s: %w", name, err)
		}
	}
	flagged := func(name, fallback string) bool {
		b, err := strconv.ParseBool(cmp.Or(text(name), fallback))
		check(name, err)
		return b
	}
	s := connection.Settings{
		Host: text("host"), HTTPS: flagged("https", "true"), Auth: connection.Auth(cmp.Or(text("auth"), string(connection.DefaultAuth))),
		Username: text("username"), Insecure: flagged("insecure", "false"), TLSServerName: text("tls_server_name"),
		RunAs: connection.RunAsUser, OperationTimeout: time.Minute,
	}
	port := "5986"
	if !s.HTTPS {
		port = "5985"
	}
	var err error
	s.Port, err = strconv.Atoi(cmp.Or(text("port"), port))
	check("port", err)
	s.ConnectTimeout, err = time.ParseDuration(cmp.Or(text("connect_timeout"), "30s"))
	check("connect_timeout", err)
	s.CACert = text("ca_cert")
	if file := text("ca_file"); file != "" {
		content, err := os.ReadFile(file) //nolint:gosec // the path is the user's own
		check("ca_file", err)
		s.CACert = string(content)
	}
	switch {
	case wrong != nil:
		return s, wrong
	case s.Host == "":
		return s, errors.New("no host: set -host or BITS_HOST")
	case s.Username == "":
		return s, errors.New("no user name: set -username or BITS_USERNAME")
	}
	s.Password, err = password(env, prompt, s)
	return s, err
}

// password takes the password from the environment, or asks the person at the terminal.
func password(env func(string) string, prompt io.Writer, s connection.Settings) (connection.Secret, error) {
	if text := env(variable("password")); text != "" {
		return connection.NewSecret(text), nil
	}
	input := int(os.Stdin.Fd())
	fmt.Fprintf(prompt, "Password of %s on %s: ", s.Username, s.Host)
	defer fmt.Fprintln(prompt)
	if term.IsTerminal(input) {
		text, err := term.ReadPassword(input)
		if err != nil {
			return connection.Secret{}, fmt.Errorf("read the password: %w", err)
		}
		return connection.NewSecret(string(text)), nil
	}
	line := bufio.NewScanner(os.Stdin)
	if !line.Scan() || line.Text() == "" {
		return connection.Secret{}, errors.New("no password: set BITS_PASSWORD")
	}
	return connection.NewSecret(line.Text()), nil
}
