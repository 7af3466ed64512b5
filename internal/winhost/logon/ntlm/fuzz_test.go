package ntlm

import (
	"testing"

	"github.com/winrmbits/terraform-provider-bits/internal/winhost/logon"
)

// FuzzLogon has a client say anything: nothing breaks, and nobody gets in without the password.
func FuzzLogon(f *testing.F) {
	f.Fuzz(func(t *testing.T, first, last []byte) {
		host := Mechanism(newRig().host).New(logon.Channel{})
		for _, token := range [][]byte{first, last} {
			if _, err := host.Step(token); err == nil && host.Account() != "" {
				t.Errorf("let in as %s without the password", host.Account())
			}
		}
		message, err := parseAuthenticate(last)
		if err != nil {
			return
		}
		if answer, err := parseResponse(message.response); err == nil && len(answer.proof) != proofSize {
			t.Errorf("the proof has %d bytes", len(answer.proof))
		}
	})
}
