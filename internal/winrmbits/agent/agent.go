// SPDX-License-Identifier: MPL-2.0

package agent

import (
	"embed"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"strings"
	"sync"
	"unicode/utf16"
)

//go:embed loader.ps1
var loader string

// scripts are the parts of the agent, and the loader.
//
//go:embed *.ps1
var scripts embed.FS

// The parts that have a place of their own: the settings come first, and the loop last. All others define functions and
// tables, and their order does not matter.
const (
	firstPart  = "agent.ps1"
	lastPart   = "loop.ps1"
	loaderPart = "loader.ps1"
)

// placeholder is what stands for the token in the loader.
const placeholder = "@@TOKEN@@"

// EndOfUpload is the line after which the loader runs what it has read.
const EndOfUpload = "."

// CommandLine returns the command line that starts an agent process whose lines carry the token, 32 hexadecimal
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

// Upload is what the loader reads from stdin first: the agent as plain ASCII lines, and the line that ends them.
func Upload() []byte { return []byte(Functions() + part(lastPart) + EndOfUpload + "\n") }

// Functions is the agent without its loop, for scripts that examine a host with the agent's own functions.
func Functions() string { return functions() }

var functions = sync.OnceValue(func() string {
	entries, err := scripts.ReadDir(".")
	if err != nil {
		panic(fmt.Sprintf("agent: read the embedded scripts: %v", err))
	}
	text := part(firstPart)
	for _, entry := range entries {
		if name := entry.Name(); name != firstPart && name != lastPart && name != loaderPart {
			text += part(name)
		}
	}
	return text
})

func part(name string) string {
	text, err := scripts.ReadFile(name)
	if err != nil {
		panic(fmt.Sprintf("agent: %s is not embedded: %v", name, err))
	}
	return strings.ReplaceAll(string(text), "\r\n", "\n")
}
