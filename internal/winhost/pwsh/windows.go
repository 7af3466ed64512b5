package pwsh

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// embedded is the folder windows: what a real Windows has.
//
//go:embed windows
var embedded embed.FS

// prelude is what runs before a client's script.
const prelude = ". (Join-Path -Path $env:WINHOST_WINDOWS -ChildPath Windows.ps1)\n"

// The modules that a host can have: that of Windows Server 2022 and 2025, and that of 2016.
const (
	Module     = "BitsTransfer"
	Module2016 = "BitsTransfer2016"
)

// marks end the lines of BitsTransfer.psm1 that only one of the modules has.
var marks = map[string]string{Module: " # of 2016", Module2016: " # since 2022"}

// Install writes what Windows has into a folder, which is a Host's Windows then.
func Install(folder string) error {
	windows, err := fs.Sub(embedded, "windows")
	if err == nil {
		err = os.CopyFS(folder, windows)
	}
	for module, others := range marks {
		err = errors.Join(err, installModule(filepath.Join(folder, module), others))
	}
	if err != nil {
		return fmt.Errorf("write the stand-ins of Windows: %w", err)
	}
	return nil
}

// installModule writes one version of the module BitsTransfer.
func installModule(folder, others string) error {
	if err := os.MkdirAll(folder, 0o750); err != nil {
		return err //nolint:wrapcheck // Install says what for
	}
	for _, name := range []string{"BitsTransfer.psd1", "BitsTransfer.psm1"} {
		text, err := embedded.ReadFile("windows/BitsTransfer/" + name)
		if err != nil {
			return err //nolint:wrapcheck // Install says what for
		}
		var lines []string
		for line := range strings.Lines(string(text)) {
			if !strings.HasSuffix(strings.TrimRight(line, "\r\n"), others) {
				lines = append(lines, line)
			}
		}
		if err := os.WriteFile(filepath.Join(folder, name), []byte(strings.Join(lines, "")), 0o600); err != nil {
			return err //nolint:wrapcheck // Install says what for
		}
	}
	return nil
}
