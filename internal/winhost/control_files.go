// SPDX-License-Identifier: MPL-2.0

package winhost

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
)

// maxFile bounds a file that is written through the API.
const maxFile = 1 << 30

// FileInfo is the API's description of a file.
type FileInfo struct {
	Size     int64     `json:"size"`
	SHA256   string    `json:"sha256"`
	Modified time.Time `json:"modified"`
}

// file has a request act on the file that it names, which is below the host's drive, whatever the request says.
func file(act func(h *Host, r *http.Request, name string) (any, error)) func(*Host, *http.Request) (any, error) {
	return func(h *Host, r *http.Request) (any, error) {
		local := r.URL.Query().Get("path")
		if local == "" {
			return nil, badRequest(`the file is missing: ?path=C:\... is expected`)
		}
		name, err := h.Drive.Path(local)
		if errors.Is(err, bits.ErrInvalidArgument) {
			return nil, badRequest(fmt.Sprintf("%q is not a full path of a file", local))
		}
		if err != nil {
			return nil, fmt.Errorf("find %s: %w", local, err)
		}
		return act(h, r, name)
	}
}

// readFile looks at a file.
func readFile(_ *Host, _ *http.Request, name string) (any, error) {
	info, err := os.Stat(name) //nolint:gosec // a file of the drive
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, unknown("there is no such file")
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, unknown("this is not a file")
	}
	f, err := os.Open(name) //nolint:gosec // a file of the drive
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	hash := sha256.New()
	size, err := io.Copy(hash, f)
	if err != nil {
		return nil, err
	}
	return FileInfo{size, hex.EncodeToString(hash.Sum(nil)), info.ModTime().UTC()}, nil
}

// writeFile writes the body of a request, as it is, into a file, whose time is the host's.
func writeFile(h *Host, r *http.Request, name string) (any, error) {
	if info, err := os.Stat(name); err == nil && !info.Mode().IsRegular() { //nolint:gosec // a file of the drive
		return nil, badRequest("this is not a file")
	}
	f, err := os.Create(name) //nolint:gosec // a file of the drive
	if err != nil {
		return nil, err
	}
	_, err = io.Copy(f, http.MaxBytesReader(nil, r.Body, maxFile))
	if err = errors.Join(err, f.Close()); err != nil {
		return nil, err
	}
	now := h.Clock.Now()
	if err := os.Chtimes(name, now, now); err != nil {
		return nil, err
	}
	return readFile(h, r, name)
}

// deleteFile removes a file.
func deleteFile(h *Host, r *http.Request, name string) (any, error) {
	if _, err := readFile(h, r, name); err != nil {
		return nil, err
	}
	return done{}, os.Remove(name) //nolint:gosec // a file of the drive
}
