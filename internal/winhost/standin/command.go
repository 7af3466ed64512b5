// SPDX-License-Identifier: MPL-2.0

package standin

import (
	"path"
	"regexp"
	"strings"

	"github.com/winrmbits/terraform-provider-bits/internal/winhost/windows"
)

// tokenPattern finds the session token in the loader's text.
var tokenPattern = regexp.MustCompile(`(?i)(?:^|[^0-9a-z])([0-9a-f]{32})(?:[^0-9a-z]|$)`)

// loaderToken returns the token of the loader that a command line starts.
func loaderToken(commandLine string) (token string, ok bool) {
	words := splitCommand(commandLine)
	if len(words) == 0 {
		return "", false
	}
	program := strings.ToLower(path.Base(strings.ReplaceAll(words[0], `\`, "/")))
	if program != "powershell" && program != "powershell.exe" {
		return "", false
	}
	for i, word := range words[:len(words)-1] {
		if !strings.EqualFold(word, "-EncodedCommand") {
			continue
		}
		text, err := windows.DecodeCommand(words[i+1])
		if err != nil {
			return "", false
		}
		if found := tokenPattern.FindStringSubmatch(text); found != nil {
			return found[1], true
		}
	}
	return "", false
}

// programName is the first word of a command line, as cmd.exe names it in its message.
func programName(commandLine string) string {
	words := splitCommand(commandLine)
	if len(words) == 0 {
		return ""
	}
	return words[0]
}

// splitCommand splits a command line at blanks outside double quotes.
func splitCommand(commandLine string) []string {
	quoted := false
	words := strings.FieldsFunc(commandLine, func(r rune) bool {
		if r == '"' {
			quoted = !quoted
		}
		return !quoted && (r == ' ' || r == '\t')
	})
	for i, word := range words {
		words[i] = strings.ReplaceAll(word, `"`, "")
	}
	return words
}
