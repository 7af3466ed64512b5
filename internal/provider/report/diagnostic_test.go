package report

import (
	"testing"
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
