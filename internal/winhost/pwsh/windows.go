// SPDX-License-Identifier: MPL-2.0

package pwsh

import (
	"embed"
	"fmt"
	"io/fs"
	"os"
)

// embedded is the folder windows: what a real Windows has.
//
//go:embed windows
var embedded embed.FS

// prelude is what runs before a client's script.
const prelude = ". (Join-Path -Path $env:WINHOST_WINDOWS -ChildPath Windows.ps1)\n"

// Module2016 is the module BitsTransfer of Windows Server 2016.
const Module2016 = "2016"

// Install writes what Windows has into a folder, which is a Host's Windows then.
func Install(folder string) error {
	windows, err := fs.Sub(embedded, "windows")
	if err == nil {
		err = os.CopyFS(folder, windows)
	}
	if err != nil {
		return fmt.Errorf("write the stand-ins of Windows: %w", err)
	}
	return nil
}
