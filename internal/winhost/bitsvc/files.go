// SPDX-License-Identifier: MPL-2.0

package bitsvc

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
)

// remotePath is the Windows path that is meant by a far side's name, unless that is an address of HTTP: a path with a drive or of a
// share, or a URL of the scheme file. Sources: BG_FILE_INFO, learn.microsoft.com, and test_AddFile, test_CompleteLocal and
// test_CompleteLocalURL of Wine's dlls/qmgr/tests/job.c, which pass on Windows, for C:\... and file://C:\...
func remotePath(remote string) (path string, ok bool) {
	const scheme = "file://"
	path = remote
	if len(remote) > len(scheme) && strings.EqualFold(remote[:len(scheme)], scheme) {
		path = strings.TrimPrefix(strings.ReplaceAll(remote[len(scheme):], "/", `\`), `\`)
		if !onDrive(path) {
			path = `\\` + path
		}
	}
	return path, onDrive(path) || strings.HasPrefix(path, `\\`)
}

func onDrive(path string) bool { return len(path) > 2 && path[1] == ':' && path[2] == '\\' }

// networkAccount is who a job's owner is to other computers: LocalSystem is the computer itself.
// Source: "Service Accounts and BITS", learn.microsoft.com.
func (s *Service) networkAccount(c Caller) string {
	if c.System {
		return s.account
	}
	return c.Account
}

// place finds a path that the job's owner may use.
func (t *task) place(path string) (string, error) {
	if err := t.service.drive.MayUse(path, t.service.networkAccount(t.job.owner)); err != nil {
		return "", err
	}
	return t.service.drive.Path(path)
}

// fetchFile copies a file of the host's drive or of a share, and goes on where the last run ended. Times come with it.
// Source: BG_FILE_INFO, learn.microsoft.com.
func (t *task) fetchFile(ctx context.Context, source string) problem {
	in, seen, p := t.openPath(source, bits.ContextRemoteFile)
	if p.stops() {
		return p
	}
	defer func() { _ = in.Close() }()
	if p := t.update(func() { t.file.meet(seen) }); p.stops() {
		return p
	}
	out, p := t.open()
	if p.stops() {
		return p
	}
	defer func() { _ = out.Close() }()
	if p := t.copyFile(ctx, out, in, t.file.got, seen.size); p.stops() {
		return p
	}
	return t.finish(out, seen.modified)
}

// sendFile copies the job's file to a path of the host's drive or of a share, where it has its name once it is whole.
func (t *task) sendFile(ctx context.Context, target string) problem {
	in, seen, p := t.openPath(t.file.local, bits.ContextLocalFile)
	if p.stops() {
		return p
	}
	defer func() { _ = in.Close() }()
	place, err := t.place(target)
	if err != nil {
		return refusal(err, bits.ContextRemoteFile)
	}
	out, err := createTemporary(filepath.Dir(place))
	if err != nil {
		return refusal(err, bits.ContextRemoteFile)
	}
	defer func() { _ = out.Close(); _ = os.Remove(out.Name()) }()
	if p := t.update(func() { t.file.got, t.file.total = 0, &seen.size }); p.stops() {
		return p
	}
	if p := t.copyFile(ctx, out, in, 0, seen.size); p.stops() {
		return p
	}
	err = out.Close() // Windows renames no file that is open
	if err == nil {
		err = os.Rename(out.Name(), place)
	}
	if err == nil {
		err = os.Chtimes(place, time.Time{}, seen.modified)
	}
	if err != nil {
		return refusal(err, bits.ContextRemoteFile)
	}
	return t.update(func() { t.file.whole = true })
}

// openPath opens a file to read it as the job's owner.
func (t *task) openPath(path string, where bits.ErrorContext) (*os.File, remoteFile, problem) {
	place, err := t.place(path)
	if err != nil {
		return nil, remoteFile{}, refusal(err, where)
	}
	in, err := os.Open(place) //nolint:gosec // a file of the simulated host
	if err != nil {
		return nil, remoteFile{}, refusal(err, where)
	}
	info, err := in.Stat()
	if err != nil || info.IsDir() {
		_ = in.Close()
		return nil, remoteFile{}, refusal(err, where)
	}
	return in, remoteFile{size: uint64(max(info.Size(), 0)), modified: info.ModTime().UTC()}, problem{}
}

// copyFile copies what is behind an offset.
func (t *task) copyFile(ctx context.Context, out, in *os.File, offset, size uint64) problem {
	left := int64(size - offset) //nolint:gosec // below a file's size
	if _, err := in.Seek(-left, io.SeekEnd); err != nil {
		return fatal(bgRemoteFileChanged, bits.ContextRemoteFile)
	}
	if err := cut(out, offset); err != nil {
		return refusal(err, bits.ContextLocalFile)
	}
	if p := t.update(func() { t.service.become(t.job, bits.StateTransferring) }); p.stops() {
		return p
	}
	p := t.copy(ctx, out, in, left)
	if p.stops() && !p.halted && p.context == bits.ContextTransport { // it ended early
		return fatal(bgRemoteFileChanged, bits.ContextRemoteFile)
	}
	return p
}
