// SPDX-License-Identifier: MPL-2.0

package agent

import (
	"embed"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"path"
	"strings"
	"sync"
	"unicode/utf16"
)

//go:embed loader.ps1
var loader string

// scripts are the parts of the agent, and the loader. The folder changes has what only changes need.
//
//go:embed *.ps1 changes/*.ps1
var scripts embed.FS

// The part that comes first, because it has the parameters and the settings. All others define functions and tables, and their order
// does not matter.
const (
	firstPart  = "agent.ps1"
	loaderPart = "loader.ps1"
)

// startLine is the last line of an agent. An agent that elevates puts what only changes need before it: see Invoke-Elevate.
const startLine = "Start-Agent\n"

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

// Upload is what the loader reads from stdin first: an agent as plain ASCII lines, and the line that ends them. An agent that will
// elevate can do without what only changes need until then: see [Changes].
func Upload(changes bool) []byte {
	text := reads()
	if changes {
		text += Changes()
	}
	return []byte(text + startLine + EndOfUpload + "\n")
}

// Functions is the agent without its start, for scripts that examine a host with the agent's own functions.
func Functions() string { return reads() + Changes() }

// reads is what every agent needs.
var reads = sync.OnceValue(func() string { return strip(part(firstPart) + parts(".")) })

// Changes is what only changes need. It goes out with the operation elevate.
func Changes() string { return changesOnly() }

var changesOnly = sync.OnceValue(func() string { return strip(parts("changes")) })

// parts joins the scripts of a folder, without those that have a place of their own.
func parts(folder string) string {
	entries, err := scripts.ReadDir(folder)
	if err != nil {
		panic(fmt.Sprintf("agent: read the embedded scripts: %v", err))
	}
	text := ""
	for _, entry := range entries {
		if name := entry.Name(); !entry.IsDir() && name != firstPart && name != loaderPart {
			text += part(path.Join(folder, name))
		}
	}
	return text
}

func part(name string) string {
	text, err := scripts.ReadFile(name)
	if err != nil {
		panic(fmt.Sprintf("agent: %s is not embedded: %v", name, err))
	}
	return strings.ReplaceAll(string(text), "\r\n", "\n")
}

// strip leaves out indentation and lines that are comments, a quarter of the text. The lines keep their numbers, which errors of
// PowerShell quote.
func strip(text string) string {
	var kept strings.Builder
	for line := range strings.Lines(text) {
		if line = strings.TrimLeft(line, " "); strings.HasPrefix(line, "#") {
			line = "\n"
		}
		kept.WriteString(line)
	}
	return kept.String()
}
