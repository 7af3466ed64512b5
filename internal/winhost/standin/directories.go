// SPDX-License-Identifier: MPL-2.0

package standin

import (
	"os"
	"slices"
	"strings"

	"github.com/winrmbits/terraform-provider-bits/internal/winhost/machine"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/agent"
)

// parent is the directory of a path, or "" where that is a drive or a share.
func parent(path string) string {
	at := strings.LastIndexByte(path, '\\')
	root := len("C:")
	if rest, share := strings.CutPrefix(path, `\\`); share {
		server, _, _ := strings.Cut(rest, `\`)
		after := rest[min(len(server)+1, len(rest)):]
		end := strings.IndexByte(after, '\\')
		if end < 0 {
			return ""
		}
		root = len(path) - len(after) + end
	}
	if at <= root {
		return ""
	}
	return path[:at]
}

// makeParents makes the missing directories of files, and returns the places that it made, the outermost first.
func (o *operation) makeParents(files []agent.FileSpec) (made []string, err error) {
	for _, f := range files {
		if made, err = o.makeParent(f.LocalName, made); err != nil {
			return made, err
		}
	}
	return made, nil
}

func (o *operation) makeParent(path string, made []string) ([]string, error) {
	directory := parent(path)
	if directory == "" {
		return made, nil
	}
	o.step = "create-directory"
	made, err := o.makeParent(directory, made)
	if err != nil {
		return made, err
	}
	place, err := o.host.Drive.Place(directory)
	if err != nil {
		return made, err
	}
	if info, err := os.Stat(place); err == nil && info.IsDir() {
		return made, nil
	}
	if err := os.Mkdir(place, 0o750); err != nil {
		o.file = directory
		return made, err
	}
	return append(made, place), nil
}

// removeMade removes the directories that a failed create made, the innermost first, unless they hold files by now.
func removeMade(places []string) {
	for _, place := range slices.Backward(places) {
		_ = os.Remove(place)
	}
}

// ordinary are the accounts of ordinary users: Everyone, Authenticated Users, Interactive, Users.
var ordinary = []string{machine.SIDEveryone, machine.SIDAuthenticatedUsers, "S-1-5-4", machine.SIDUsers}

// openToUsers reports whether ordinary users may replace a file that SYSTEM makes in a directory. Source of the rights: "Access Mask
// Format" and "File Access Rights Constants", learn.microsoft.com.
func (h Host) openToUsers(directory string) bool {
	const (
		anything    = 0x10000000 | 0x80000 | 0x40000 // GENERIC_ALL, WRITE_OWNER, WRITE_DAC
		toDirectory = anything | 0x40                // FILE_DELETE_CHILD
		toFile      = anything | 0x40000000 | 0x10000 | 0x4 | 0x2
	)
	return slices.ContainsFunc(h.Drive.Access(directory), func(rule machine.AccessRule) bool {
		return slices.Contains(ordinary, rule.SID) && (!rule.InheritOnly && rule.Rights&toDirectory != 0 || rule.Files && rule.Rights&toFile != 0)
	})
}

// openDirectories are those of files that ordinary users may replace. Shares are left out.
func (o *operation) openDirectories(files []agent.FileSpec) []string {
	var open []string
	for _, f := range files {
		directory := parent(strings.ReplaceAll(f.LocalName, "/", `\`))
		if directory != "" && directory[0] != '\\' && !slices.Contains(open, directory) && o.host.openToUsers(directory) {
			open = append(open, directory)
		}
	}
	return open
}
