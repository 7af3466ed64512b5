// SPDX-License-Identifier: MPL-2.0

package main

import (
	_ "embed"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/winrmbits/terraform-provider-bits/internal/winhost"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/bitsvc"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/logon"
)

// usage prints the flags, and what the two URLs are for.
func usage(flags *flag.FlagSet) {
	out := flags.Output()
	_, _ = fmt.Fprintf(out, `Runs simulated Windows hosts until it is interrupted.

  go run ./cmd/winhost -env -example try    # then, in another terminal: paste the exports, cd try, terraform apply

`)
	flags.PrintDefaults()
	_, _ = fmt.Fprintf(out, `
files_url serves files to download: any path is a file, and its query controls how it is served.

%s
control_url does what an administrator could do on a host without Terraform. Requests are relative to
control_url/hosts/N; N is 0 for the first host. Bodies are JSON.

%s`, bitsvc.FileServerHelp, winhost.ControlHelp())
}

//go:embed example.tf.tmpl
var exampleText string

// writeExample writes a configuration for the first host.
func writeExample(dir string, line ready) error {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return fmt.Errorf("create the directory of the example: %w", err)
	}
	path := filepath.Join(dir, "main.tf")
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600) //nolint:gosec // the user names it
	if err != nil {
		return fmt.Errorf("write the example; an existing one is kept: %w", err)
	}
	_, err = file.WriteString(strings.ReplaceAll(exampleText, "FILES_URL", line.FilesURL))
	if closed := file.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return fmt.Errorf("write the example: %w", err)
	}
	return nil
}

// exports are the commands for a POSIX shell that point the provider at the first host, and name the two URLs.
func (r ready) exports() string {
	first := r.Hosts[0]
	variables := [][2]string{
		{"BITS_HOST", first.Host},
		{"BITS_PORT", strconv.Itoa(first.Port)},
		{"BITS_HTTPS", strconv.FormatBool(r.HTTPS)},
	}
	switch {
	case slices.Contains(r.Auth, logon.Certificate):
		variables = append(variables, [2]string{"BITS_AUTH", "certificate"},
			[2]string{"BITS_CLIENT_CERT", "$(cat " + quoted(r.ClientCert) + ")"}, [2]string{"BITS_CLIENT_KEY", "$(cat " + quoted(r.ClientKey) + ")"})
	case slices.Contains(r.Auth, logon.NTLM):
		variables = append(variables, [2]string{"BITS_AUTH", "ntlm"})
	case len(r.Auth) > 0:
		variables = append(variables, [2]string{"BITS_AUTH", string(r.Auth[0])})
	}
	variables = append(variables, [2]string{"BITS_USERNAME", first.Username}, [2]string{"BITS_PASSWORD", first.Password})
	if r.HTTPS {
		variables = append(variables, [2]string{"BITS_CA_FILE", r.CAFile})
	}
	variables = append(variables, [2]string{"files_url", r.FilesURL}, [2]string{"control_url", r.ControlURL})
	var text strings.Builder
	for _, v := range variables {
		value := quoted(v[1])
		if strings.HasPrefix(v[1], "$(") {
			value = `"` + v[1] + `"`
		}
		fmt.Fprintf(&text, "export %s=%s\n", v[0], value)
	}
	return text.String()
}

// quoted is a text as one word of a POSIX shell.
func quoted(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }
