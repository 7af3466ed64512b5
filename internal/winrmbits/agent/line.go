// SPDX-License-Identifier: MPL-2.0

package agent

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"unicode/utf16"
)

// ASCII escapes every character of a JSON text that is not printable ASCII.
func ASCII(text []byte) []byte {
	out := make([]byte, 0, len(text))
	for _, r := range string(text) {
		switch {
		case r <= '~':
			out = append(out, byte(r)) //nolint:gosec // ASCII
		case r > 0xFFFF:
			high, low := utf16.EncodeRune(r)
			out = fmt.Appendf(out, `\u%04x\u%04x`, high, low)
		default:
			out = fmt.Appendf(out, `\u%04x`, r)
		}
	}
	return out
}

// NewToken returns 32 random hexadecimal digits.
func NewToken() string {
	var b [TokenLength / 2]byte
	_, _ = rand.Read(b[:]) // never fails
	return hex.EncodeToString(b[:])
}
