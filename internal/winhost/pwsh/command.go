// SPDX-License-Identifier: MPL-2.0

package pwsh

import (
	"errors"
	"fmt"
	"strings"

	"github.com/winrmbits/terraform-provider-bits/internal/winhost/windows"
)

// arguments are those of a command line, with what Windows has put in front of its script.
func (h Host) arguments(commandLine string) ([]string, error) {
	options, script, err := parse(commandLine)
	if err != nil {
		return nil, err
	}
	if mode := h.Setup.LanguageMode; mode != "" {
		script = "$ExecutionContext.SessionState.LanguageMode = '" + mode + "'\n" + script
	}
	return append(options, "-EncodedCommand", windows.EncodeCommand(prelude+script)), nil
}

// parse takes a command line of powershell.exe apart, whose last option is -EncodedCommand with its script, or -Command
// with one in double quotes.
func parse(commandLine string) (options []string, script string, err error) {
	rest := strings.TrimSpace(commandLine)
	if quoted, ok := strings.CutPrefix(rest, `"`); ok {
		_, rest, _ = strings.Cut(quoted, `"`)
	} else {
		_, rest, _ = strings.Cut(rest, " ")
	}
	for {
		var word string
		word, rest, _ = strings.Cut(strings.TrimSpace(rest), " ")
		switch {
		case word == "":
			return nil, "", errors.New("this simulated host runs scripts in a command line only")
		case strings.EqualFold(word, "-EncodedCommand"):
			if script, err = windows.DecodeCommand(strings.TrimSpace(rest)); err != nil {
				return nil, "", fmt.Errorf("read the encoded command: %w", err)
			}
			return options, script, nil
		case strings.EqualFold(word, "-Command"):
			text := strings.TrimSpace(rest)
			if len(text) < 2 || text[0] != '"' || text[len(text)-1] != '"' || strings.Contains(text[1:len(text)-1], `"`) {
				return nil, "", errors.New("this simulated host runs commands in double quotes only, without any inside")
			}
			return options, text[1 : len(text)-1], nil
		}
		options = append(options, word)
	}
}
