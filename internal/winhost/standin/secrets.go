// SPDX-License-Identifier: MPL-2.0

package standin

import (
	"encoding/base64"
	"slices"
	"strconv"
	"strings"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/agent"
)

// secrets are those of the next request, by index, until it is answered.
type secrets map[int]bits.Secret

// keep keeps the secret of a line: secret INDEX BASE64. It returns false for any other line.
func (s secrets) keep(object []byte) bool {
	words := strings.Split(string(object), " ")
	if len(words) != 3 || words[0] != "secret" {
		return false
	}
	index, err := strconv.Atoi(words[1])
	if err != nil {
		return false
	}
	text, err := base64.StdEncoding.DecodeString(words[2])
	if err != nil {
		return false
	}
	s[index] = bits.NewSecret(string(text))
	return true
}

// put puts secrets where operations name them.
func (s secrets) put(ops []agent.Op) {
	for _, op := range ops {
		if op.Job != nil {
			s.putInto(&op.Job.Properties, op.Job.Secrets)
		}
		if op.Set != nil {
			s.putInto(&op.Set.Properties, op.Set.Secrets)
		}
	}
}

func (s secrets) putInto(p *bits.Properties, named agent.Secrets) {
	account := func(c *agent.Credential) *bits.Credential {
		if c == nil {
			return nil
		}
		return &bits.Credential{Username: c.Username, Password: s[c.Password], Scheme: bits.AuthScheme(c.Scheme)}
	}
	if named.Headers != nil {
		p.CustomHeaders = make([]bits.Secret, len(named.Headers))
		for i, index := range named.Headers {
			p.CustomHeaders[i] = s[index]
		}
	}
	p.Credential, p.ProxyCredential = account(named.Credential), account(named.ProxyCredential)
}

// hide takes secrets, and values of headers, out of a text, the longest first.
func (s secrets) hide(text string) string {
	values := make([]string, 0, 2*len(s))
	for _, secret := range s {
		whole := secret.Reveal()
		values = append(values, whole, strings.TrimSpace(whole[strings.Index(whole, ":")+1:]))
	}
	slices.SortFunc(values, func(a, b string) int { return len(b) - len(a) })
	for _, value := range values {
		if value != "" {
			text = strings.ReplaceAll(text, value, "(sensitive)")
		}
	}
	return text
}
