// SPDX-License-Identifier: MPL-2.0

// Command winhost runs simulated Windows hosts: WinRM over https or http, a BITS service that really downloads, a file server
// to download from, and a control API for what an administrator does behind Terraform's back.
//
// It prints one line of JSON when the hosts are ready, or with -env the commands that point the provider at the first host, and runs
// until it is interrupted. -help lists the requests of the control API and the parameters of the file server.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"

	"github.com/winrmbits/terraform-provider-bits/internal/winhost"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/logon"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	switch {
	case errors.Is(err, flag.ErrHelp):
	case err != nil:
		fmt.Fprintf(os.Stderr, "winhost: %v\n", err)
		os.Exit(1)
	}
}

// ready is the line that is printed.
type ready struct {
	Hosts      []host         `json:"hosts"`
	HTTPS      bool           `json:"https"`
	Auth       []logon.Scheme `json:"auth"`
	CAFile     string         `json:"ca_file"`
	ClientCert string         `json:"client_cert_file,omitempty"`
	ClientKey  string         `json:"client_key_file,omitempty"`
	FilesURL   string         `json:"files_url"`
	ControlURL string         `json:"control_url"`
}

type host struct {
	Host     string `json:"host"`
	Port     int    `json:"port"`
	Username string `json:"username"`
	Password string `json:"password"`
}

// run starts the hosts, prints where they are, and ends them when ctx ends.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) (err error) {
	var c winhost.Config
	flags := flag.NewFlagSet("winhost", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&c.Listen, "listen", "127.0.0.1:0", "address of the WinRM listeners; a fixed port is the first host's")
	flags.IntVar(&c.Hosts, "hosts", 1, "number of hosts, each on a port of its own")
	flags.StringVar(&c.PowerShell, "powershell", "", "path of a PowerShell that runs the real agent; empty: the Go stand-in")
	flags.BoolVar(&c.Module2016, "module-2016", false, "the module BitsTransfer is that of Windows Server 2016")
	flags.DurationVar(&c.RTT, "rtt", 0, "round trip added to every HTTP exchange")
	flags.DurationVar(&c.StartDelay, "start-delay", 0, "time added to every start of PowerShell")
	flags.Int64Var(&c.Rate, "rate", 0, "bytes per second of each host's link, shared by its jobs; 0: no limit")
	flags.Func("quota", "what WinRM allows: shells=N (of a user), operations=N (of a user), connections=N, users=N (with shells), "+
		"separated by commas (default those of Windows: 30, 1500, 300, 10)", c.Quotas.Set)
	env := flags.Bool("env", false, "print export commands for a shell instead of JSON")
	example := flags.String("example", "", "`directory` in which to write a main.tf that applies on the first host")
	flags.Usage = func() { usage(flags) }
	security := &c.Security
	flags.Func("auth", "schemes that WinRM offers: basic, ntlm, kerberos, certificate, separated by commas (default ntlm)",
		func(text string) (err error) {
			security.Auth, err = schemes(text)
			return err
		})
	flags.StringVar(&security.Keytab, "keytab", "", "path of a keytab with the keys of the hosts' service, for kerberos")
	flags.BoolVar(&security.HTTP, "http", false, "the port of WinRM is plain http, where messages have to be sealed")
	flags.BoolVar(&security.AllowUnencrypted, "allow-unencrypted", false, "messages that are not sealed are taken over http, too")
	flags.Func("cbt", "what https does about channel bindings: none, relaxed, strict (default relaxed)", func(text string) error {
		security.CBT = logon.CBT(text)
		if !slices.Contains(logon.CBTs(), security.CBT) {
			return errors.New("want none, relaxed or strict")
		}
		return nil
	})
	if err := flags.Parse(args); err != nil {
		return err
	}
	switch {
	case flags.NArg() > 0:
		return fmt.Errorf("unexpected argument %q", flags.Arg(0))
	case c.Hosts < 1, c.RTT < 0, c.StartDelay < 0, c.Rate < 0:
		return errors.New("at least one host is needed, and no flag may be negative")
	case security.HTTP && slices.Contains(security.Auth, logon.Certificate):
		return errors.New("certificates are shown inside TLS only: -auth certificate excludes -http")
	}
	network, err := winhost.Start(c)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, network.Close()) }()
	line := ready{
		HTTPS: !security.HTTP, Auth: network.Auth, ClientCert: network.ClientCert, ClientKey: network.ClientKey,
		CAFile: network.CAFile, FilesURL: network.FilesURL, ControlURL: network.ControlURL,
	}
	for _, h := range network.Hosts() {
		line.Hosts = append(line.Hosts, host{h.Name, h.Port, h.Username, h.Password})
	}
	if *example != "" {
		if err := writeExample(*example, line); err != nil {
			return err
		}
	}
	if *env {
		_, err = io.WriteString(stdout, line.exports())
	} else {
		err = json.NewEncoder(stdout).Encode(line) //nolint:gosec // a path of a key
	}
	if err != nil {
		return fmt.Errorf("print where the hosts are: %w", err)
	}
	<-ctx.Done()
	return nil
}

// schemes reads a list of authentication schemes.
func schemes(text string) ([]logon.Scheme, error) {
	var list []logon.Scheme
	for name := range strings.SplitSeq(text, ",") {
		scheme := logon.Scheme(strings.TrimSpace(name))
		if !slices.Contains(logon.Schemes(), scheme) {
			return nil, fmt.Errorf("want basic, ntlm, kerberos or certificate, not %q", name)
		}
		list = append(list, scheme)
	}
	return list, nil
}
