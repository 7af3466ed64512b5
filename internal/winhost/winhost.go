// SPDX-License-Identifier: MPL-2.0

// Package winhost is a simulated Windows host, or a network of them: WinRM over https or http, a BITS service that really
// downloads, and either a Go stand-in for powershell.exe or a real PowerShell that runs the real agent.
//
// A test that needs one host writes
//
//	network, err := winhost.Start(winhost.Config{})
//	...
//	t.Cleanup(func() { _ = network.Close() })
//	settings := network.Host(0).Settings()
package winhost

import (
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/winhost/bitsvc"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/logon"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/windows"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/wsmansvc"
)

// loopback is the default address to listen on.
const loopback = "127.0.0.1:0"

// Config describes a network.
type Config struct {
	Listen     string        // address of the WinRM listeners; "" means 127.0.0.1:0; a fixed port is the first host's
	Hosts      int           // number of hosts, each on a port of its own; 0 means 1
	PowerShell string        // path of a PowerShell; "" means the Go stand-in
	Limits     float64       // stretches the agent's limits of time where the machine is slow; 0 means 1
	Module2016 bool          // the module BitsTransfer is that of Windows Server 2016
	RTT        time.Duration // added to every HTTP exchange
	StartDelay time.Duration // added to every start of PowerShell
	Rate       int64         // bytes per second of each host's link; 0: no limit
	Quotas     wsmansvc.Quotas
	Setup      windows.Setup // what is unusual about the hosts' Windows
	Security   Security      // what their WinRM demands of those who connect
	Script     Script        // what a powershell.exe does that is started with another script than this project's; nil: it fails
	Dir        string        // where the drives are kept; "" means a temporary folder, removed on Close
	Time       time.Time     // where the hosts' clocks stand until they are advanced; zero: they run with real time
}

// Network is hosts that share a certificate authority, a file server and a control API.
type Network struct {
	Auth []logon.Scheme // that the hosts offer

	CACert     string // PEM certificate that signed the hosts' certificate
	CAFile     string // path of a file with CACert
	ClientCert string // path of a file with the PEM certificate that is mapped to the administrator; "" when none is asked for
	ClientKey  string // path of a file with its key
	FilesURL   string // of the file server, without a slash at the end
	ControlURL string // of the control API, without a slash at the end

	hosts     []*Host
	files     *server
	control   *server
	temporary string // folder to be removed; "" when the caller gave one
}

// Start starts the hosts. They serve when it returns.
func Start(c Config) (network *Network, err error) {
	f := &Network{}
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("start the simulated hosts: %w", err), f.Close())
		}
	}()
	dir := c.Dir
	if dir == "" {
		if dir, err = os.MkdirTemp("", "winhost-"); err != nil {
			return nil, err
		}
		f.temporary = dir
	}
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return nil, err
	}
	if err := f.startHosts(c, dir); err != nil {
		return nil, err
	}
	if f.files, err = listen(loopback, bitsvc.FileServer()); err != nil {
		return nil, err
	}
	if f.control, err = listen(loopback, controlAPI(f.hosts)); err != nil {
		return nil, err
	}
	f.FilesURL, f.ControlURL = f.files.url(), f.control.url()
	return f, nil
}

// startHosts makes the certificate and starts the hosts with it.
func (f *Network) startHosts(c Config, dir string) error {
	if c.Listen == "" {
		c.Listen = loopback
	}
	address, err := net.ResolveTCPAddr("tcp", c.Listen)
	if err != nil {
		return fmt.Errorf("the address to listen on: %w", err)
	}
	authority, err := newAuthority(address.IP)
	if err != nil {
		return err
	}
	f.CACert = authority.pem
	if f.CAFile, err = filepath.Abs(filepath.Join(dir, "ca.pem")); err != nil {
		return err
	}
	if err := os.WriteFile(f.CAFile, []byte(f.CACert), 0o600); err != nil {
		return err
	}
	c.Security = c.Security.withDefaults()
	f.Auth = c.Security.Auth
	var client pemPair
	if c.Security.offers(logon.Certificate) {
		if client, err = f.issueClient(authority, dir); err != nil {
			return err
		}
	}
	password := rand.Text() // one credential for all, as a domain's account is
	for i := range max(c.Hosts, 1) {
		at := *address
		if at.Port != 0 {
			at.Port += i
		}
		host, err := newHost(i, at, dir, password, c, authority, client)
		if err != nil {
			return fmt.Errorf("host %d: %w", i, err)
		}
		f.hosts = append(f.hosts, host)
	}
	return nil
}

// issueClient makes the certificate that is mapped to the administrator and writes it beside the authority's.
func (f *Network) issueClient(a *authority, dir string) (pemPair, error) {
	client, err := a.client(clientName, time.Now().Add(lifetime))
	if err != nil {
		return pemPair{}, err
	}
	if dir, err = filepath.Abs(dir); err != nil {
		return pemPair{}, err
	}
	f.ClientCert, f.ClientKey = filepath.Join(dir, "client.pem"), filepath.Join(dir, "client-key.pem")
	err = errors.Join(os.WriteFile(f.ClientCert, []byte(client.certificate), 0o600), os.WriteFile(f.ClientKey, []byte(client.key), 0o600))
	return client, err
}

// Host returns the i-th host.
func (f *Network) Host(i int) *Host { return f.hosts[i] }

// Hosts returns all hosts.
func (f *Network) Hosts() []*Host { return f.hosts }

// Stats returns the sum over all hosts.
func (f *Network) Stats() Stats { return sum(f.hosts) }

func sum(hosts []*Host) (all Stats) {
	for _, h := range hosts {
		all = all.Add(h.Stats())
	}
	return all
}

// Close ends everything that the network started, processes included, and removes its temporary folder.
func (f *Network) Close() error {
	var errs []error
	for _, s := range []*server{f.control, f.files} {
		if s != nil {
			errs = append(errs, s.close())
		}
	}
	for _, h := range f.hosts {
		errs = append(errs, h.close())
	}
	if f.temporary != "" {
		errs = append(errs, os.RemoveAll(f.temporary))
	}
	return errors.Join(errs...)
}
