// Package encoded is the form in which powershell.exe takes a script with -EncodedCommand: base64 of UTF-16LE. It is the
// simulated host's own, so that the client's encoder has a judge.
package encoded

import (
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"unicode/utf16"
)

// Decode reads a script.
func Decode(command string) (script string, err error) {
	raw, err := base64.StdEncoding.DecodeString(command)
	if err != nil {
		return "", fmt.Errorf("it is not base64: %w", err)
	}
	if len(raw)%2 != 0 {
		return "", errors.New("it is not UTF-16")
	}
	units := make([]uint16, len(raw)/2)
	for i := range units {
		units[i] = binary.LittleEndian.Uint16(raw[2*i:])
	}
	return string(utf16.Decode(units)), nil
}

// Encode writes a script.
func Encode(script string) string {
	units := utf16.Encode([]rune(script))
	raw := make([]byte, 0, 2*len(units))
	for _, u := range units {
		raw = binary.LittleEndian.AppendUint16(raw, u)
	}
	return base64.StdEncoding.EncodeToString(raw)
}
