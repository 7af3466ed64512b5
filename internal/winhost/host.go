// SPDX-License-Identifier: MPL-2.0

package winhost

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os/exec"
	"path/filepath"
	"sync"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/connection"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/bitsvc"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/logon"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/machine"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/pwsh"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/standin"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/windows"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/wsmansvc"
)

// Stats is what a host counted.
type Stats = machine.Stats

// Host is one simulated Windows host.
type Host struct {
	Name     string // address to connect to
	Port     int
	Username string // of the administrator
	Password string
	Accounts []Account // the administrator first

	Computer string // NetBIOS name, which is the domain of its local accounts
	BITS     *bitsvc.Service
	Drive    *machine.Drive
	Clock    *machine.Clock
	Tasks    *windows.Scheduler
	Pipes    *windows.Pipes
	Odd      *windows.Oddities
	Account  bitsvc.Caller // who Username is: an administrator, whom BITS counts as logged on only after LogOn

	caCert     string
	security   Security
	client     pemPair // of the certificate that is mapped to the administrator; empty when none is asked for
	logons     *logon.Accounts
	meter      *machine.Meter
	wsman      *wsmansvc.Service
	listener   *listener
	server     *server
	startDelay time.Duration
	script     Script
	powerShell powerShell

	mu        sync.Mutex
	lastPID   int
	processes map[int]running // by PID
}

// newHost starts the i-th host.
func newHost(i int, address net.TCPAddr, dir, password string, c Config, a *authority, client pemPair) (*Host, error) {
	h := &Host{
		Username: administrator, Password: password, Accounts: accounts(i, password), Computer: fmt.Sprintf("WEB%02d", i+1),
		Clock: machine.NewClock(), caCert: a.pem, security: c.Security, client: client, meter: &machine.Meter{},
		startDelay: c.StartDelay, script: c.Script, processes: map[int]running{}, Pipes: &windows.Pipes{}, Odd: &windows.Oddities{},
	}
	c.Setup.Odd = h.Odd
	if !c.Time.IsZero() {
		h.Clock = machine.NewManualClock(c.Time)
	}
	h.Account = h.Caller(administrator)
	h.logons = logon.NewAccounts(h.logOnAs, h.security.LockoutThreshold)
	var err error
	if h.Drive, err = machine.NewDrive(filepath.Join(dir, h.Computer)); err != nil {
		return nil, err
	}
	if h.listener, err = newListener(address.String(), h.meter); err != nil {
		return nil, err
	}
	at, _ := h.listener.Addr().(*net.TCPAddr)
	h.Name, h.Port = reachable(address.IP).String(), at.Port

	h.Tasks = windows.NewScheduler(h.Clock, h.meter, h.startTask)
	h.BITS = bitsvc.New(bitsvc.Options{Clock: h.Clock, Drive: h.Drive, Account: domain + `\` + h.Computer + `$`, Rate: c.Rate})
	if h.powerShell, err = h.program(c, dir); err != nil {
		return nil, errors.Join(err, h.listener.Close())
	}
	policy, err := h.policy(a)
	if err != nil {
		return nil, errors.Join(err, h.listener.Close())
	}
	h.wsman = wsmansvc.New(wsmansvc.Options{
		Clock: h.Clock, Meter: h.meter, RTT: c.RTT, OS: "10.0.20348", Policy: policy, Quotas: c.Quotas,
		Start: func(ctx context.Context, p wsmansvc.Process) int { return h.StartAs(ctx, h.Caller(p.User), p) },
	})
	h.server = serve(h.secure(h.listener, a), h.wsman, h.wsman)
	return h, nil
}

// program is the host's powershell.exe: a real PowerShell, or the Go stand-in where none is given.
func (h *Host) program(c Config, dir string) (powerShell, error) {
	if c.PowerShell == "" {
		machine := standin.Host{
			Setup: c.Setup, Limits: c.Limits, Service: h.BITS, Drive: h.Drive, Clock: h.Clock, Tasks: h.Tasks, Pipes: h.Pipes, Computer: h.Computer,
		}
		if c.Module2016 {
			machine.Module = standin.Module2016
		}
		return func(ctx context.Context, caller bitsvc.Caller, p wsmansvc.Process) int {
			return standin.Run(ctx, machine, p.CommandLine, caller, p.Stdin, p.Stdout, p.Stderr)
		}, nil
	}
	program, err := exec.LookPath(c.PowerShell)
	if err != nil {
		return nil, fmt.Errorf("find the PowerShell: %w", err)
	}
	if program, err = filepath.Abs(program); err != nil {
		return nil, err
	}
	machine := pwsh.Host{
		Setup: c.Setup, Limits: c.Limits, PowerShell: program, Windows: filepath.Join(dir, h.Computer+"-windows"),
		Service: h.BITS, Drive: h.Drive, Tasks: h.Tasks, Pipes: h.Pipes,
	}
	if c.Module2016 {
		machine.Module = pwsh.Module2016
	}
	if machine.Windows, err = filepath.Abs(machine.Windows); err != nil {
		return nil, err
	}
	if err := pwsh.Install(machine.Windows); err != nil {
		return nil, err
	}
	return func(ctx context.Context, caller bitsvc.Caller, p wsmansvc.Process) int {
		return machine.Run(ctx, p.CommandLine, caller, p.Stdin, p.Stdout, p.Stderr)
	}, nil
}

// reachable is the address to connect to where one listens.
func reachable(ip net.IP) net.IP {
	switch {
	case ip != nil && !ip.IsUnspecified():
		return ip
	case ip != nil && ip.To4() == nil:
		return net.IPv6loopback
	default:
		return net.IPv4(127, 0, 0, 1)
	}
}

// Settings returns what a client needs to connect.
func (h *Host) Settings() connection.Settings {
	s := connection.Settings{
		Host: h.Name, Port: h.Port,
		CACert: h.caCert, RunAs: connection.RunAsSystem,
		ConnectTimeout: 30 * time.Second, OperationTimeout: 60 * time.Second,
	}
	h.credential(&s)
	return s
}

// Stats returns what the host counted since the start or the last reset.
func (h *Host) Stats() Stats { return h.meter.Read() }

// ResetStats starts the counts again.
func (h *Host) ResetStats() { h.meter.Reset() }

// Intercept has f decide what becomes of each HTTP request to WinRM from now on; nil ends that.
func (h *Host) Intercept(f wsmansvc.Interceptor) { h.wsman.Intercept(f) }

// DropShells ends all shells with their processes, as a restart of the WinRM service does.
func (h *Host) DropShells() { h.wsman.DropShells() }

// Reboot restarts the host: shells and processes end, and BITS starts again with the jobs it had.
func (h *Host) Reboot() {
	h.wsman.DropShells()
	h.mu.Lock()
	for _, p := range h.processes {
		p.kill()
	}
	h.mu.Unlock()
	h.BITS.Restart()
}

// Listen sets how the host's WinRM port behaves, and breaks every connection.
func (h *Host) Listen(b Behaviour) error { return h.listener.behave(b) }

// close ends everything of the host.
func (h *Host) close() error {
	err := h.server.close()
	h.wsman.Close()
	h.Tasks.Close()
	h.BITS.Close()
	return err
}
