// SPDX-License-Identifier: MPL-2.0

package standin

import (
	"fmt"
	"slices"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/bitsvc"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/agent"
)

// Module2016 is the module BitsTransfer of Windows Server 2016.
const Module2016 = "2016"

// moduleVersion is the version of BitsTransfer since Windows Server 2016.
const moduleVersion = "2.0.0.0"

// properties are those that the host's module has.
func (h Host) properties() []bitsvc.Property {
	return slices.DeleteFunc(bitsvc.Properties(), func(row bitsvc.Property) bool { return row.Since2022 && h.Module == Module2016 })
}

// shown are the properties that the objects of the host's module show.
func (h Host) shown(j bits.Job) (bits.Properties, bits.ReadOnly) {
	if h.Module == Module2016 {
		return bitsvc.Only(j.Properties, h.properties()...), bits.ReadOnly{}
	}
	return j.Properties, j.ReadOnly
}

// parameters are those of the cmdlets that create and change jobs, without the common ones.
func (h Host) parameters() map[string][]string {
	both := []string{"Authentication", "Description", "DisplayName", "Priority", "ProxyAuthentication", "UseStoredCredential"}
	if h.Module != Module2016 {
		both = append(both, "ACLFlags", "NotifyCmdLine", "NotifyFlags")
	}
	for _, row := range h.properties() {
		for _, f := range row.Fields {
			both = append(both, f.Parameter)
		}
	}
	start := append(slices.Clone(both), "Asynchronous", "Destination", "Source", "Suspended", "TransferType")
	set := append(slices.Clone(both), "BitsJob", "SetOwnerToCurrentUser")
	slices.Sort(start)
	slices.Sort(set)
	return map[string][]string{"Start-BitsTransfer": start, "Set-BitsTransfer": set}
}

// unsupported refuses what the host's module does not have.
func (o *operation) unsupported(cmdlet string, p bits.Properties) error {
	for _, row := range bitsvc.Given(p) {
		if row.Since2022 && o.host.Module == Module2016 {
			return &failed{answer: agent.Error{
				Code: string(bits.CodeNotSupported), Step: "set:" + row.Fields[0].Name,
				Text: fmt.Sprintf("this host's BitsTransfer module has no %s -%s (module %s, Windows %s)",
					cmdlet, row.Fields[0].Parameter, moduleVersion, o.host.OS),
			}}
		}
	}
	return nil
}
