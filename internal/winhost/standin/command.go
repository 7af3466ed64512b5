package standin

import (
	"encoding/base64"
	"path"
	"regexp"
	"strings"
	"unicode/utf16"
)

// tokenPattern finds the session token in the loader's text.
var tokenPattern = regexp.MustCompile(`(?i)(?:^|[^0-9a-z])([0-9a-f]{32})(?:[^0-9a-z]|$)`)

// loaderToken gives the token of the loader that a command line starts.
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
		text, err := decodeCommand(words[i+1])
		if err != nil {
			return "", false
		}
		if found := tokenPattern.FindStringSubmatch(text); found != nil {
			return found[1], true
		}
	}
	return "", false
}

// decodeCommand decodes the argument of -EncodedCommand: base64 of UTF-16LE.
func decodeCommand(encoded string) (string, error) {
	raw, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		return "", err //nolint:wrapcheck // never leaves this file
	}
	units := make([]uint16, len(raw)/2)
	for i := range units {
		units[i] = uint16(raw[2*i]) | uint16(raw[2*i+1])<<8
	}
	return string(utf16.Decode(units)), nil
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
