// SPDX-License-Identifier: MPL-2.0

package logon

import (
	"testing"
)

// FuzzNTLM sends any messages: nothing breaks, and none logs on without the password.
func FuzzNTLM(f *testing.F) {
	f.Fuzz(func(t *testing.T, first, last []byte) {
		host := NewNTLM(newNTLMRig().options).New(Channel{})
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
