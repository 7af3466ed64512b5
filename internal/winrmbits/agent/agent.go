package agent

import (
	"embed"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"strings"
	"unicode/utf16"
)

//go:embed loader.ps1
var loader string

// scripts are the parts of the agent, and the loader.
//
//go:embed *.ps1
var scripts embed.FS

// parts are the parts in the order in which they make the agent: settings first, and the loop last.
var parts = []string{
	"agent", "windows", "lines", "failures", "jobs", "hello", "host", "properties", "directories", "operations", "changes", "endings",
	"history", "stat", "sweep", "system", "elevate", "relay", "requests", "batches", "loop",
}

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
func Upload() []byte { return []byte(text(parts) + EndOfUpload + "\n") }

// Functions gives the agent without its loop, for scripts that ask a host with the agent's own functions.
func Functions() string { return text(parts[:len(parts)-1]) }

func text(parts []string) string {
	var b strings.Builder
	for _, part := range parts {
		text, err := scripts.ReadFile(part + ".ps1")
		if err != nil {
			panic(fmt.Sprintf("agent: the part %s is not embedded: %v", part, err))
		}
		b.WriteString(strings.ReplaceAll(string(text), "\r\n", "\n"))
	}
	return b.String()
}
