package winrmbits

import (
	"context"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/agent"
)

// Describe tells what the host is like, as the account sees it that logs on, also when an agent runs as SYSTEM by now.
// drive is one whose free space is wanted, such as C:, or "".
func (h *Host) Describe(ctx context.Context, drive string) (bits.Host, error) {
	ctx, cancel := h.verb(ctx)
	defer cancel()
	state, err := carryOut[agent.HostState](ctx, h, agent.Op{Name: agent.OpHost, Drive: drive})
	if err != nil {
		return bits.Host{}, h.wrap("describe BITS", "", err)
	}
	hello := h.loggedOn()
	var p parser
	described := bits.Host{
		Computer: hello.Computer, OS: hello.OS, PowerShell: hello.PowerShell, Module: hello.Module,
		LanguageMode: hello.LanguageMode, Policies: hello.Policies, Is64Bit: hello.Process64,
		Account: bits.Owner{SID: hello.SID, Name: hello.Account}, Elevated: hello.Elevated, AllUsers: hello.AllUsers,
		Parameters: hello.Parameters,
		Now:        p.time(state.Now), ServiceState: text(state.Service), ServiceStart: text(state.Start),
		Limits: state.Policies, FreeBytes: p.size(state.FreeBytes),
	}
	return described, h.wrap("describe BITS", "", p.err)
}

// loggedOn gives what an agent said of the host. When the first thing asked of the host was for SYSTEM, it is SYSTEM's
// agent that said it, with the account of the one that started it: an account that may do that sees every job.
func (h *Host) loggedOn() agent.Hello {
	h.mu.Lock()
	defer h.mu.Unlock()
	var hello agent.Hello
	switch {
	case h.outer != nil:
		hello = *h.outer
	case h.hello != nil:
		hello = *h.hello
		if h.raised != nil {
			hello.Account, hello.SID, hello.Elevated = h.raised.Account, h.raised.SID, h.raised.Elevated
		}
	}
	return hello
}
