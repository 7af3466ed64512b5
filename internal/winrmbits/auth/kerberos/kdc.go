package kerberos

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/go-krb5/krb5/config"
	"github.com/go-krb5/krb5/iana/errorcode"
	"github.com/go-krb5/krb5/messages"
)

const (
	kdcPort      = "88"
	kdcTimeout   = 10 * time.Second // of one KDC; the next is asked then
	maxKDCs      = 8                // that are asked
	maxKDCAnswer = 1 << 20          // bytes
)

var (
	errNoKDC  = errors.New("no KDC of the realm is known")
	errSilent = fmt.Errorf("no answer within %s", kdcTimeout)
)

// network reaches KDCs: a net.Dialer and a net.Resolver, or those of a test.
type network struct {
	dial   func(ctx context.Context, network, address string) (net.Conn, error)
	lookup func(ctx context.Context, service, proto, name string) (string, []*net.SRV, error)
}

// unreachableError means that no KDC of a realm answered.
type unreachableError struct {
	realm string
	err   error
}

func (e *unreachableError) Error() string {
	return fmt.Sprintf("no KDC of realm %s answered: %v", e.realm, e.err)
}

func (e *unreachableError) Unwrap() error { return e.err }

type (
	marshaler   interface{ Marshal() ([]byte, error) }
	unmarshaler interface{ Unmarshal(b []byte) error }
)

// exchange encodes a request, and decodes the answer of the realm's KDC.
func (n network) exchange(ctx context.Context, c *config.Config, realm string, request marshaler, answer unmarshaler) error {
	message, err := request.Marshal()
	if err != nil {
		return fmt.Errorf("encode the request to the KDC: %w", err)
	}
	text, err := n.ask(ctx, c, realm, message)
	if err != nil {
		return err
	}
	if err := answer.Unmarshal(text); err != nil {
		return fmt.Errorf("read the KDC's answer: %w", err)
	}
	return nil
}

// ask sends a request to the KDCs of a realm, one after the other, until one answers: over TCP, which every KDC speaks.
// A KRB-ERROR is an answer, and becomes a [messages.KRBError]. Source: RFC 4120 section 7.2.2.
func (n network) ask(ctx context.Context, c *config.Config, realm string, request []byte) ([]byte, error) {
	addresses, err := n.kdcs(ctx, c, realm)
	if err != nil {
		return nil, &unreachableError{realm, err}
	}
	var failures []error
	for _, address := range addresses[:min(len(addresses), maxKDCs)] {
		answer, err := n.askOne(ctx, address, request)
		if err == nil {
			var refusal messages.KRBError
			refused := refusal.Unmarshal(answer) == nil
			switch {
			case !refused:
				return answer, nil
			case refusal.ErrorCode != errorcode.KDC_ERR_SVC_UNAVAILABLE:
				return nil, refusal
			}
			err = refusal
		}
		failures = append(failures, fmt.Errorf("%s: %w", address, err))
		if ctx.Err() != nil {
			break
		}
	}
	return nil, &unreachableError{realm, errors.Join(failures...)}
}

// kdcs returns the addresses of a realm's KDCs: from the configuration, else from DNS.
func (n network) kdcs(ctx context.Context, c *config.Config, realm string) ([]string, error) {
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
func (n network) askOne(ctx context.Context, address string, request []byte) ([]byte, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, kdcTimeout, errSilent)
	defer cancel()
	conn, err := n.dial(ctx, "tcp", address)
	var answer []byte
	if err == nil {
		stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
		answer, err = roundTrip(conn, request)
		stop()
		_ = conn.Close()
	}
	if err != nil && ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	return answer, err
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
		return nil, fmt.Errorf("receive: an answer of %d bytes", size)
	}
	answer := make([]byte, size)
	if _, err := io.ReadFull(conn, answer); err != nil {
		return nil, fmt.Errorf("receive: %w", err)
	}
	return answer, nil
}
