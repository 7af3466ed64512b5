package standin

import (
	"os"
	"slices"
	"strings"

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

// openDirectories are those of files that ordinary users may write to. Shares are left out.
func (o *operation) openDirectories(files []agent.FileSpec) []string {
	var open []string
	for _, f := range files {
		directory := parent(strings.ReplaceAll(f.LocalName, "/", `\`))
		if directory != "" && directory[0] != '\\' && !slices.Contains(open, directory) && o.host.Drive.OpenToUsers(directory) {
			open = append(open, directory)
		}
	}
	return open
}
