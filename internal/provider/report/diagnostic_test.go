// SPDX-License-Identifier: MPL-2.0

package report

import (
	"testing"

	"github.com/winrmbits/terraform-provider-bits/internal/messages"
)

func TestRedaction(t *testing.T) {
	for _, test := range []struct{ name, text, want string }{
		{"a query", "GET https://dl.example/p.cab?sig=abc&x=1 failed", "GET https://dl.example/p.cab?(hidden) failed"},
		{"user and password", "at http://bob:pw@dl.example/p", "at http://(hidden)@dl.example/p"},
		{"an at sign in the password", "http://bob:p@w@dl.example/", "http://(hidden)@dl.example/"},
		{"a fragment", "https://dl.example/p#token", "https://dl.example/p#(hidden)"},
		{"quoted", `"https://dl.example/p?a=b" and 'https://dl.example/q?c'`, `"https://dl.example/p?(hidden)" and 'https://dl.example/q?(hidden)'`},
		{"no URL", `C:\t\p.cab? really @home`, `C:\t\p.cab? really @home`},
		{"an at sign in a path", "https://dl.example/a@b", "https://dl.example/a@b"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := Redact(test.text); got != test.want {
				t.Errorf("redact gives %q, want %q", got, test.want)
			}
		})
	}
}

// TestTheGuideHasEverySummary compares the summaries with the table of the guide Troubleshooting.
func TestTheGuideHasEverySummary(t *testing.T) {
	titles := messages.Titles()
	for _, text := range summaries {
		if !titles[text] {
			t.Errorf("internal/messages does not have %q", text)
		}
	}
	if len(summaries) < 80 {
		t.Errorf("there are %d summaries", len(summaries))
	}
}
