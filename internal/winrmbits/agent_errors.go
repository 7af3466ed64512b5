// SPDX-License-Identifier: MPL-2.0

package winrmbits

import (
	"errors"
	"fmt"
	"strings"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/connection"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/agent"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/wsman"
)

// explain returns why there is no agent, where none ever answered, and err otherwise.
func (s *session) explain(err error) error {
	var explained *connection.Error
	if err == nil || s.host.everAnswered || errors.As(err, &explained) {
		return err
	}
	var ended *exitError
	if errors.As(err, &ended) {
		return s.explainExit(ended)
	}
	if errors.Is(err, errUnreadable) {
		return s.host.explainUnreadable(err)
	}
	e := &connection.Error{
		Kind: connection.NoAgent, Host: s.host.settings.Address(), Err: err,
		Problem: fmt.Sprintf("a shell opened, but PowerShell did not respond in it: %s.", err),
		Remedy: "On the host, try powershell.exe -NoProfile -NonInteractive -Command 1. " +
			"A proxy or a security product may interfere.",
	}
	if errors.Is(err, wsman.ErrConnectionLost) { // PowerShell may be as it should
		e.Kind = connection.Lost
		e.Remedy = "Find the proxy, load balancer or firewall that closes connections, and connect without it."
	}
	addAdvice(e, err)
	return e
}

// unreadableRemedy is what to do about an answer that the agent can't have given: PowerShell itself may be as it should.
const unreadableRemedy = "Something changes the output of the agent: a proxy that rewrites responses, or a program on the host that writes to " +
	"PowerShell's output. Find and remove it; if there is none, this is a bug in the provider."

// explainUnreadable returns the error of an answer that can't be used.
func (h *Host) explainUnreadable(err error) error {
	return &connection.Error{
		Kind: connection.Unreadable, Host: h.settings.Address(), Err: err, Remedy: unreadableRemedy,
		Problem: strings.TrimSuffix(bits.Quotable(err.Error()), ".") + ".",
	}
}

// explainExit returns why PowerShell ended before the agent in it answered.
func (s *session) explainExit(ended *exitError) error {
	e := &connection.Error{Kind: connection.NoAgent, Host: s.host.settings.Address(), Err: ended}
	switch {
	case ended.fatal == agent.FatalLanguageMode || ended.code == agent.ExitLanguageMode:
		e.Problem = "PowerShell on the host runs in a restricted language mode" + inParentheses(bits.Quotable(ended.languageMode)) +
			", which the agent does not support."
		e.Remedy = "AppLocker or WDAC restricts scripts on the host: use an account whose policy allows FullLanguage mode."
	case ended.code == agent.ExitLoader || ended.fatal == agent.FatalLoader:
		e.Problem = "PowerShell could not start the agent."
		e.Remedy = "Windows PowerShell 5.1 is required. The event log Windows PowerShell of the host may have the reason."
	default:
		e.Problem = fmt.Sprintf("PowerShell ended with exit code %d before the agent responded.", ended.code)
		e.Remedy = "On the host, try powershell.exe -NoProfile -NonInteractive -Command 1. A security product may also end it."
	}
	if ended.stderr != "" {
		e.Problem += fmt.Sprintf(" Its output: %q.", bits.Quotable(ended.stderr))
	}
	return e
}

func inParentheses(text string) string {
	if text == "" {
		return ""
	}
	return " (" + text + ")"
}
