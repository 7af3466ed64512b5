// SPDX-License-Identifier: MPL-2.0

package winrmbits

import (
	"context"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/agent"
)

// Describe returns a description of the host as the account that logs on sees it, also when an agent runs as SYSTEM.
func (h *Host) Describe(ctx context.Context, query bits.HostQuery) (bits.Host, error) {
	ctx, cancel := h.limit(ctx)
	defer cancel()
	asked := time.Now()
	state, err := execute[agent.HostState](ctx, h, agent.Op{Name: agent.OpHost, Drive: query.Drive, Account: query.Account})
	if err != nil {
		return bits.Host{}, h.wrap("describe BITS", "", err)
	}
	answered := time.Now()
	hello := h.accountHello()
	var p parser
	described := bits.Host{
		Computer: name(hello.Computer), OS: name(hello.OS), PowerShell: name(hello.PowerShell), Module: name(hello.Module),
		LanguageMode: name(hello.LanguageMode), Policies: hello.Policies, Is64Bit: hello.Process64,
		Account: bits.Owner{SID: name(hello.SID), Name: name(hello.Account)}, Elevated: hello.Elevated, AllUsers: hello.AllUsers,
		Parameters: hello.Parameters,
		Now:        p.time(state.Now), ServiceState: name(stringOrEmpty(state.Service)), ServiceStart: name(stringOrEmpty(state.Start)),
		Limits: state.Policies, Costs: state.Costs, FreeBytes: p.size(state.FreeBytes), LoggedOn: state.LoggedOn,
		SystemProxy: proxyFromWire(state.SystemProxy), WinHTTPProxy: proxyFromWire(state.WinHTTPProxy),
	}
	described.ClockOffset = clockOffset(described.Now, asked, answered)
	return described, h.wrap("describe BITS", "", p.err)
}

// clockOffset is how far a host's clock is ahead that was read between two times of this machine. What the answer took is no offset:
// the first answer of a session comes seconds after it was asked for.
func clockOffset(host, asked, answered time.Time) time.Duration {
	switch {
	case host.Before(asked):
		return host.Sub(asked).Round(time.Second)
	case host.After(answered):
		return host.Sub(answered).Round(time.Second)
	}
	return 0
}

// accountHello returns the hello of the agent of the account that logs on. When the first operation was one for SYSTEM, it
// is the hello of SYSTEM's agent, with that account: an account that may start an agent as SYSTEM sees every job.
func (h *Host) accountHello() agent.Hello {
	h.mu.Lock()
	defer h.mu.Unlock()
	var hello agent.Hello
	switch {
	case h.ownHello != nil:
		hello = *h.ownHello
	case h.hello != nil:
		hello = *h.hello
		if h.elevated != nil {
			hello.Account, hello.SID, hello.Elevated = h.elevated.Account, h.elevated.SID, h.elevated.Elevated
		}
	}
	return hello
}
