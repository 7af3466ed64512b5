// SPDX-License-Identifier: MPL-2.0

package windows

import (
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"unicode/utf16"
)

// DecodeCommand decodes the value of -EncodedCommand of powershell.exe, which is base64 of UTF-16LE. It is the simulated host's own
// implementation, so that it judges the client's encoder.
func DecodeCommand(command string) (script string, err error) {
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

// EncodeCommand encodes a script as the value of -EncodedCommand.
func EncodeCommand(script string) string {
	units := utf16.Encode([]rune(script))
	raw := make([]byte, 0, 2*len(units))
	for _, u := range units {
		raw = binary.LittleEndian.AppendUint16(raw, u)
	}
	return base64.StdEncoding.EncodeToString(raw)
}
