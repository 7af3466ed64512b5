// SPDX-License-Identifier: MPL-2.0

package standin

import (
	"encoding/base64"
	"testing"
	"unicode/utf16"
)

// encodedCommand is the argument of -EncodedCommand for a script.
func encodedCommand(script string) string {
	var raw []byte
	for _, unit := range utf16.Encode([]rune(script)) {
		raw = append(raw, byte(unit), byte(unit>>8))
	}
	return base64.StdEncoding.EncodeToString(raw)
}

func TestLoaderToken(t *testing.T) {
	const token = "0123456789abcdef0123456789abcdef"
	for _, c := range []struct{ name, command, want string }{
		{
			name:    "the token is in the decoded script",
			command: "powershell.exe -NoLogo -NoProfile -EncodedCommand " + encodedCommand("$t = '"+token+"'; 'ä😀'"),
			want:    token,
		},
		{
			name:    "a full path in quotes and another case are the same program",
			command: `"C:\Windows\System32\WindowsPowerShell\v1.0\PowerShell.EXE" -encodedcommand ` + encodedCommand("'"+token+"'"),
			want:    token,
		},
		{name: "a script without a token is not the loader", command: "powershell.exe -EncodedCommand " + encodedCommand("Get-Date")},
		{
			name:    "more than 32 digits are no token",
			command: "powershell.exe -EncodedCommand " + encodedCommand("'"+token+"0'"),
		},
		{name: "a command that is not base64 is not the loader", command: "powershell.exe -EncodedCommand !"},
		{name: "an option without its argument is not the loader", command: "powershell.exe -EncodedCommand"},
		{name: "another program is not the loader", command: "foo -EncodedCommand " + encodedCommand("'"+token+"'")},
		{name: "nothing is not the loader"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, ok := loaderToken(c.command)
			if got != c.want || ok != (c.want != "") {
				t.Errorf("loaderToken gives %q, %t; want %q", got, ok, c.want)
			}
		})
	}
}
