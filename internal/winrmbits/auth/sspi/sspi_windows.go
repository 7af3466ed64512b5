// SPDX-License-Identifier: MPL-2.0

package sspi

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"runtime"
	"syscall"

	"github.com/alexbrainman/sspi"
)

const (
	demanded = sspi.ISC_REQ_MUTUAL_AUTH | sspi.ISC_REQ_REPLAY_DETECT | sspi.ISC_REQ_SEQUENCE_DETECT |
		sspi.ISC_REQ_CONFIDENTIALITY | sspi.ISC_REQ_INTEGRITY
	bindingsHeader = 32 // bytes of SEC_CHANNEL_BINDINGS
)

// session is the Session of Windows.
type session struct {
	target   *uint16
	bindings []byte // SEC_CHANNEL_BINDINGS; nil: none
	context  *sspi.Context
	size     uint32 // of a token
}

// Begin begins a context with a service, and returns the token for it, which is Kerberos' own. endpoint is the application data of the
// channel bindings; nil: none. Windows may ask a domain controller, which no context of Go ends: Begin then returns before it does.
func Begin(ctx context.Context, spn string, endpoint []byte) (Session, []byte, error) {
	type result struct {
		session Session
		token   []byte
		err     error
	}
	done := make(chan result, 1)
	go func() {
		s, token, err := begin(spn, endpoint)
		done <- result{s, token, err}
	}()
	select {
	case r := <-done:
		return r.session, r.token, r.err
	case <-ctx.Done():
		return nil, nil, context.Cause(ctx)
	}
}

func begin(spn string, endpoint []byte) (*session, []byte, error) {
	target, err := syscall.UTF16PtrFromString(spn)
	if err != nil {
		return nil, nil, fmt.Errorf("the name of the service: %w", err)
	}
	about, err := sspi.QueryPackageInfo(sspi.MICROSOFT_KERBEROS_NAME)
	if err != nil {
		return nil, nil, failed(err)
	}
	credentials, err := sspi.AcquireCredentials("", sspi.MICROSOFT_KERBEROS_NAME, sspi.SECPKG_CRED_OUTBOUND, nil)
	if err != nil {
		return nil, nil, failed(err)
	}
	s := &session{target: target, bindings: channelBindings(endpoint), context: sspi.NewClientContext(credentials, demanded), size: about.MaxToken}
	runtime.AddCleanup(s, release, s.context)
	token, done, err := s.step(nil)
	switch {
	case err != nil:
		return nil, nil, err
	case done || len(token) == 0:
		return nil, nil, errors.New("the token does not require the host to prove its identity")
	}
	return s, token, nil
}

// release frees what Windows holds for a context that nothing uses any more.
func release(c *sspi.Context) {
	if c.Handle != nil {
		_ = c.Release()
	}
	_ = c.Cred.Release()
}

// channelBindings returns a SEC_CHANNEL_BINDINGS without addresses. Source: sspi.h.
func channelBindings(endpoint []byte) []byte {
	if endpoint == nil {
		return nil
	}
	b := make([]byte, bindingsHeader, bindingsHeader+len(endpoint))
	binary.LittleEndian.PutUint32(b[24:], uint32(len(endpoint))) //nolint:gosec // some tens
	binary.LittleEndian.PutUint32(b[28:], bindingsHeader)
	return append(b, endpoint...)
}

// step takes the host's token, nil at first, and returns the next one.
func (s *session) step(answer []byte) (token []byte, done bool, err error) {
	defer runtime.KeepAlive(s)
	var in [2]sspi.SecBuffer
	count := 0
	if answer != nil {
		in[count].Set(sspi.SECBUFFER_TOKEN, answer)
		count++
	}
	if s.bindings != nil {
		in[count].Set(sspi.SECBUFFER_CHANNEL_BINDINGS, s.bindings)
		count++
	}
	var given *sspi.SecBufferDesc
	if count > 0 {
		given = sspi.NewSecBufferDesc(in[:count])
	}
	var out [1]sspi.SecBuffer
	out[0].Set(sspi.SECBUFFER_TOKEN, make([]byte, s.size))
	switch result := s.context.Update(s.target, sspi.NewSecBufferDesc(out[:]), given); result {
	case sspi.SEC_E_OK:
		done = true
	case sspi.SEC_I_CONTINUE_NEEDED:
	default:
		return nil, false, failed(result)
	}
	return bytes.Clone(out[0].Bytes()), done, nil
}

// Finish is for Session.
func (s *session) Finish(answer []byte) error {
	_, done, err := s.step(answer)
	switch {
	case err != nil:
		return err
	case !done:
		return errors.New("the logon needs another token")
	}
	return s.context.VerifyFlags()
}

// Seal is for Session.
func (s *session) Seal(message []byte) (header, sealed []byte, err error) {
	defer runtime.KeepAlive(s)
	_, _, _, trailer, err := s.context.Sizes()
	if err != nil {
		return nil, nil, failed(err)
	}
	var b [2]sspi.SecBuffer
	b[0].Set(sspi.SECBUFFER_TOKEN, make([]byte, trailer))
	b[1].Set(sspi.SECBUFFER_DATA, bytes.Clone(message))
	if result := sspi.EncryptMessage(s.context.Handle, 0, sspi.NewSecBufferDesc(b[:]), 0); result != sspi.SEC_E_OK {
		return nil, nil, failed(result)
	}
	return bytes.Clone(b[0].Bytes()), bytes.Clone(b[1].Bytes()), nil
}

// Open is for Session.
func (s *session) Open(header, sealed []byte) ([]byte, error) {
	defer runtime.KeepAlive(s)
	var b [2]sspi.SecBuffer
	b[0].Set(sspi.SECBUFFER_TOKEN, bytes.Clone(header))
	b[1].Set(sspi.SECBUFFER_DATA, bytes.Clone(sealed))
	var protection uint32
	if result := sspi.DecryptMessage(s.context.Handle, sspi.NewSecBufferDesc(b[:]), 0, &protection); result != sspi.SEC_E_OK {
		return nil, failed(result)
	}
	if protection != 0 { // SECQOP_WRAP_NO_ENCRYPT
		return nil, errors.New("it is signed but not encrypted")
	}
	return bytes.Clone(b[1].Bytes()), nil
}

// VerifySignature is for Session.
func (s *session) VerifySignature(message, mic []byte) error {
	defer runtime.KeepAlive(s)
	var b [2]sspi.SecBuffer
	b[0].Set(sspi.SECBUFFER_DATA, message)
	b[1].Set(sspi.SECBUFFER_TOKEN, mic)
	var protection uint32
	if result := sspi.VerifySignature(s.context.Handle, sspi.NewSecBufferDesc(b[:]), 0, &protection); result != sspi.SEC_E_OK {
		return failed(result)
	}
	return nil
}

// failed turns an error of Windows into one of this package.
func failed(err error) error {
	var number syscall.Errno
	if errors.As(err, &number) {
		return &Error{uint32(number)}
	}
	return err
}
