// SPDX-License-Identifier: MPL-2.0

// Package kerberos gets tickets: one ticket-granting ticket for a credential and one ticket for each host's service,
// kept for the process and renewed when they end.
package kerberos

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/go-krb5/krb5/config"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/connection"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/auth/gssapi"
)

const (
	maxSkew = 5 * time.Minute // that Kerberos allows between clocks. Source: RFC 4120 section 8.2
	early   = time.Minute     // before its end a ticket is used no more
)

// Tickets is all tickets of one process. It is safe for concurrent use; the zero value is not.
type Tickets struct {
	network *network
	now     func() time.Time
	env     func(string) string
	uid     int // of this process

	mu    sync.Mutex
	known map[credential]*identity
}

// credential is what tickets are requested with; equal ones share their tickets.
type credential struct {
	kerberos connection.Kerberos // without the SPN
	username string
	password bits.Secret
}

// NewTickets returns an empty store.
func NewTickets() *Tickets {
	return &Tickets{
		network: &network{dial: (&net.Dialer{}).DialContext, lookup: net.DefaultResolver.LookupSRV},
		now:     time.Now, env: os.Getenv, uid: os.Geteuid(), known: map[credential]*identity{},
	}
}

// Now is the time that tickets are judged by.
func (t *Tickets) Now() time.Time { return t.now() }

// For returns a ticket for the host's service. A failure is a [connection.Error]: of kind Unauthorized when the KDC
// refused the credential, which is not shown to it again, and then Repeated.
func (t *Tickets) For(ctx context.Context, s connection.Settings) (gssapi.Ticket, error) {
	ticket, err := t.find(ctx, s)
	if err != nil {
		return gssapi.Ticket{}, explain(s, t.now(), err)
	}
	return ticket, nil
}

// Check finds what keeps Kerberos from being used with these settings at all.
func Check(s connection.Settings) error {
	switch {
	case s.SPN() == "":
		return explain(s, time.Time{}, errNoName)
	case s.Username == "" && (s.Kerberos.Keytab != "" || s.Password != bits.Secret{}):
		return explain(s, time.Time{}, &settingsError{err: errors.New("a password or keytab is set without username")})
	}
	return nil
}

// Forget drops the ticket for a host's service, which the host did not take.
func (t *Tickets) Forget(s connection.Settings) {
	id := t.identity(s)
	id.mu.Lock()
	defer id.mu.Unlock()
	delete(id.services, s.SPN())
}

func (t *Tickets) identity(s connection.Settings) *identity {
	key := credential{s.Kerberos, s.Username, s.Password}
	key.kerberos.SPN = ""
	t.mu.Lock()
	defer t.mu.Unlock()
	id := t.known[key]
	if id == nil {
		id = &identity{tickets: t, credential: key, loggingOn: make(chan struct{}, 1), services: map[string]gssapi.Ticket{}}
		t.known[key] = id
	}
	return id
}

func (t *Tickets) find(ctx context.Context, s connection.Settings) (gssapi.Ticket, error) {
	spn := s.SPN()
	if spn == "" {
		return gssapi.Ticket{}, errNoName
	}
	id := t.identity(s)
	if ticket, ok := id.service(spn); ok {
		return ticket, nil
	}
	held, err := id.logOn(ctx)
	if err != nil {
		return gssapi.Ticket{}, err
	}
	wanted := service(held.config, spn)
	ticket, ok := held.service(wanted)
	if !ok || t.over(ticket) {
		if t.over(held.granting) {
			return gssapi.Ticket{}, id.ended(endedError{held.cacheName, held.granting.End})
		}
		if ticket, err = ticketFor(ctx, t.network, held.config, held.granting, wanted, t.now()); err != nil {
			return gssapi.Ticket{}, err
		}
	}
	if gssapi.Weak(ticket.Key.KeyType) {
		return gssapi.Ticket{}, &gssapi.WeakError{Type: ticket.Key.KeyType}
	}
	id.keep(spn, ticket)
	return ticket, nil
}

// over reports whether a ticket's time is over.
func (t *Tickets) over(ticket gssapi.Ticket) bool { return !t.now().Add(early).Before(ticket.End) }

// identity is one credential with its tickets.
type identity struct {
	tickets    *Tickets
	credential credential
	loggingOn  chan struct{} // has a token while a logon runs
	proofs     proofCount    // of the logon that runs, and of those before

	mu       sync.Mutex
	held     *held
	failed   *failure   // of the last logon
	told     endedError // that was returned last
	services map[string]gssapi.Ticket
}

// failure is a logon that failed: a credential that was refused is never shown to the KDC again, and anything else is tried
// again after a while.
type failure struct {
	err error
	at  time.Time
}

// retryAfter is how long a logon that did not refuse the credential counts for all hosts: those of one run wait for one
// time-out together, and a network that comes back is noticed.
const retryAfter = 10 * time.Second

// stands reports whether a logon is not tried again yet.
func (f *failure) stands(now time.Time) bool {
	return f != nil && (refusesCredential(f.err) || now.Sub(f.at).Abs() < retryAfter)
}

// held is the result of a logon.
type held struct {
	config   *config.Config
	granting gssapi.Ticket
	cache    map[string]gssapi.Ticket // of a credential cache; nil: none

	cacheName string
}

// service finds a ticket for a service in the credential cache.
func (h *held) service(wanted principal) (gssapi.Ticket, bool) {
	if wanted.realm == "" {
		wanted.realm = h.granting.Realm
	}
	ticket, ok := h.cache[wanted.String()]
	return ticket, ok
}

// service returns the kept ticket for a service.
func (id *identity) service(spn string) (gssapi.Ticket, bool) {
	id.mu.Lock()
	defer id.mu.Unlock()
	ticket, ok := id.services[spn]
	return ticket, ok && !id.tickets.over(ticket)
}

// ended returns the error of a credential cache without a valid ticket, in full for the first host.
func (id *identity) ended(e endedError) error {
	id.mu.Lock()
	defer id.mu.Unlock()
	if id.told == e {
		return &repeatedError{&e}
	}
	id.told = e
	return &e
}

func (id *identity) keep(spn string, ticket gssapi.Ticket) {
	id.mu.Lock()
	defer id.mu.Unlock()
	id.services[spn] = ticket
}

// logOn returns a ticket-granting ticket, requested where there is none or it ends. Only one logon runs at a time, and a
// credential that was refused is not shown to the KDC again: wrong ones lock accounts.
func (id *identity) logOn(ctx context.Context) (*held, error) {
	select {
	case id.loggingOn <- struct{}{}:
		defer func() { <-id.loggingOn }()
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	id.mu.Lock()
	h, failed := id.held, id.failed
	id.mu.Unlock()
	switch {
	case failed.stands(id.tickets.now()):
		return nil, &repeatedError{failed.err}
	case h != nil && !id.tickets.over(h.granting):
		return h, nil
	}
	h, err := id.get(ctx)
	id.mu.Lock()
	defer id.mu.Unlock()
	switch {
	case err == nil:
		id.held, id.failed = h, nil
	case !errors.Is(err, context.Canceled):
		id.failed = &failure{err, id.tickets.now()}
	}
	return h, err
}

// get logs on with what the credential is.
func (id *identity) get(ctx context.Context) (*held, error) {
	k := id.credential.kerberos
	c, err := configuration(k)
	if err != nil {
		return nil, &settingsError{err: err}
	}
	names := accounts(c, k.Realm, id.credential.username)
	if k.CCache != "" || k.Keytab == "" && id.credential.password == (bits.Secret{}) {
		return id.fromCache(ctx, c, names)
	}
	if names[0].realm == "" {
		return nil, &settingsError{err: errors.New("the realm of the account is not known")}
	}
	l := logon{id.tickets.network, c, passwordKeys{id.credential.password}, id.tickets.now, &id.proofs}
	if k.Keytab != "" {
		file, err := readKeytab(k.Keytab)
		if err == nil {
			names, err = file.find(names)
		}
		if err != nil {
			return nil, &settingsError{err: err}
		}
		l.keys = file
	}
	ticket, err := l.as(ctx, names)
	if err != nil {
		return nil, err
	}
	return &held{config: c, granting: ticket}, nil
}

// fromCache takes the tickets of a credential cache. One without a ticket-granting ticket may hold the service's. One that is not
// set has to be of the account, where that is set.
func (id *identity) fromCache(ctx context.Context, c *config.Config, names []principal) (*held, error) {
	k := id.credential.kerberos
	cache, err := id.tickets.openCache(ctx, k)
	if err == nil && k.CCache == "" && id.credential.username != "" && !slices.ContainsFunc(names, cache.client.is) {
		err = fmt.Errorf("the credential cache %s belongs to %s, not to %s", cache.name, cache.client, id.credential.username)
	}
	if err != nil && k.CCache == "" {
		err = fmt.Errorf("neither a password nor a keytab is set, and there is no credential cache: %w", err)
	}
	if err != nil {
		return nil, &settingsError{err, useFile}
	}
	h := &held{config: c, cache: cache.tickets, cacheName: cache.name, granting: gssapi.Ticket{Client: cache.client.name, Realm: cache.client.realm}}
	if ticket, ok := cache.tickets[granting(cache.client.realm, cache.client.realm).String()]; ok {
		h.granting = ticket
	}
	return h, nil
}
