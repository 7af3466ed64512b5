// SPDX-License-Identifier: MPL-2.0

package wsmansvc

import "testing"

// FuzzParseRequest reads whatever is posted: what bounds the answer is always within the service's limits.
func FuzzParseRequest(f *testing.F) {
	f.Fuzz(func(t *testing.T, text []byte) {
		r, fault := parseRequest(text)
		if r == nil || r.timeout < 0 || r.timeout > maxTimeout || r.envelope < minEnvelope || r.envelope > maxEnvelope {
			t.Fatalf("%+v, %v", r, fault)
		}
		_ = r.verb()
		if r.Body.CommandLine != nil && len(r.Body.CommandLine.commandLine()) > len(text) {
			t.Error("the command line is longer than the message")
		}
		if r.Body.Send != nil {
			if _, data, _, err := r.Body.Send.input(); len(data) > len(text) || err != nil && data != nil {
				t.Errorf("%d bytes of %d, %v", len(data), len(text), err)
			}
		}
		if fault != nil && fault.body("web01") == "" {
			t.Error("a fault without words")
		}
	})
}
