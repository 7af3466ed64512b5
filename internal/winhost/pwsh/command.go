package pwsh

import (
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"unicode/utf16"
)

// arguments are those of a command line, with what Windows has put in front of its script.
func (Host) arguments(commandLine string) ([]string, error) {
	options, script, err := parse(commandLine)
	if err != nil {
		return nil, err
	}
	return append(options, "-EncodedCommand", encode(prelude+script)), nil
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
			if script, err = decode(strings.TrimSpace(rest)); err != nil {
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

// decode reads base64 of UTF-16LE.
func decode(encoded string) (string, error) {
	raw, err := base64.StdEncoding.DecodeString(encoded)
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

// encode writes base64 of UTF-16LE.
func encode(script string) string {
	units := utf16.Encode([]rune(script))
	raw := make([]byte, 0, 2*len(units))
	for _, u := range units {
		raw = binary.LittleEndian.AppendUint16(raw, u)
	}
	return base64.StdEncoding.EncodeToString(raw)
}
