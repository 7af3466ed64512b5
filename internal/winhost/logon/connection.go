// SPDX-License-Identifier: MPL-2.0

package logon

import (
	"crypto/subtle"
	"crypto/tls"
	"encoding/base64"
	"net/http"
	"slices"
	"strings"
)

// Outcome is what became of a credential.
type Outcome int

// The outcomes.
const (
	Pending Outcome = iota // none was shown, or not all of it, or it was proven on this connection before
	Proven
	Refused
)

// Verdict is what a request's headers prove.
type Verdict struct {
	Account      string   // the local account that the client is; "" means 401
	Challenges   []string // WWW-Authenticate headers of the answer, whatever its status
	Outcome      Outcome
	AccessDenied bool // instead of a 401: the fault of a certificate that is mapped to no account
}

// Connection is the host's side of one client's connection. Requests on a connection come one after the other, so it
// is not safe for concurrent use.
type Connection struct {
	policy   *Policy
	account  string      // that counts for requests without a credential
	shown    bool        // a credential that comes with every request was accepted
	context  *acceptance // of Negotiate or Kerberos; nil before and after a refusal
	protocol string      // of the last sealed message
}

// Judge reports who sends a request, by its headers and its connection.
func (c *Connection) Judge(r *http.Request) Verdict {
	name, credential, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	switch {
	case name == "" && c.account != "":
		return Verdict{Account: c.account}
	case name == "":
		return Verdict{Challenges: c.policy.challenges()}
	case strings.EqualFold(name, nameBasic) && c.policy.offers(Basic):
		return c.basic(r)
	case strings.EqualFold(name, nameNegotiate) && len(c.policy.Mechanisms) > 0,
		strings.EqualFold(name, nameKerberos) && slices.ContainsFunc(c.policy.Mechanisms, of(Kerberos)):
		return c.step(name, credential)
	case strings.EqualFold(name, nameCertificate) && c.policy.offers(Certificate):
		return c.certificate(r.TLS)
	default:
		return c.Refuse(Refused)
	}
}

// Refuse forgets who the client is and returns the verdict of a 401.
func (c *Connection) Refuse(o Outcome) Verdict {
	c.account, c.context = "", nil
	return Verdict{Challenges: c.policy.challenges(), Outcome: o}
}

// Readable reports whether messages may travel on the connection as they are.
func (c *Connection) Readable(state *tls.ConnectionState) bool {
	return encrypted(state) || c.policy.AllowUnencrypted
}

func encrypted(state *tls.ConnectionState) bool { return state != nil && state.HandshakeComplete }

// basic takes the password itself. It proves its own request only.
func (c *Connection) basic(r *http.Request) Verdict {
	username, password, _ := r.BasicAuth()
	account, err := c.policy.Accounts.Try(username, func(right string) bool {
		return subtle.ConstantTimeCompare([]byte(right), []byte(password)) == 1
	})
	if err != nil {
		return c.Refuse(Refused)
	}
	return c.proven(account)
}

// proven is the verdict on a credential that comes with every request: it counts once for a connection.
func (c *Connection) proven(account string) Verdict {
	c.account, c.context = "", nil
	v := Verdict{Account: account}
	if !c.shown {
		c.shown, v.Outcome = true, Proven
	}
	return v
}

// step goes on with a security context, or begins one.
func (c *Connection) step(name, credential string) Verdict {
	token, err := base64.StdEncoding.DecodeString(strings.TrimSpace(credential))
	if err != nil || len(token) == 0 {
		return c.Refuse(Refused)
	}
	if c.context == nil || c.account != "" || !strings.EqualFold(c.context.name, name) {
		c.account, c.context = "", newAcceptance(c.policy, name)
	}
	answer, err := c.context.step(token)
	var challenges []string
	if answer != nil {
		challenges = []string{c.context.name + " " + base64.StdEncoding.EncodeToString(answer)}
	}
	switch {
	case err != nil:
		v := c.Refuse(Refused)
		if challenges != nil {
			v.Challenges = challenges
		}
		return v
	case c.context.done:
		c.account = c.context.inner.Account()
		return Verdict{Account: c.account, Challenges: challenges, Outcome: Proven}
	default:
		return Verdict{Challenges: challenges}
	}
}
