// SPDX-License-Identifier: MPL-2.0

package standin

import (
	"bufio"
	"bytes"
	"reflect"
	"slices"
	"testing"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/agent"
)

// FuzzSecrets reads whatever came before a request, and then its lines. They are read as they were written, or not at all.
func FuzzSecrets(f *testing.F) {
	f.Add([]byte("a prompt> "), "p", "X: y", "q")
	f.Add([]byte(testToken+" secret 0 UzNj"), "p", "X: y", "q")
	f.Add([]byte(testToken+" secret 3 UzNj\n"+testToken+" {"), "", "\r\n", "\x00\xff")
	f.Add([]byte(testToken+" secret 9223372036854775808 UzNj\n"+
		testToken+` {"b":1,"secrets":0,"ops":[{"set":{"credential":{"password":-1}}}]}`), "p", "", "")
	f.Fuzz(func(t *testing.T, before []byte, password, header, proxy string) {
		want := bits.Properties{
			CustomHeaders:   []bits.Secret{bits.NewSecret(header)},
			Credential:      &bits.Credential{Password: bits.NewSecret(password)},
			ProxyCredential: &bits.Credential{Password: bits.NewSecret(proxy)},
		}
		lines, err := agent.Request{B: 1, Ops: []agent.Op{{Name: agent.OpChange, Set: &agent.Set{Properties: want}}}}.Lines(testToken)
		if err != nil {
			t.Fatal(err)
		}
		p := &process{token: testToken, secrets: secrets{}}
		stdin := bufio.NewReader(bytes.NewReader(slices.Concat(before, []byte("\n"), lines)))
		var last *agent.Request
		for l := readLine(stdin); l.err == nil; l = readLine(stdin) {
			request, bad := p.take(l)
			if request != nil || bad {
				clear(p.secrets)
			}
			last = request
		}
		switch {
		case last == nil && !bytes.Contains(before, []byte(testToken)):
			t.Error("the request was not read")
		case last != nil && !reflect.DeepEqual(last.Ops[0].Set.Properties, want):
			t.Error("the secrets changed on their way")
		}
	})
}
