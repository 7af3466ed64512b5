package standin

import (
	"os"
	"slices"
	"strings"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
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

// makeParent makes what is missing of a file's directory, and gives the places that it made, the outermost first.
func (m module) makeParent(path string, made []string) ([]string, *agent.Error) {
	directory := parent(path)
	if directory == "" {
		return made, nil
	}
	made, bad := m.makeParent(directory, made)
	if bad != nil {
		return made, bad
	}
	refuse := func(r *record, file string) ([]string, *agent.Error) {
		e := r.answer("create-directory")
		e.File = file
		return made, e
	}
	place, err := m.host.Drive.Place(directory)
	if err != nil {
		r := recordOf(err, "")
		r.id = r.text // of an exception that is thrown
		return refuse(r, "")
	}
	if info, err := os.Stat(place); err == nil && info.IsDir() {
		return made, nil
	}
	if err := os.Mkdir(place, 0o750); err != nil {
		return refuse(&record{
			exception: "System.Management.Automation.MethodInvocationException", id: "IOException", text: err.Error(),
		}, directory)
	}
	return append(made, place), nil
}

// makeParents makes what is missing of the directories of files, or nothing.
func (m module) makeParents(files []bits.FileSpec) (made []string, bad *agent.Error) {
	for _, f := range files {
		if made, bad = m.makeParent(f.LocalName, made); bad != nil {
			removeMade(made)
			return nil, bad
		}
	}
	return made, nil
}

// removeMade takes directories back, the innermost first; what somebody put something into stays.
func removeMade(places []string) {
	for _, place := range slices.Backward(places) {
		_ = os.Remove(place)
	}
}

// openDirectories are those of files that ordinary users may write to. Other hosts are not asked.
func (m module) openDirectories(files []bits.File) []string {
	var open []string
	for _, f := range files {
		directory := parent(strings.ReplaceAll(f.LocalName, "/", `\`))
		if directory != "" && directory[0] != '\\' && !slices.Contains(open, directory) && m.host.Drive.OpenToUsers(directory) {
			open = append(open, directory)
		}
	}
	return open
}
