// SPDX-License-Identifier: MPL-2.0

package connection

import (
	"encoding/binary"
	"strings"
	"unicode/utf16"
)

// DecodeText returns the content of a text file as UTF-8. Windows tools write others: Notepad a byte order mark before UTF-8,
// and ">" of PowerShell 5.1 UTF-16 with one. Source: about_Character_Encoding, learn.microsoft.com.
func DecodeText(content string) string {
	if text, found := strings.CutPrefix(content, "\ufeff"); found {
		return text
	}
	var order binary.ByteOrder
	switch {
	case strings.HasPrefix(content, "\xff\xfe"):
		order = binary.LittleEndian
	case strings.HasPrefix(content, "\xfe\xff"):
		order = binary.BigEndian
	default:
		return content
	}
	encoded := []byte(content[2:])
	units := make([]uint16, len(encoded)/2)
	for i := range units {
		units[i] = order.Uint16(encoded[2*i:])
	}
	return string(utf16.Decode(units))
}
