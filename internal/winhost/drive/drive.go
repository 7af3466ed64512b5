// Package drive is a folder that stands for the C: of a simulated host: paths are Windows paths, compared
// without regard to case.
package drive

import "os"

// Drive is one host's C:.
type Drive struct{}

// New makes the folder stand for C: with C:\Windows, C:\ProgramData, C:\Temp and C:\t in it.
func New(root string) (*Drive, error) { panic("not written yet") }

// Path gives the place in the host's file system for a full Windows path such as C:\t\a.bin. Errors are
// *bits.Error: a relative path, a wildcard or a stream is E_INVALIDARG, another drive or a missing directory
// ERROR_PATH_NOT_FOUND (0x80070003).
func (d *Drive) Path(local string) (string, error) { panic("not written yet") }

// Stat is os.Stat for a Windows path.
func (d *Drive) Stat(local string) (os.FileInfo, error) { panic("not written yet") }

// DirExists reports whether the directory of a full Windows path exists.
func (d *Drive) DirExists(local string) bool { panic("not written yet") }
