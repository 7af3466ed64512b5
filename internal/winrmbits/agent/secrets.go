// SPDX-License-Identifier: MPL-2.0

package agent

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
)

// Cleartext is a secret that the protocol encodes as it is. It is never printed.
type Cleartext struct{ bits.Secret }

// MarshalJSON reveals the text: an answer must hold it.
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

// CleartextOf returns the headers of a job as an answer has them.
func CleartextOf(headers []bits.Secret) []Cleartext {
	if headers == nil {
		return nil
	}
	out := make([]Cleartext, len(headers))
	for i, h := range headers {
		out[i] = Cleartext{h}
	}
	return out
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

// secretWord begins a line that carries a secret, after the token.
const secretWord = "secret"

// Secrets are the properties of a job that only go to a host. A request names each secret by the index of the line
// that carries it; [Request.Lines] fills them in.
type Secrets struct {
	Headers         []int       `json:"custom_headers,omitzero"`
	Credential      *Credential `json:"credential,omitempty"`
	ProxyCredential *Credential `json:"proxy_credential,omitempty"`
}

// Credential is an account for a server or a proxy.
type Credential struct {
	Username string `json:"username"`
	Password int    `json:"password"` // index
	Scheme   string `json:"scheme,omitempty"`
}

// Lines returns what a client sends for a request: a line for each secret, and then the request, which names them by
// their index. Repeating a request repeats all of its lines.
//
// PowerShell reads JSON with a cmdlet, and module logging (event 4103) keeps what a cmdlet is given. It decodes the lines of
// secrets without one.
func (r Request) Lines(token string) ([]byte, error) {
	var secrets []bits.Secret
	r.Ops = slices.Clone(r.Ops)
	for i := range r.Ops {
		r.Ops[i] = r.Ops[i].numbered(&secrets)
	}
	r.Secrets = len(secrets)
	text, err := json.Marshal(r)
	if err != nil {
		return nil, fmt.Errorf("encode a request: %w", err)
	}
	var lines []byte
	for i, s := range secrets {
		encoded := base64.StdEncoding.EncodeToString([]byte(s.Reveal()))
		lines = fmt.Appendf(lines, "%s %s %d %s\n", token, secretWord, i, encoded)
	}
	return fmt.Appendf(lines, "%s %s\n", token, ASCII(text)), nil
}

// numbered returns the operation with its secrets named by index, and appends them to secrets.
func (o Op) numbered(secrets *[]bits.Secret) Op {
	if o.Job != nil {
		job := *o.Job
		job.Secrets = number(job.Properties, secrets)
		o.Job = &job
	}
	if o.Set != nil {
		set := *o.Set
		set.Secrets = number(set.Properties, secrets)
		o.Set = &set
	}
	return o
}

func number(p bits.Properties, secrets *[]bits.Secret) Secrets {
	next := func(s bits.Secret) int {
		*secrets = append(*secrets, s)
		return len(*secrets) - 1
	}
	account := func(c *bits.Credential) *Credential {
		if c == nil {
			return nil
		}
		return &Credential{Username: c.Username, Password: next(c.Password), Scheme: string(c.Scheme)}
	}
	var s Secrets
	if p.CustomHeaders != nil {
		s.Headers = make([]int, len(p.CustomHeaders))
		for i, h := range p.CustomHeaders {
			s.Headers[i] = next(h)
		}
	}
	s.Credential, s.ProxyCredential = account(p.Credential), account(p.ProxyCredential)
	return s
}
