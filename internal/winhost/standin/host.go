// SPDX-License-Identifier: MPL-2.0

package standin

import (
	"cmp"
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"maps"
	"strconv"
	"strings"

	"github.com/winrmbits/terraform-provider-bits/internal/winhost/bitsvc"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/agent"
)

// fullLanguage is the language mode of a PowerShell without restrictions.
const fullLanguage = "FullLanguage"

// hello describes the account, PowerShell and the module.
func (o *operation) hello(context.Context) (any, error) {
	hello := agent.Hello{
		Computer:     o.host.Computer,
		OS:           o.host.OS,
		PowerShell:   o.host.PowerShell,
		LanguageMode: fullLanguage,
		Policies: map[string]string{
			"MachinePolicy": cmp.Or(o.host.Setup.MachinePolicy, "Undefined"), "UserPolicy": "Undefined", "Process": "Bypass",
			"CurrentUser": "Undefined", "LocalMachine": "RemoteSigned",
		},
		Process64:  !o.host.Setup.Process32,
		OS64:       true,
		Account:    o.caller.Account,
		SID:        o.caller.SID,
		Elevated:   o.caller.Elevated,
		Parameters: map[string][]string{},
	}
	if o.host.importModule() == nil {
		hello.Module, hello.Parameters, hello.AllUsers = moduleVersion, o.host.parameters(), o.seesAll()
	}
	return hello, nil
}

// state describes the host.
func (o *operation) state(context.Context) (any, error) {
	service := o.host.Service
	s := agent.HostState{Now: stamp(o.host.Clock.Now())}
	if key, err := service.Registry(bitsvc.ServiceKey); err == nil {
		s.Start = startType(key)
	}
	if status, err := service.Status(); err == nil {
		s.Service = optional(strings.ToLower(status))
	}
	if key, err := service.Registry(bitsvc.PolicyKey); err == nil {
		s.Policies = map[string]uint32{}
		maps.Copy(s.Policies, key)
	}
	if key, err := service.Registry(bitsvc.CostKey); err == nil {
		s.Costs = map[string]uint32{}
		maps.Copy(s.Costs, key)
	}
	if value, err := service.Value(bitsvc.SystemProxy); err == nil {
		s.SystemProxy = new(base64.StdEncoding.EncodeToString(value))
	}
	if value, err := service.Value(bitsvc.WinHTTPProxy); err == nil {
		s.WinHTTPProxy = new(base64.StdEncoding.EncodeToString(value))
	}
	if o.Account != "" && o.caller.Elevated { // Get-Process -IncludeUserName is for administrators
		s.LoggedOn = new(service.LoggedOn(o.Account))
	}
	if o.Drive != "" {
		if free, err := o.host.Drive.Free(o.Drive); err == nil {
			s.FreeBytes = optional(strconv.FormatUint(free, 10))
		}
	}
	return s, nil
}

// startType is how a service with such a key starts; nil when the key does not say.
func startType(key map[string]uint32) *string {
	if key["Start"] == 2 && key["DelayedAutostart"] == 1 {
		return optional("automatic_delayed")
	}
	return optional(map[uint32]string{2: "automatic", 3: "manual", 4: "disabled"}[key["Start"]])
}

// refuseLanguage is the loader's answer where PowerShell runs in a constrained language mode.
func (p *process) refuseLanguage() (refused bool) {
	mode := p.host.Setup.LanguageMode
	if mode == "" || mode == fullLanguage {
		return false
	}
	_, _ = fmt.Fprintf(p, "%s {\"b\":0,\"fatal\":%q,\"mode\":%q}\r\n", p.token, agent.FatalLanguageMode, mode) // the exit code says enough
	return true
}

// noise is what profiles, products and native tools write between the lines of the protocol.
func (h Host) noise(stdout, stderr io.Writer) {
	if !h.Setup.Noisy {
		return
	}
	_, _ = io.WriteString(stdout, "Windows PowerShell\r\nCopyright (C) Microsoft Corporation. All rights reserved.\r\n\r\nWARNING: a profile talks\r\nPS C:\\> ")
	_, _ = io.WriteString(stderr, `#< CLIXML`+"\r\n"+`<Objs Version="1.1.0.1"><Obj S="progress" RefId="0"><MS><S>Preparing modules for first use.</S></MS></Obj></Objs>`)
}
