// SPDX-License-Identifier: MPL-2.0

package sspi

import (
	"bytes"
	"encoding/binary"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/winhost/logon"
)

// loggedOn logs on to a service whose key is in a file: BITS_TEST_SSPI is its name and BITS_TEST_SSPI_KEYTAB the path of a keytab. The
// account that runs the test is one of its domain.
func loggedOn(t *testing.T) (client Session, host logon.Context) {
	t.Helper()
	spn := os.Getenv("BITS_TEST_SSPI")
	if spn == "" {
		t.Skip("BITS_TEST_SSPI names no service of this account's domain")
	}
	keys, err := logon.LoadKeytab(os.Getenv("BITS_TEST_SSPI_KEYTAB"))
	if err != nil {
		t.Fatal(err)
	}
	host = logon.NewKerberos(logon.KerberosOptions{
		Keytab: keys, Now: time.Now, Account: func(name, realm string) string { return name + "@" + realm },
	}).New(logon.Channel{})
	client, token, err := Begin(t.Context(), spn, nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := host.Step(token)
	if err != nil {
		t.Fatal(err)
	}
	if err := client.Finish(answer); err != nil {
		t.Fatal(err)
	}
	t.Logf("logged on as %s", host.Account())
	return client, host
}

func TestALogonWithTheTicketOfThisAccount(t *testing.T) {
	client, host := loggedOn(t)
	list := []byte("a list of mechanisms")
	mic, err := host.MIC(list)
	if err != nil {
		t.Fatal(err)
	}
	if err := client.VerifySignature(list, mic); err != nil {
		t.Errorf("the host's signature: %v", err)
	}
	if err := client.VerifySignature([]byte("another list"), mic); err == nil {
		t.Error("a signature of something else is taken")
	}
}

// TestMessagesAreSealedBothWays needs Windows: Wine, which passes the other tests, seals in a form of its own.
func TestMessagesAreSealedBothWays(t *testing.T) {
	client, host := loggedOn(t)
	for _, message := range [][]byte{[]byte("<s:Envelope/>"), bytes.Repeat([]byte("x"), 100_000), []byte("three")} {
		exchange(t, client, host, message)
	}
}

// exchange has a message sealed and opened both ways.
func exchange(t *testing.T, client Session, host logon.Context, message []byte) {
	t.Helper()
	header, sealed, err := client.Seal(message)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(sealed, message) {
		t.Error("the message can be read")
	}
	if opened, err := host.Open(header, sealed); err != nil || !bytes.Equal(opened, message) {
		t.Errorf("the host opens %d bytes of %d: %v", len(opened), len(message), err)
	}
	if header, sealed, err = host.Seal(message); err != nil {
		t.Fatal(err)
	}
	if opened, err := client.Open(header, sealed); err != nil || !bytes.Equal(opened, message) {
		t.Errorf("the client opens %d bytes of %d: %v", len(opened), len(message), err)
	}
	sealed[len(sealed)-1] ^= 1
	if _, err := client.Open(header, sealed); err == nil {
		t.Error("a changed message is taken")
	}
}

// TestAServiceThatNobodyKnowsIsExplained asks for a ticket that there is not, whatever the account is.
func TestAServiceThatNobodyKnowsIsExplained(t *testing.T) {
	_, _, err := Begin(t.Context(), "HTTP/nobody.invalid", nil)
	var failed *Error
	if !errors.As(err, &failed) || !strings.Contains(err.Error(), "0x8009") {
		t.Errorf("%v", err)
	}
}

// TestTheBindingsAreLaidOutAsWindowsReadsThem has the fields of SEC_CHANNEL_BINDINGS: three pairs for addresses, then length and offset.
func TestTheBindingsAreLaidOutAsWindowsReadsThem(t *testing.T) {
	b := channelBindings([]byte("tls-server-end-point:hash"))
	length, offset := binary.LittleEndian.Uint32(b[24:]), binary.LittleEndian.Uint32(b[28:])
	if string(b[offset:offset+length]) != "tls-server-end-point:hash" || !bytes.Equal(b[:24], make([]byte, 24)) || channelBindings(nil) != nil {
		t.Errorf("%x", b)
	}
}
