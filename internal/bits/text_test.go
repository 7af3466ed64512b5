// SPDX-License-Identifier: MPL-2.0

package bits

import (
	"strings"
	"testing"
)

func TestWhatAHostSaysIsQuotedSafely(t *testing.T) {
	for _, test := range []struct{ name, text, want string }{
		{"plain words", "Zugriff verweigert: Schl\u00fcssel \u65e5\u672c\u8a9e", "Zugriff verweigert: Schl\u00fcssel \u65e5\u672c\u8a9e"},
		{"lines", " one\r\n two\tthree\u2028four\u0085five\n", "one two three four five"},
		{"an escape sequence", "\x1b[31mred\x1b]52;c;AAAA\x07", "\ufffd[31mred\ufffd]52;c;AAAA\ufffd"},
		{"a control character of eight bits", "\u009b31mred", "\ufffd31mred"},
		{"another direction", "abc\u202egnp.exe\u2066x\u200f", "abc\ufffdgnp.exe\ufffdx\ufffd"},
		{"nothing to see", "a\u200bb\ufeffc\x00d\x7f", "a\ufffdb\ufffdc\ufffdd\ufffd"},
		{"no UTF-8", "a\xffb", "a\ufffdb"},
		{"as long as may be", strings.Repeat("\u00e4", MaxQuoted), strings.Repeat("\u00e4", MaxQuoted)},
		{"too long", strings.Repeat("\u00e4", 1<<20), strings.Repeat("\u00e4", MaxQuoted) + "..."},
		{"nothing", "", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := Quotable(test.text); got != test.want {
				t.Errorf("quoted: %q, want %q", got, test.want)
			}
		})
	}
}

func TestANameOfAHostIsQuotedAsItIs(t *testing.T) {
	for name, want := range map[string]string{
		"two  spaces": "two  spaces", "a\r\nError: b": "a\ufffd\ufffdError: b", "\x1b]0;x\a": "\ufffd]0;x\ufffd", "CORP\\J\u00f6rg\u00a0B": "CORP\\J\u00f6rg\u00a0B",
		"\u202egpj.exe": "\ufffdgpj.exe", strings.Repeat("n", 1<<18): strings.Repeat("n", MaxQuoted) + "...",
	} {
		if got := QuotableName(name); got != want {
			t.Errorf("%.40q is quoted as %q, want %q", name, got, want)
		}
	}
}
