// SPDX-License-Identifier: MPL-2.0

package standin

import (
	"context"
	"crypto/sha256"
	enc "encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"

	"github.com/winrmbits/terraform-provider-bits/internal/winhost/machine"
	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/agent"
)

// The paths that stat takes, as Windows' naming rules have them.
// Source: "Naming Files, Paths, and Namespaces", learn.microsoft.com.
var (
	fullPath   = regexp.MustCompile(`^[A-Za-z]:\\[^\\]`)
	badName    = regexp.MustCompile(`[\x00-\x1f:*?"<>|]|^\.{0,2}$|[. ]$`)
	deviceName = regexp.MustCompile(`^(?i:CON|PRN|AUX|NUL|CONIN\$|CONOUT\$|(?:COM|LPT)[1-9¹²³]) *(?:\.|$)`)
)

// hashes are the hashes that a process has computed or computes, by place, size and time of the file.
type hashes struct {
	mu   sync.Mutex
	done map[string]*hash // nil: it is computed
}

// hash is what came of computing one.
type hash struct {
	sum string
	err error
}

// of returns a file's hash; nil while it is computed.
func (h *hashes) of(place, key string) *hash {
	h.mu.Lock()
	defer h.mu.Unlock()
	if known, ok := h.done[key]; ok {
		if known != nil && known.err != nil {
			delete(h.done, key) // it is computed again when it is asked for again
		}
		return known
	}
	if h.done == nil {
		h.done = map[string]*hash{}
	}
	h.done[key] = nil
	go func() {
		sum, err := sumOf(place)
		h.mu.Lock()
		defer h.mu.Unlock()
		h.done[key] = &hash{sum: sum, err: err}
	}()
	return nil
}

func sumOf(place string) (string, error) {
	file, err := os.Open(place) //nolint:gosec // a file of the simulated host
	if err != nil {
		return "", err
	}
	defer func() { _ = file.Close() }()
	sum := sha256.New()
	if _, err := io.Copy(sum, file); err != nil {
		return "", err
	}
	return enc.EncodeToString(sum.Sum(nil)), nil
}

// stat describes the files at paths.
func (o *operation) stat(context.Context) (any, error) {
	s := agent.Stat{Files: []agent.FileStatus{}}
	for _, f := range o.Files {
		status, err := o.status(f)
		if err != nil {
			status.Error = o.failure(err)
			if errors.Is(err, fs.ErrPermission) {
				status.Error.HResult = hex(0x80070005)
			}
		}
		s.Files = append(s.Files, status)
	}
	return s, nil
}

// status describes the file at one path.
func (o *operation) status(f agent.FileQuery) (agent.FileStatus, error) {
	var status agent.FileStatus
	place, info, err := o.locate(strings.ReplaceAll(f.LocalName, "/", `\`))
	if err != nil || info == nil {
		return status, err
	}
	bytes, modified := strconv.FormatInt(info.Size(), 10), stamp(info.ModTime())
	status.Exists, status.Size, status.Modified = true, &bytes, &modified
	if !f.SHA256 {
		return status, nil
	}
	computed := o.hashes.of(place, fmt.Sprintf("%s|%s|%s", place, bytes, modified))
	switch {
	case computed == nil:
		status.Pending = true
	case computed.err != nil:
		return status, computed.err
	default:
		status.SHA256 = &computed.sum
	}
	return status, nil
}

// locate finds a file that is no link and is reached through none; without one info is nil.
func (o *operation) locate(local string) (place string, info fs.FileInfo, err error) {
	if !fullPath.MatchString(local) {
		return "", nil, errors.New("the path is no full path on a drive of the host")
	}
	names := strings.Split(local, `\`)
	for _, name := range names[1:] {
		if badName.MatchString(name) || deviceName.MatchString(name) {
			return "", nil, errors.New("a name in the path is none that Windows gives a file")
		}
	}
	for i := range names[1:] {
		if place, err = o.host.Drive.Place(strings.Join(names[:i+2], `\`)); err != nil {
			return "", nil, nil //nolint:nilerr // a drive that is not there has no file
		}
		switch info, err = os.Lstat(place); {
		case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENOTDIR):
			return "", nil, nil
		case err != nil:
			return "", nil, err
		}
		if err := o.refuseLink(place, local); err != nil {
			return "", nil, err
		}
	}
	if info.IsDir() {
		return "", nil, errors.New("it is a directory")
	}
	return place, info, nil
}

// refuseLink refuses what is another name for something.
func (o *operation) refuseLink(place, local string) error {
	switch r, found := o.host.Drive.Reparse(place); {
	case found && r.Answer != 0:
		return machine.Refuse(r.Answer, local)
	case found && r.IsLink():
		return errors.New("A symbolic link or a junction is in the path.") //nolint:staticcheck,revive // the agent's text
	}
	return nil
}
