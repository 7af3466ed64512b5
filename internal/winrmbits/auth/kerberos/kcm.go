// SPDX-License-Identifier: MPL-2.0

package kerberos

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"time"
)

// kcmSocket is where the cache manager of sssd and of Heimdal listens. Source: include/kcm.h of MIT krb5.
const kcmSocket = "/var/run/.heim_org.h5l.kcm-socket"

const (
	kcmTimeout  = 10 * time.Second
	maxKCMReply = 10 << 20 // bytes of one answer, as MIT's client has it
	maxKCMCreds = 1000
	uuidLength  = 16
)

// The operations of the protocol that are used. Source: include/kcm.h of MIT krb5.
const (
	kcmGetPrincipal    = 8
	kcmGetCredUUIDs    = 9
	kcmGetCredByUUID   = 10
	kcmGetDefaultCache = 20
)

// askKCM reads a credential cache from a cache manager, "" for the default one, in the form of a file: that is how the manager
// encodes names and credentials. Source: lib/krb5/ccache/cc_kcm.c of MIT krb5.
func (n *network) askKCM(ctx context.Context, socket, name string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, kcmTimeout)
	defer cancel()
	conn, err := n.dial(ctx, "unix", socket)
	if err != nil {
		return nil, fmt.Errorf("query the credential cache manager: %w", err)
	}
	defer func() { _ = conn.Close() }()
	defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
	file, err := readKCM(conn, name)
	if err != nil {
		return nil, fmt.Errorf("query the credential cache manager at %s: %w", socket, err)
	}
	return file, nil
}

func readKCM(conn net.Conn, name string) ([]byte, error) {
	if name == "" {
		answer, err := callKCM(conn, kcmGetDefaultCache, nil)
		if err != nil {
			return nil, err
		}
		text, _, ended := bytes.Cut(answer, []byte{0})
		if !ended {
			return nil, errKCM
		}
		name = string(text)
	}
	cache := append([]byte(name), 0)
	client, err := callKCM(conn, kcmGetPrincipal, cache)
	if err != nil {
		return nil, err
	}
	uuids, err := callKCM(conn, kcmGetCredUUIDs, cache)
	if err != nil {
		return nil, err
	}
	if len(uuids)%uuidLength != 0 || len(uuids)/uuidLength > maxKCMCreds {
		return nil, errKCM
	}
	file := append([]byte{5, 4, 0, 0}, client...) // version 4, without a header
	for ; len(uuids) > 0; uuids = uuids[uuidLength:] {
		credential, err := callKCM(conn, kcmGetCredByUUID, append(cache[:len(cache):len(cache)], uuids[:uuidLength]...))
		if err != nil {
			return nil, err
		}
		if file = append(file, credential...); len(file) > maxCache {
			return nil, errKCM
		}
	}
	return file, nil
}

// errKCM is an answer that is not one of the protocol.
var errKCM = errors.New("its response can't be read")

// callKCM calls an operation. A request begins with the version of the protocol, 2.0, and an answer holds two codes: of the
// transport, and of the operation.
func callKCM(conn net.Conn, operation uint16, arguments []byte) ([]byte, error) {
	request := binary.BigEndian.AppendUint32(nil, uint32(4+len(arguments))) //nolint:gosec // made here
	request = append(binary.BigEndian.AppendUint16(append(request, 2, 0), operation), arguments...)
	if _, err := conn.Write(request); err != nil {
		return nil, fmt.Errorf("send: %w", err)
	}
	var head [8]byte
	if _, err := io.ReadFull(conn, head[:]); err != nil {
		return nil, fmt.Errorf("receive: %w", err)
	}
	length, code := binary.BigEndian.Uint32(head[:]), binary.BigEndian.Uint32(head[4:])
	if code != 0 {
		return nil, refusedKCM(code)
	}
	if length < 4 || length > maxKCMReply {
		return nil, errKCM
	}
	answer := make([]byte, length)
	if _, err := io.ReadFull(conn, answer); err != nil {
		return nil, fmt.Errorf("receive: %w", err)
	}
	if code := binary.BigEndian.Uint32(answer); code != 0 {
		return nil, refusedKCM(code)
	}
	return answer[4:], nil
}

// refusedKCM is the error of a code. Source: lib/krb5/error_tables/krb5_err.et of MIT krb5.
func refusedKCM(code uint32) error {
	const noCache, notFound = -1765328189, -1765328243 // KRB5_FCC_NOFILE, KRB5_CC_NOTFOUND
	switch n := int32(code); n {                       //nolint:gosec // it is signed
	case noCache, notFound:
		return errors.New("it has no such cache: run kinit as the user that runs Terraform")
	default:
		return fmt.Errorf("it returned error %d", n)
	}
}
