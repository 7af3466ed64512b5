package agent

import (
	_ "embed"
	"encoding/base64"
	"encoding/binary"
	"strings"
	"unicode/utf16"
)

//go:embed loader.ps1
var loader string

//go:embed agent.ps1
var text string

// placeholder is what stands for the token in the loader.
const placeholder = "@@TOKEN@@"

// EndOfUpload is the line after which the loader runs what it has read.
const EndOfUpload = "."

// CommandLine gives the command line that starts an agent process whose lines carry the token, 32 hexadecimal
// digits. It holds nothing else that varies, and no data. The loader in it reads the agent from stdin: see [Upload].
//
// Source of the options: about_PowerShell_exe, learn.microsoft.com.
func CommandLine(token string) string {
	units := utf16.Encode([]rune(strings.ReplaceAll(loader, placeholder, token)))
	script := make([]byte, 0, 2*len(units))
	for _, u := range units {
		script = binary.LittleEndian.AppendUint16(script, u)
	}
	return "powershell.exe -NoLogo -NoProfile -NonInteractive -ExecutionPolicy Bypass -OutputFormat Text -EncodedCommand " +
		base64.StdEncoding.EncodeToString(script)
}

// Upload gives what the loader reads from stdin first: the agent as plain ASCII lines, and the line that ends them.
func Upload() []byte {
	return []byte(strings.ReplaceAll(strings.TrimRight(text, "\n"), "\r\n", "\n") + "\n" + EndOfUpload + "\n")
}
