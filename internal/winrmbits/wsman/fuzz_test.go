// SPDX-License-Identifier: MPL-2.0

package wsman

import (
	"errors"
	"testing"
)

// FuzzParse reads any answer: the result is a reply, a fault or an error.
func FuzzParse(f *testing.F) {
	for _, body := range []string{
		"", createdBody(), selectorBody(), healthy(serviceRequest("Command")).body, nothingYet().body,
		receivedBody(stream("stdout", commandID, []byte("bye\n"))+stream("stderr", commandID, []byte("x")), true, "4294967295"),
		wording{"Receiver", "w:InternalError", "A quota. ", wmiError("2150859174", "Too many operations. ")}.String(),
		wording{"Sender", "w:InvalidParameter", "Incorrect. ", wsmanFault("87", `<f:ProviderFault provider="Shell cmd plugin">Incorrect. </f:ProviderFault>`)}.String(),
	} {
		f.Add([]byte(windows.envelope("uuid:1", body)))
		f.Add([]byte(foreign.envelope("uuid:1", body)))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		answer, err := parse(envelope{verb: "Receive", id: "uuid:1"}, text)
		if (answer == nil) == (err == nil) {
			t.Fatalf("%+v, %v", answer, err)
		}
		var fault *Fault
		if errors.As(err, &fault) && fault.Error() == "" {
			t.Error("a fault without words")
		}
		if err != nil || answer.Received == nil {
			return
		}
		out, err := (&Shell{command: commandID}).output(answer.Received)
		if len(out.Stdout)+len(out.Stderr) > len(text) || err != nil && out.Done {
			t.Errorf("%d and %d bytes of %d, %v", len(out.Stdout), len(out.Stderr), len(text), err)
		}
	})
}
