package agent

import (
	"encoding/json"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
)

// Cleartext is a secret that the protocol encodes as it is. It is never printed.
type Cleartext struct{ bits.Secret }

// MarshalJSON reveals the text: a request must hold it.
func (s Cleartext) MarshalJSON() ([]byte, error) {
	return json.Marshal(s.Reveal())
}

// UnmarshalJSON reads the text.
func (s *Cleartext) UnmarshalJSON(text []byte) error {
	var revealed string
	err := json.Unmarshal(text, &revealed)
	s.Secret = bits.NewSecret(revealed)
	return err
}

// Secrets are the properties of a job that only go to a host.
type Secrets struct {
	Headers         []Cleartext `json:"custom_headers,omitzero"`
	Credential      *Credential `json:"credential,omitempty"`
	ProxyCredential *Credential `json:"proxy_credential,omitempty"`
}

// Credential is an account for a server or a proxy.
type Credential struct {
	Username string    `json:"username"`
	Password Cleartext `json:"password"`
	Scheme   string    `json:"scheme,omitempty"`
}

// SecretsOf takes the secrets out of a job's properties.
func SecretsOf(p bits.Properties) Secrets {
	var s Secrets
	if p.CustomHeaders != nil {
		s.Headers = make([]Cleartext, len(p.CustomHeaders))
		for i, h := range p.CustomHeaders {
			s.Headers[i] = Cleartext{h}
		}
	}
	s.Credential, s.ProxyCredential = wireCredential(p.Credential), wireCredential(p.ProxyCredential)
	return s
}

// With puts the secrets into a job's properties.
func (s Secrets) With(p bits.Properties) bits.Properties {
	p.CustomHeaders = HeadersOf(s.Headers)
	p.Credential, p.ProxyCredential = s.Credential.words(), s.ProxyCredential.words()
	return p
}

// HeadersOf returns the headers of a job as package bits has them.
func HeadersOf(headers []Cleartext) []bits.Secret {
	if headers == nil {
		return nil
	}
	out := make([]bits.Secret, len(headers))
	for i, h := range headers {
		out[i] = h.Secret
	}
	return out
}

func wireCredential(c *bits.Credential) *Credential {
	if c == nil {
		return nil
	}
	return &Credential{Username: c.Username, Password: Cleartext{c.Password}, Scheme: string(c.Scheme)}
}

func (c *Credential) words() *bits.Credential {
	if c == nil {
		return nil
	}
	return &bits.Credential{Username: c.Username, Password: c.Password.Secret, Scheme: bits.AuthScheme(c.Scheme)}
}
