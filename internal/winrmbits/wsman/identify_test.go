// SPDX-License-Identifier: MPL-2.0

package wsman

import (
	"strings"
	"testing"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/connection"
)

// TestAnAmbiguousAnswerIsIdentified adds to a failure what the service is, and costs no request otherwise. Create is sent again
// before, as often as the credential allows.
func TestAnAmbiguousAnswerIsIdentified(t *testing.T) {
	page := answer{raw: true, body: "<html>It works!</html>"}
	board := answer{raw: true, body: identityOf("Openwsman Project", "2.6.8")}
	tests := []struct {
		name     string
		create   answer
		identify *answer // nil: that of Windows
		says     string
		verbs    string
	}{
		{name: "no /wsman, and WinRM behind it", create: answer{raw: true, status: 404}, says: "Identify returned WinRM (OS: 0.0.0 SP: 0.0 Stack: 3.0)", verbs: "Create Create Create Create Identify"},
		{name: "a page", create: page, identify: &page, says: "does not respond to a WS-Management Identify request", verbs: "Create Create Identify"},
		{name: "nothing", create: answer{raw: true}, identify: &answer{cut: true}, says: "does not respond to a WS-Management Identify request", verbs: "Create Create Identify"},
		{name: "a status with an identity", create: answer{raw: true}, identify: &answer{raw: true, status: 401, body: board.body}, says: "does not respond to a WS-Management Identify request", verbs: "Create Create Identify"},
		{name: "no answer at all", create: answer{cut: true}, says: "Identify returned WinRM", verbs: "Create Create Identify"},
		{name: "another WS-Management service", create: faulty("2150858811"), identify: &board, says: "Identify returned Openwsman Project 2.6.8, which is not WinRM", verbs: "Create Identify"},
		{name: "a refused credential", create: answer{raw: true, status: 401}, says: "refused the credential", verbs: "Create"},
		{name: "a fault that is clear", create: faulty("2150859180"), says: "AllowRemoteShellAccess", verbs: "Create"},
		{name: "a size", create: answer{raw: true, status: 413}, says: "HTTP 413", verbs: "Create"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			bubble(t, func(t *testing.T, s *service) {
				s.say = func(_ int, r request) *answer {
					switch r.Verb {
					case "Create":
						return &tt.create
					case "Identify":
						return tt.identify
					}
					return nil
				}
				_, err := s.open(nil)
				expect(t, err, kind(err), tt.says)
				if s.verbs() != tt.verbs {
					t.Errorf("%s, want %s", s.verbs(), tt.verbs)
				}
			})
		})
	}
}

// TestIdentifyHasATimeoutOfItsOwn has the service hold the answer back.
func TestIdentifyHasATimeoutOfItsOwn(t *testing.T) {
	bubble(t, func(t *testing.T, s *service) {
		s.say = func(_ int, r request) *answer {
			if r.Verb == "Identify" {
				return &answer{hold: true}
			}
			return &answer{raw: true, status: 404}
		}
		_, err := s.open(nil)
		expect(t, err, connection.NotWinRM, "no /wsman", "does not respond to a WS-Management Identify request", "the last of 4 attempts")
		if strings.Count(s.verbs(), "Identify") != 1 {
			t.Error(s.verbs())
		}
	})
}

// TestTheWordsOfAnotherServiceAreBounded has a service, which nobody has authenticated, name itself by what a terminal would obey.
func TestTheWordsOfAnotherServiceAreBounded(t *testing.T) {
	bubble(t, func(t *testing.T, s *service) {
		s.say = func(_ int, r request) *answer {
			if r.Verb == "Identify" {
				return &answer{raw: true, body: identityOf("\u202e"+strings.Repeat("long ", 5000), "1\n\n2")}
			}
			a := faulty("2150858811")
			return &a
		}
		_, err := s.open(nil)
		expect(t, err, connection.NotWinRM, "Identify returned \uFFFDlong long", "... 1 2, which is not")
		if len(err.Error()) > 3*bits.MaxQuoted {
			t.Errorf("%d bytes", len(err.Error()))
		}
	})
}
