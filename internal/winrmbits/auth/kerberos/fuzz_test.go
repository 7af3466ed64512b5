// SPDX-License-Identifier: MPL-2.0

package kerberos

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/go-krb5/krb5/iana/errorcode"
	"github.com/go-krb5/krb5/iana/etypeID"
	"github.com/go-krb5/krb5/iana/patype"
	"github.com/go-krb5/krb5/messages"
	"github.com/go-krb5/krb5/types"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/connection"
)

// answering is a network whose KDC sends these answers, one per connection.
func answering(answers ...[]byte) *network {
	return &network{dial: func(context.Context, string, string) (net.Conn, error) {
		if len(answers) == 0 {
			return nil, io.EOF
		}
		answer := answers[0]
		answers = answers[1:]
		here, there := net.Pipe()
		go func() {
			defer func() { _ = there.Close() }()
			var length [4]byte
			if _, err := io.ReadFull(there, length[:]); err != nil {
				return
			}
			if _, err := io.CopyN(io.Discard, there, int64(binary.BigEndian.Uint32(length[:]))); err != nil {
				return
			}
			_, _ = there.Write(append(binary.BigEndian.AppendUint32(nil, uint32(len(answer))), answer...))
		}()
		return here, nil
	}}
}

// wanted is a KDC's demand of a proof.
func wanted(t testing.TB, info types.ETypeInfo2) []byte {
	t.Helper()
	refusal := messages.NewKRBError(granting("CORP.EXAMPLE", "").name, "CORP.EXAMPLE", errorcode.KDC_ERR_PREAUTH_REQUIRED, "")
	refusal.EData = marshal(types.PADataSequence{{PADataType: patype.PA_ETYPE_INFO2, PADataValue: marshal(info)}})
	text, err := refusal.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// from asks a KDC that sends these answers for a ticket.
func from(t testing.TB, answers ...[]byte) *connection.Error {
	t.Helper()
	tickets := NewTickets()
	tickets.network = answering(answers...)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	_, err := tickets.For(ctx, connection.Settings{
		Host: web01, Username: "ops", Password: bits.NewSecret(password), Kerberos: connection.Kerberos{Realm: "CORP.EXAMPLE", KDC: "kdc.corp.example"},
	})
	var failed *connection.Error
	if !errors.As(err, &failed) {
		t.Fatalf("a ticket, or no error of a connection: %v", err)
	}
	if failed.Remedy == "" {
		t.Errorf("without a remedy: %v", err)
	}
	return failed
}

// TestAKDCThatWantsMuchIsRefused has a KDC, or an impostor, ask for what it must not get.
func TestAKDCThatWantsMuchIsRefused(t *testing.T) {
	tests := map[string]types.ETypeInfo2{
		"RC4, which can be guessed":    {{EType: etypeID.RC4_HMAC}},
		"four billion iterations":      {{EType: etypeID.AES256_CTS_HMAC_SHA1_96, Salt: "x", S2KParams: []byte{0xFF, 0xFF, 0xFF, 0xFF}}},
		"one iteration":                {{EType: etypeID.AES256_CTS_HMAC_SHA1_96, Salt: "x", S2KParams: []byte{0, 0, 0, 1}}},
		"4,095 iterations":             {{EType: etypeID.AES256_CTS_HMAC_SHA1_96, Salt: "x", S2KParams: []byte{0, 0, 15, 255}}},
		"no iterations":                {{EType: etypeID.AES256_CTS_HMAC_SHA1_96, Salt: "x", S2KParams: []byte{0, 0, 0, 0}}},
		"parameters of another length": {{EType: etypeID.AES256_CTS_HMAC_SHA1_96, Salt: "x", S2KParams: []byte{1}}},
		"nothing that can be done":     {},
	}
	for name, info := range tests {
		t.Run(name, func(t *testing.T) {
			if failed := from(t, wanted(t, info)); strings.Contains(failed.Problem, "EOF") {
				t.Errorf("a proof was sent: %v", failed)
			}
		})
	}
	for _, fair := range [][]byte{nil, {0, 0, 16, 0}, {0, 0, 128, 0}} {
		info := types.ETypeInfo2{{EType: etypeID.AES256_CTS_HMAC_SHA1_96, Salt: "x", S2KParams: fair}}
		if failed := from(t, wanted(t, info)); !strings.Contains(failed.Problem, "EOF") { // the network ends at the second connection
			t.Errorf("no proof was sent to a KDC that is fair: %v", failed)
		}
	}
}

// FuzzTheKDC has a KDC answer with anything, before any proof.
func FuzzTheKDC(f *testing.F) {
	f.Add(wanted(f, types.ETypeInfo2{{EType: etypeID.AES256_CTS_HMAC_SHA1_96, Salt: "CORP.EXAMPLEops"}}), []byte("\x6b\x03\x30\x01\x00"))
	f.Add(wanted(f, types.ETypeInfo2{}), []byte{})
	f.Fuzz(func(t *testing.T, first, second []byte) { _ = from(t, first, second) })
}
