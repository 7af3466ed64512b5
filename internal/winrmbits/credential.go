package winrmbits

import (
	"context"
	"errors"
	"sync"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/connection"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/auth"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/wsman"
)

// credentialKey is what makes a credential: the same one on other hosts is proven with it.
type credentialKey struct {
	auth        connection.Auth
	username    string
	password    bits.Secret
	certificate string
	key         bits.Secret
	kerberos    connection.Kerberos // without the name of a host's service
}

func credentialOf(s connection.Settings) credentialKey {
	key := credentialKey{auth: auth.Chosen(s), username: s.Username}
	switch key.auth {
	case connection.AuthCertificate:
		key.certificate, key.key = s.ClientCertificate, s.ClientKey
	case connection.AuthKerberos:
		key.password, key.kerberos = s.Password, s.Kerberos
		key.kerberos.SPN = ""
	default:
		key.password = s.Password
	}
	return key
}

// credential remembers how a user name and password fared in this process. Wrong ones lock accounts: until one was
// accepted somewhere, only one logon with it runs at a time, and one that was refused before is used no more.
type credential struct {
	trying chan struct{} // holds a token while nobody tries

	mu       sync.Mutex
	accepted bool
	refused  error
}

func newCredential() *credential {
	c := &credential{trying: make(chan struct{}, 1)}
	c.trying <- struct{}{}
	return c
}

// enter is the gate in front of a logon on a host.
func (c *credential) enter(host string) wsman.Gate {
	return func(ctx context.Context) (func(error), error) {
		if known, err := c.known(host); known {
			return func(error) {}, err
		}
		select {
		case <-c.trying:
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
		if known, err := c.known(host); known {
			c.trying <- struct{}{}
			return func(error) {}, err
		}
		return func(err error) {
			c.learn(err)
			c.trying <- struct{}{}
		}, nil
	}
}

// gate is the gate in front of a logon on this host, which notes that it waits there.
func (h *Host) gate() wsman.Gate {
	enter := h.credential.enter(h.settings.Address())
	note := func(behind bool) {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.behind = behind
	}
	return func(ctx context.Context) (func(error), error) {
		note(true)
		defer note(false)
		return enter(ctx)
	}
}

// known reports whether the credential was accepted or refused before, and the refusal.
func (c *credential) known(host string) (bool, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.refused == nil {
		return c.accepted, nil
	}
	return true, &connection.Error{Kind: connection.Unauthorized, Host: host, Repeated: true, Err: c.refused}
}

// learn takes the outcome of a logon: a service that answers with a message, even with a fault, has accepted it.
func (c *credential) learn(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	var fault *wsman.Fault
	switch {
	case err == nil, errors.As(err, &fault):
		c.accepted = true
	case refusesCredential(err):
		c.refused = err
	}
}

func refusesCredential(err error) bool {
	var failed *connection.Error
	return errors.As(err, &failed) && failed.Kind == connection.Unauthorized
}
