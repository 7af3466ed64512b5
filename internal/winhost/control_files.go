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

// place returns the file that a request names.
func place(h *Host, r *http.Request) (string, error) {
	local := r.URL.Query().Get("path")
	if local == "" {
		return "", badRequest(`the file is missing: ?path=C:\... is expected`)
	}
	found, err := h.Drive.Path(local)
	if errors.Is(err, bits.ErrInvalidArgument) {
		return "", badRequest(fmt.Sprintf("%q is not a full path of a file", local))
	}
	if err != nil {
		return "", fmt.Errorf("find %s: %w", local, err)
	}
	return found, nil
}

// readFile looks at a file.
func readFile(h *Host, r *http.Request) (any, error) {
	name, err := place(h, r)
	if err != nil {
		return nil, err
	}
	return look(name)
}

func look(name string) (any, error) {
	info, err := os.Stat(name) //nolint:gosec // place found it below the drive, whatever the request says
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, unknown("there is no such file")
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, unknown("this is not a file")
	}
	f, err := os.Open(name) //nolint:gosec // place found it below the drive, whatever the request says
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
func writeFile(h *Host, r *http.Request) (_ any, err error) {
	name, err := place(h, r)
	if err != nil {
		return nil, err
	}
	if info, err := os.Stat(name); err == nil && !info.Mode().IsRegular() { //nolint:gosec // place found it below the drive, whatever the request says
		return nil, badRequest("this is not a file")
	}
	f, err := os.Create(name) //nolint:gosec // place found it below the drive, whatever the request says
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
	return look(name)
}

// deleteFile removes a file.
func deleteFile(h *Host, r *http.Request) (any, error) {
	name, err := place(h, r)
	if err != nil {
		return nil, err
	}
	if _, err := look(name); err != nil {
		return nil, err
	}
	if err := os.Remove(name); err != nil { //nolint:gosec // place found it below the drive, whatever the request says
		return nil, err
	}
	return done{}, nil
}
