// SPDX-License-Identifier: MPL-2.0

package wsman

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var rewrite = flag.Bool("update", false, "rewrite the golden files in testdata")

const address01 = "https://web01.corp.example:5986/wsman"

// TestRequests compares the request of each verb with a file that was held against MS-WSMV 2.2.4 and 3.1.4.1. A host must not be
// made to understand a language: it would answer with UnsupportedFeature. A Receive must name its command, without which it
// answers with fault 87; a Send never ends the stream.
func TestRequests(t *testing.T) {
	const line = `powershell.exe -Command "& {1 -lt 2}" ']]>' <![CDATA[ é 😀`
	const run = "0d4f2f0e-7e0a-4b8e-9f0d-5d1c8a2b3c4d"
	e := envelopes{url: address01}
	ids := map[string]bool{}
	for _, request := range []envelope{
		e.create(run), e.command(shellID, line), e.send(shellID, commandID, []byte{0, 0xFF, '<'}), e.receive(shellID, commandID),
		e.remove(shellID), e.enumerate(),
	} {
		t.Run(request.verb, func(t *testing.T) {
			if !strings.HasPrefix(request.id, "uuid:") || ids[request.id] || strings.Count(request.text, ">"+request.id+"<") != 1 {
				t.Errorf("the message's id %q is not a new one, or not in it", request.id)
			}
			ids[request.id] = true
			golden := filepath.Join("testdata", "requests", request.verb+".xml")
			got := strings.Replace(request.text, request.id, "uuid:ID", 1)
			if *rewrite {
				if err := os.WriteFile(golden, []byte(got), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
	if size := len(e.send(shellID, commandID, make([]byte, sendSize)).text); size > envelopeSize {
		t.Errorf("the largest Send has %d bytes, more than every host takes", size)
	}
}
