// SPDX-License-Identifier: MPL-2.0

package machine

import (
	"cmp"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
)

// What Windows answers to paths that do not do.
const (
	invalidArgument bits.HResult = 0x80070057 // E_INVALIDARG
	pathNotFound    bits.HResult = 0x80070003 // ERROR_PATH_NOT_FOUND
)

// folders are the directories that every drive starts with.
var folders = []string{"Windows", "ProgramData", "Temp", "t"}

// Drive is one host's C:, and the shares that it reaches. It is safe for concurrent use, as far as the file system below it is.
type Drive struct {
	root string

	mu      sync.Mutex
	reparse map[string]Reparse // by place
	access  map[string]acl     // by directory in small letters
	shares  map[string]share   // by \\server\share in small letters
	space   space              // of C:
}

// NewDrive makes the folder a drive C: with C:\Windows, C:\ProgramData, C:\Temp and C:\t in it.
func NewDrive(root string) (*Drive, error) {
	for _, folder := range folders {
		if err := os.MkdirAll(filepath.Join(root, folder), 0o750); err != nil {
			return nil, fmt.Errorf("make the drive of a simulated host: %w", err)
		}
	}
	resolved, err := filepath.EvalSymlinks(root)
	if err != nil {
		return nil, fmt.Errorf("make the drive of a simulated host: %w", err)
	}
	return &Drive{root: resolved, reparse: map[string]Reparse{}, access: windowsAccess()}, nil
}

// Path returns the place in the host's file system for a full Windows path such as C:\t\a.bin or \\files\pub\a.bin. The file need
// not exist, its directory must. Errors are *bits.Error: a relative path, a wildcard, a stream or a name that Windows
// forbids is E_INVALIDARG, as is a separator at the end, which names a directory; another drive, a missing directory
// and a link, which could lead out, are ERROR_PATH_NOT_FOUND (0x80070003); what is not shared has codes of its own.
func (d *Drive) Path(local string) (string, error) { return d.walk(local, true) }

// Stat is os.Stat for a Windows path.
func (d *Drive) Stat(local string) (os.FileInfo, error) {
	place, err := d.Path(local)
	if err != nil {
		return nil, err
	}
	return os.Stat(place)
}

// Place returns where a full Windows path would be in the host's file system, whatever is there: links are not judged and
// nothing need exist. Callers that check each part of a path themselves use it.
func (d *Drive) Place(local string) (string, error) { return d.walk(local, false) }

func (d *Drive) walk(local string, judge bool) (string, error) {
	place, names, err := d.split(local)
	if err != nil {
		return "", err
	}
	for i, name := range names {
		found, mode := find(place, name)
		if judge && (mode&fs.ModeSymlink != 0 || i < len(names)-1 && !mode.IsDir()) {
			return "", Refuse(pathNotFound, local)
		}
		place = filepath.Join(place, cmp.Or(found, name))
	}
	return place, nil
}

// DirExists reports whether the directory of a full Windows path exists.
func (d *Drive) DirExists(local string) bool {
	_, err := d.Path(local)
	return err == nil
}

// split takes a full Windows path apart: the place of its drive or share, and the names below it.
func (d *Drive) split(local string) (root string, names []string, err error) {
	path := strings.ReplaceAll(local, "/", `\`)
	share, rest, remote := cutShare(path)
	if !remote {
		if len(path) < 3 || path[1] != ':' || path[2] != '\\' {
			return "", nil, Refuse(invalidArgument, local)
		}
		rest = path[3:]
	}
	if strings.ContainsAny(share+rest, `:*?"<>|`) || strings.HasSuffix(path, `\`) {
		return "", nil, Refuse(invalidArgument, local)
	}
	if names, err = split(rest, local); err != nil {
		return "", nil, err
	}
	switch {
	case remote:
		s, err := d.share(share, local)
		return s.folder, names, err
	case path[0] != 'C' && path[0] != 'c':
		return "", nil, Refuse(pathNotFound, local)
	}
	return d.root, names, nil
}

// split takes the rest of a path apart.
func split(rest, local string) (names []string, err error) {
	for name := range strings.SplitSeq(rest, `\`) {
		if name == "" || name == "." {
			continue
		}
		trimmed := strings.TrimRight(name, ". ") // Windows drops dots and blanks at the end of a name
		if trimmed == "" || device.MatchString(trimmed) || strings.IndexFunc(name, func(r rune) bool { return r < ' ' }) >= 0 {
			return nil, Refuse(invalidArgument, local)
		}
		names = append(names, trimmed)
	}
	if len(names) == 0 {
		return nil, Refuse(invalidArgument, local)
	}
	return names, nil
}

// device matches the names that mean a device, in every folder and with every extension.
// Source: "Naming Files, Paths, and Namespaces", learn.microsoft.com.
var device = regexp.MustCompile(`(?i)^(con|prn|aux|nul|(com|lpt)[1-9¹²³]) *(\.|$)`)

// find looks a name up as Windows does: whatever its case. Links are not followed. An empty name is not found.
func find(dir, name string) (found string, mode fs.FileMode) {
	if info, err := os.Lstat(filepath.Join(dir, name)); err == nil {
		return name, info.Mode()
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return "", 0
	}
	for _, e := range entries {
		if strings.EqualFold(e.Name(), name) {
			return e.Name(), e.Type()
		}
	}
	return "", 0
}

// Refuse returns the error of a refused call, with the host's text. The file may be "".
func Refuse(h bits.HResult, file string) error {
	text := h.Hex()
	if e, ok := bits.Lookup(h); ok {
		text = e.Meaning
	}
	return &bits.Error{Code: bits.CodeRefused, HResult: h, Text: text, File: file}
}
