// SPDX-License-Identifier: MPL-2.0

package wsman

import (
	"errors"
	"strings"
	"testing"
)

func TestAnswersAreReadInAnyPrefixes(t *testing.T) {
	for name, style := range map[string]style{"Windows' prefixes": windows, "other prefixes": foreign} {
		t.Run(name, func(t *testing.T) {
			request := envelope{verb: "Create", id: "uuid:1"}
			for how, body := range map[string]string{"a current host": createdBody(), "an old host": selectorBody()} {
				created, err := parse(request, []byte(style.envelope("UUID:1", body)))
				if err != nil || created.shellID() != shellID {
					t.Errorf("%s: %v", how, err)
				}
			}
			started, err := parse(request, []byte(style.envelope("uuid:1", healthy(serviceRequest("Command")).body)))
			if err != nil || started.Command != commandID {
				t.Errorf("Command: %v", err)
			}
			deleted, err := parse(request, []byte(style.envelope("uuid:1", "")))
			if err != nil || deleted == nil {
				t.Errorf("Delete: %v", err)
			}
			_, err = parse(request, []byte(style.envelope("uuid:1", nothingYet().body)))
			if !hasCode(err, codeTimedOut) {
				t.Errorf("a fault: %v", err)
			}
		})
	}
}

func serviceRequest(verb string) request { return request{Verb: verb} }

func TestAnAnswerToAnotherMessageIsRefused(t *testing.T) {
	e := envelopes{url: address01}
	const unspecified = "http://schemas.xmlsoap.org/ws/2004/08/addressing/id/unspecified"
	for _, request := range []envelope{
		e.create(""), e.command(shellID, "x"), e.send(shellID, commandID, nil), e.receive(shellID, commandID), e.remove(shellID), e.enumerate(),
	} {
		t.Run(request.verb, func(t *testing.T) {
			for _, body := range []string{"", createdBody(), receivedBody("", false, ""), faulty("170").body} {
				var fault *Fault
				if _, err := parse(request, []byte(windows.envelope("uuid:2", body))); err == nil || errors.As(err, &fault) {
					t.Errorf("accepted: %v", err)
				}
			}
			for _, id := range []string{request.id, strings.ToUpper(request.id), ""} {
				if _, err := parse(request, []byte(windows.envelope(id, ""))); err != nil {
					t.Errorf("RelatesTo %q: %v", id, err)
				}
			}
			if _, err := parse(request, []byte(windows.envelope(unspecified, faulty("170").body))); !errors.Is(err, ErrBusy) {
				t.Errorf("a fault of a service that could not read the id: %v", err)
			}
		})
	}
}

// TestOutputIsPutTogether has streams split as hosts split them: anywhere, even within a character.
func TestOutputIsPutTogether(t *testing.T) {
	smile := []byte("😀\n")
	const other = "00000000-0000-0000-0000-000000000000"
	tests := []struct {
		name, body     string
		stdout, stderr string
		done           bool
		code           int
	}{
		{name: "nothing while the command runs", body: receivedBody("", false, "")},
		{name: "an exit code while the command runs means nothing", body: receivedBody("", false, "0")},
		{
			name:   "several elements of a stream, torn within a character",
			body:   receivedBody(stream("stdout", commandID, smile[:1])+stream("stdout", commandID, smile[1:3])+stream("stdout", commandID, smile[3:]), false, ""),
			stdout: "😀\n",
		},
		{
			name:   "both streams, mixed",
			body:   receivedBody(stream("stdout", commandID, []byte("a"))+stream("stderr", commandID, []byte("x"))+stream("stdout", commandID, []byte("b")), false, ""),
			stdout: "ab", stderr: "x",
		},
		{
			name:   "ids in another case",
			body:   receivedBody(stream("stdout", strings.ToLower(commandID), []byte("a")), false, ""),
			stdout: "a",
		},
		{name: "output of another command is not ours", body: receivedBody(stream("stdout", other, []byte("a")), false, "")},
		{
			name: "the end of another command is not ours",
			body: strings.ReplaceAll(receivedBody("", true, "0"), commandID, other),
		},
		{name: "output and the end together", body: receivedBody(stream("stdout", commandID, []byte("bye\n")), true, "0"), stdout: "bye\n", done: true},
		{name: "a line break around base64", body: receivedBody(strings.Replace(stream("stdout", commandID, []byte("abc")), "YWJj", "\r\n YWJj\r\n", 1), false, ""), stdout: "abc"},
		{name: "an exit code", body: receivedBody("", true, "10"), done: true, code: 10},
		{name: "a negative exit code", body: receivedBody("", true, "-1073741510"), done: true, code: -1073741510},
		{name: "the same exit code without a sign", body: receivedBody("", true, "3221225786"), done: true, code: -1073741510},
		{name: "an exit code of all ones", body: receivedBody("", true, "4294967295"), done: true, code: -1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for _, style := range []style{windows, foreign} {
				answer, err := parse(envelope{verb: "Receive", id: "uuid:1"}, []byte(style.envelope("uuid:1", tt.body)))
				if err != nil {
					t.Fatal(err)
				}
				out, err := (&Shell{command: commandID}).output(answer.Received)
				if err != nil {
					t.Fatal(err)
				}
				if string(out.Stdout) != tt.stdout || string(out.Stderr) != tt.stderr || out.Done != tt.done || out.ExitCode != tt.code {
					t.Errorf("%+v", out)
				}
			}
		})
	}
}

func TestOutputThatCanNotBeReadIsAnError(t *testing.T) {
	tests := map[string]string{
		"no base64":                         strings.Replace(receivedBody(stream("stdout", commandID, []byte("abc")), false, ""), "YWJj", "%%%%", 1),
		"an end without an exit code":       receivedBody("", true, ""),
		"an exit code beyond 32 bits":       receivedBody("", true, "4294967296"),
		"an exit code that is not a number": receivedBody("", true, "zero"),
		"an answer to another verb":         healthy(serviceRequest("Send")).body,
		"an answer with nothing in it":      "",
		"an answer to a Create, repeated":   createdBody(),
	}
	for name, body := range tests {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, s *service) {
				s.say = always("Receive", answer{body: body})
				if out, err := s.shell().Receive(t.Context()); err == nil {
					t.Errorf("%+v", out)
				}
			})
		})
	}
}

func TestNoOutputWithinTheServicesTimeIsNothingYet(t *testing.T) {
	bubble(t, func(t *testing.T, s *service) {
		s.say = only("Receive", 0, nothingYet())
		shell := s.shell()
		if out, err := shell.Receive(t.Context()); err != nil || out.Done || out.Stdout != nil {
			t.Errorf("%+v %v", out, err)
		}
	})
}

func TestFaultsAreTyped(t *testing.T) {
	const selectors = "The request holds invalid selectors. "
	tests := []struct {
		name  string
		fault string
		want  Fault
		is    error
		text  string
	}{
		{
			name:  "the command is not known",
			fault: wording{"Sender", "w:InvalidSelectors", selectors, `<w:FaultDetail>urn:x</w:FaultDetail>` + wsmanFault("2150858843", "No such command. ")}.String(),
			want:  Fault{Code: 2150858843, Subcode: "InvalidSelectors", Reason: selectors, Message: "No such command. "},
			is:    ErrShellGone,
			text:  "WinRM returned the fault ERROR_WSMAN_UNEXPECTED_SELECTORS (2150858843): No such command",
		},
		{
			name: "a plug-in refused",
			fault: wording{
				"Sender", "w:InvalidParameter", "The parameter is incorrect. ",
				wsmanFault("87", `<f:ProviderFault provider="Shell cmd plugin" path="%systemroot%\system32\winrscmd.dll">The parameter is incorrect. </f:ProviderFault>`),
			}.String(),
			want: Fault{Code: 87, Subcode: "InvalidParameter", Reason: "The parameter is incorrect. ", Message: "The parameter is incorrect."},
			text: "WinRM returned the fault ERROR_INVALID_PARAMETER (87): The parameter is incorrect",
		},
		{
			name: "a plug-in refused with a fault inside",
			fault: wording{
				"Receiver", "w:InternalError", "Access is denied. ",
				wsmanFault("5", `<f:ProviderFault provider="WMI Provider" path="w.dll">`+wsmanFault("5", "Access is <![CDATA[really]]> denied. ")+`</f:ProviderFault>`),
			}.String(),
			want: Fault{Code: 5, Subcode: "InternalError", Reason: "Access is denied. ", Message: "Access is really denied."},
			text: "WinRM returned the fault ERROR_ACCESS_DENIED (5): Access is really denied",
		},
		{
			name:  "a quota as an error of WMI",
			fault: wording{"Receiver", "w:InternalError", "A quota. ", wmiError("2150859174", "Too many operations. ")}.String(),
			want:  Fault{Code: 2150859174, Subcode: "InternalError", Reason: "A quota. ", Message: "Too many operations. "},
			is:    ErrQuota,
			text:  "WinRM returned the fault ERROR_WSMAN_QUOTA_MAX_OPERATIONS (2150859174): Too many operations",
		},
		{
			name:  "a code with a sign",
			fault: wording{"Receiver", "w:InternalError", "", wsmanFault("-2144108123", "x")}.String(),
			want:  Fault{Code: 2150859173, Subcode: "InternalError", Message: "x"},
			is:    ErrQuota,
			text:  "WinRM returned the fault ERROR_WSMAN_QUOTA_MAX_SHELLS (2150859173): x",
		},
		{
			name:  "an unknown code",
			fault: wording{"Receiver", "w:InternalError", "Odd. ", wsmanFault("305419896", "")}.String(),
			want:  Fault{Code: 0x12345678, Subcode: "InternalError", Reason: "Odd. "},
			text:  "WinRM returned the fault 305419896 (0x12345678): Odd",
		},
		{
			name:  "a code that is not a number leaves the words",
			fault: wording{"Receiver", "w:InternalError", "Odd. ", wsmanFault("?", "Very odd. ")}.String(),
			want:  Fault{Subcode: "InternalError", Reason: "Odd. ", Message: "Very odd. "},
			text:  "WinRM returned the fault InternalError: Very odd",
		},
		{
			name:  "no detail at all",
			fault: wording{"Sender", "a:ActionNotSupported", "The action is not supported.\r\n ", ""}.String(),
			want:  Fault{Subcode: "ActionNotSupported", Reason: "The action is not supported.\n "},
			text:  "WinRM returned the fault ActionNotSupported: The action is not supported",
		},
		{
			name:  "nothing but a fault",
			fault: "<s:Fault></s:Fault>",
			text:  "WinRM returned a fault",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for _, style := range []style{windows, foreign} {
				_, err := parse(envelope{verb: "Receive", id: "uuid:1"}, []byte(style.envelope("uuid:1", tt.fault)))
				var got *Fault
				if !errors.As(err, &got) || *got != tt.want {
					t.Fatalf("%+v, %v", got, err)
				}
				if got.Error() != tt.text {
					t.Errorf("Error() = %q", got.Error())
				}
				for _, class := range []error{ErrShellGone, ErrQuota, ErrBusy, ErrConnectionLost} {
					if errors.Is(err, class) != errors.Is(tt.is, class) {
						t.Errorf("errors.Is(%v) = %v", class, errors.Is(err, class))
					}
				}
			}
		})
	}
}
