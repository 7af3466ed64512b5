// SPDX-License-Identifier: MPL-2.0

package pwsh

import (
	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/agent"
)

// settings are the properties that a cmdlet sets, as the module of the simulated host sends them.
type settings struct {
	bits.Properties
	Headers         []agent.Cleartext `json:"custom_headers,omitzero"`
	Credential      *account          `json:"credential,omitempty"`
	ProxyCredential *account          `json:"proxy_credential,omitempty"`
}

type account struct {
	Username string          `json:"username"`
	Password agent.Cleartext `json:"password"`
	Scheme   bits.AuthScheme `json:"scheme"`
}

// properties returns the settings as package bits has them.
func (s settings) properties() bits.Properties {
	p := s.Properties
	p.CustomHeaders = agent.HeadersOf(s.Headers)
	p.Credential, p.ProxyCredential = s.Credential.credential(), s.ProxyCredential.credential()
	return p
}

func (a *account) credential() *bits.Credential {
	if a == nil {
		return nil
	}
	return &bits.Credential{Username: a.Username, Password: a.Password.Secret, Scheme: a.Scheme}
}
