// SPDX-License-Identifier: MPL-2.0

package kerberos

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/go-krb5/krb5/config"
	"github.com/go-krb5/krb5/iana/errorcode"
	"github.com/go-krb5/krb5/messages"

	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/auth/gssapi"
)

const (
	kdcPort      = "88"
	kdcTimeout   = 10 * time.Second       // of one KDC
	stagger      = 500 * time.Millisecond // until the next KDC is asked, too
	alone        = time.Hour              // instead of stagger: one KDC at a time
	maxKDCs      = 20                     // that are asked. DNS lists all domain controllers, and a firewall may hide most
	maxKDCAnswer = 1 << 20                // bytes
	maxProofs    = 2                      // of a credential that KDCs get, while none says whether it is right
	maxReasons   = 3                      // that an error quotes
)

var (
	errNoKDC  = errors.New("no KDC of the realm is known")
	errProofs = fmt.Errorf("%d KDCs received the credential and did not reply. It is not sent again, because each wrong one counts toward the account lockout", maxProofs)
	errSilent = fmt.Errorf("no reply within %s", kdcTimeout)
)

// network reaches KDCs: a net.Dialer and a net.Resolver, or those of a test.
type network struct {
	dial   func(ctx context.Context, network, address string) (net.Conn, error)
	lookup func(ctx context.Context, service, proto, name string) (string, []*net.SRV, error)

	mu       sync.Mutex
	answered map[string]string // the KDC of each realm that answered last: it is asked first
}

// unreachableError means that no KDC of a realm answered.
type unreachableError struct {
	realm string
	err   error
}

func (e *unreachableError) Error() string {
	return fmt.Sprintf("no KDC of realm %s responded: %v", e.realm, e.err)
}

func (e *unreachableError) Unwrap() error { return e.err }

type unmarshaler interface{ Unmarshal(b []byte) error }

// exchange encodes a request, and decodes the answer of the realm's KDC. proofs is as of [network.ask].
func (n *network) exchange(ctx context.Context, c *config.Config, proofs *proofCount, r request, answer unmarshaler) error {
	message, err := r.Marshal()
	if err != nil {
		return fmt.Errorf("encode the request to the KDC: %w", err)
	}
	text, err := n.ask(ctx, c, r.realm, proofs, message)
	if err != nil {
		return err
	}
	if err := answer.Unmarshal(text); err != nil {
		return fmt.Errorf("read the KDC's reply: %w", err)
	}
	return nil
}

// reply is what became of a request to one KDC.
type reply struct {
	address string
	answer  []byte
	sent    bool // the KDC may have the request
	err     error
}

// ask sends a request to the KDCs of a realm, over TCP, which every KDC speaks. The next one is asked once one fails, or after
// a pause beside those that are still silent; the first answer counts. A KRB-ERROR is an answer, and becomes a
// [messages.KRBError]. Source: RFC 4120 section 7.2.2.
//
// A request that proves a credential goes to one KDC at a time, and to no more than maxProofs without an answer: proofs counts them.
// It is nil for any other request.
func (n *network) ask(ctx context.Context, c *config.Config, realm string, proofs *proofCount, request []byte) ([]byte, error) {
	addresses, err := n.kdcs(ctx, c, realm)
	if err != nil {
		return nil, &unreachableError{realm, err}
	}
	addresses = n.bestFirst(realm, addresses)
	replies := make(chan reply, len(addresses))
	var asking sync.WaitGroup
	defer asking.Wait()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	asked := 0
	next := func() {
		if proofs.exhausted() || asked == len(addresses) || asked > 0 && ctx.Err() != nil {
			return
		}
		address := addresses[asked]
		asked++
		asking.Go(func() { replies <- n.askOne(ctx, address, request) })
	}
	next()
	tick := time.NewTicker(proofs.pause())
	defer tick.Stop()
	var failures []error
	for len(failures) < asked {
		select {
		case <-tick.C:
			next()
		case r := <-replies:
			proofs.count(r)
			var refusal messages.KRBError
			if r.err == nil || errors.As(r.err, &refusal) && refusal.ErrorCode != errorcode.KDC_ERR_SVC_UNAVAILABLE {
				n.remember(realm, r.address)
				return r.answer, r.err
			}
			failures = append(failures, fmt.Errorf("%s: %w", r.address, r.err))
			next()
		}
	}
	if proofs.exhausted() {
		failures = append([]error{errProofs}, failures...)
	}
	return nil, &unreachableError{realm, reasons(failures)}
}

// proofCount counts the proofs of a credential that KDCs got without an answer. The methods of nil are those of a request that
// proves no credential.
type proofCount int

func (p *proofCount) exhausted() bool { return p != nil && *p >= maxProofs }

// pause is how long a KDC may be silent until the next one is asked, too.
func (p *proofCount) pause() time.Duration {
	if p == nil {
		return stagger
	}
	return alone
}

// count takes what became of a proof.
func (p *proofCount) count(r reply) {
	var refusal messages.KRBError
	switch {
	case p == nil:
	case r.err == nil, errors.As(r.err, &refusal) && refusal.ErrorCode != errorcode.KDC_ERR_SVC_UNAVAILABLE:
		*p = 0
	case r.sent && refusal.ErrorCode == 0:
		*p++
	}
}

// reasons joins errors, of many only the first ones.
func reasons(failures []error) error {
	if more := len(failures) - maxReasons; more > 0 {
		failures = append(failures[:maxReasons:maxReasons], fmt.Errorf("and %d more", more))
	}
	return errors.Join(failures...)
}

// bestFirst returns at most maxKDCs addresses, first the one that answered last.
func (n *network) bestFirst(realm string, addresses []string) []string {
	n.mu.Lock()
	last := n.answered[realm]
	n.mu.Unlock()
	if i := slices.Index(addresses, last); i > 0 {
		addresses = slices.Concat([]string{last}, addresses[:i], addresses[i+1:])
	}
	return addresses[:min(len(addresses), maxKDCs)]
}

func (n *network) remember(realm, address string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.answered == nil {
		n.answered = map[string]string{}
	}
	n.answered[realm] = address
}

// kdcs returns the addresses of a realm's KDCs: from the configuration, else from DNS.
func (n *network) kdcs(ctx context.Context, c *config.Config, realm string) ([]string, error) {
	var addresses []string
	for _, r := range c.Realms {
		if strings.EqualFold(r.Realm, realm) {
			addresses = append(addresses, r.KDC...)
		}
	}
	if len(addresses) > 0 {
		return addresses, nil
	}
	ctx, cancel := context.WithTimeoutCause(ctx, kdcTimeout, errSilent)
	defer cancel()
	_, records, err := n.lookup(ctx, "kerberos", "tcp", realm)
	if err != nil {
		return nil, fmt.Errorf("%w, and DNS has none: %w", errNoKDC, err)
	}
	for _, r := range records {
		addresses = append(addresses, net.JoinHostPort(strings.TrimSuffix(r.Target, "."), strconv.Itoa(int(r.Port))))
	}
	if len(addresses) == 0 {
		return nil, errNoKDC
	}
	return addresses, nil
}

// askOne sends a request to one KDC and reads its answer.
func (n *network) askOne(ctx context.Context, address string, request []byte) reply {
	ctx, cancel := context.WithTimeoutCause(ctx, kdcTimeout, errSilent)
	defer cancel()
	conn, err := n.dial(ctx, "tcp", address)
	var answer []byte
	connected := err == nil
	if connected {
		stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
		answer, err = roundTrip(conn, request)
		stop()
		_ = conn.Close()
	}
	if err != nil && ctx.Err() != nil {
		err = context.Cause(ctx)
	} else if err == nil {
		if refusal, parsed := gssapi.ParseError(answer); parsed == nil {
			err = refusal
		}
	}
	return reply{address, answer, connected, err}
}

func roundTrip(conn net.Conn, request []byte) ([]byte, error) {
	message := binary.BigEndian.AppendUint32(nil, uint32(len(request))) //nolint:gosec // made here
	if _, err := conn.Write(append(message, request...)); err != nil {
		return nil, fmt.Errorf("send: %w", err)
	}
	var length [4]byte
	if _, err := io.ReadFull(conn, length[:]); err != nil {
		return nil, fmt.Errorf("receive: %w", err)
	}
	size := binary.BigEndian.Uint32(length[:])
	if size > maxKDCAnswer {
		return nil, fmt.Errorf("receive: a reply of %d bytes", size)
	}
	answer := make([]byte, size)
	if _, err := io.ReadFull(conn, answer); err != nil {
		return nil, fmt.Errorf("receive: %w", err)
	}
	return answer, nil
}
