// SPDX-License-Identifier: MPL-2.0

package bits

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaxQuoted is how many characters of a host's words a message quotes.
const MaxQuoted = 500

// Quotable returns what a host says as a message may hold it: on one line, at most MaxQuoted characters, and with U+FFFD for what a
// terminal would obey instead of showing it.
func Quotable(text string) string {
	text = Cut(text, 8*MaxQuoted) // white space is counted here, and not below
	return Cut(Printable(strings.Join(strings.Fields(text), " ")), MaxQuoted)
}

// QuotableName returns a name that a host has given, such as that of a job, a file or an account, as a message may hold it.
func QuotableName(name string) string {
	return strings.ReplaceAll(Printable(Cut(name, MaxQuoted)), "\n", string(utf8.RuneError))
}

// Printable replaces what a terminal would obey (ESC, CR, marks that turn the direction of a text) by U+FFFD. Line feeds stay.
func Printable(text string) string {
	return strings.Map(func(r rune) rune {
		if r == '\n' || unicode.IsGraphic(r) {
			return r
		}
		return utf8.RuneError
	}, text)
}

// Cut returns the first characters of a text, with an ellipsis in place of the rest.
func Cut(text string, most int) string {
	for i := range text {
		if most == 0 {
			return text[:i] + "..."
		}
		most--
	}
	return text
}
