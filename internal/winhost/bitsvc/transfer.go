// SPDX-License-Identifier: MPL-2.0

package bitsvc

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
)

// transfer moves the files of a job, one after the other, until they are there or the run ends.
func (s *Service) transfer(ctx context.Context, j *job, r *run) {
	for {
		t := s.nextFile(j, r)
		if t == nil {
			return
		}
		move := t.download
		if t.upload {
			move = t.uploadFile
		}
		if s.ended(t, t.insist(ctx, move)) {
			return
		}
	}
}

// quickTries is how often in a row BITS tries a connection before it backs off.
// Source: "Debugging Event 61 errors", 2pintsoftware.com: three times within a second, each with its events.
const quickTries = 3

// insist moves a file, and begins again at once when the connection breaks before a byte has come.
func (t *task) insist(ctx context.Context, move func(context.Context) problem) problem {
	for try := 1; ; try++ {
		before := t.file.got
		p := move(ctx)
		if !p.broken() || try == quickTries || t.file.got != before {
			return p
		}
		if halted := t.update(func() {
			t.service.noteTransfer(eventStoppedByError, t.job, t.file, p.result)
			t.service.noteTransfer(eventStarted, t.job, t.file, 0)
		}); halted.stops() {
			return halted
		}
	}
}

// nextFile begins the transfer of the job's next file; nil when the run is over, or the job transferred.
func (s *Service) nextFile(j *job, r *run) *task {
	s.mu.Lock()
	defer s.mu.Unlock()
	if j.run != r {
		return nil
	}
	f := j.unfinished()
	if f == nil {
		j.transferred, j.run, j.previous = pointer(s.clock.Now()), nil, r
		r.end()
		s.become(j, bits.StateTransferred)
		s.schedule()
		return nil
	}
	s.become(j, bits.StateConnecting)
	s.noteTransfer(eventStarted, j, f, 0)
	return &task{
		service: s, job: j, run: r, file: f, foreground: j.priority == bits.PriorityForeground, upload: j.direction != bits.Download,
		how: j.settings,
	}
}

// ended records how the transfer of a file ended, and reports whether the job's transfer ends with it.
func (s *Service) ended(t *task, p problem) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if p.halted || !p.stops() {
		s.noteTransfer(eventStopped, t.job, t.file, 0)
	}
	if p.stops() && !p.halted && t.job.run == t.run {
		t.job.halt()
		s.fail(t.job, t.file, p)
	}
	return p.stops()
}

// task is the transfer of one file during one run.
type task struct {
	service    *Service
	job        *job
	run        *run
	file       *file
	foreground bool
	upload     bool
	how        settings // when the file's turn came
}

// update changes the job unless the run is over, which is a problem.
func (t *task) update(change func()) problem {
	s := t.service
	s.mu.Lock()
	defer s.mu.Unlock()
	if t.job.run != t.run {
		return problem{halted: true}
	}
	change()
	s.notify()
	return problem{}
}

const (
	chunkSize   = 1 << 20 // size of one request to a server that supports Range
	maxRestarts = 3       // of a file that changes while it is read, before that is an error
)

// download asks for the size, goes on where the last run ended, and reads to the end. A file that changed on the
// server begins again. Source: "File Transfer Consistency", learn.microsoft.com.
func (t *task) download(ctx context.Context) problem {
	if _, err := t.place(t.file.local); err != nil {
		return refusal(err, bits.ContextLocalFile)
	}
	if source, ok := remotePath(t.file.remote); ok {
		return t.fetchFile(ctx, source)
	}
	if p := t.unsimulated(); p.stops() {
		return p
	}
	if t.streams() {
		return t.stream(ctx)
	}
	for range maxRestarts {
		seen, p := t.head(ctx)
		if p.stops() {
			return p
		}
		if p = t.update(func() { t.file.meet(seen) }); p.stops() {
			return p
		}
		if p = t.fetch(ctx, seen); p.result != bgRemoteFileChanged {
			return p
		}
		if p = t.update(func() { t.file.got = 0 }); p.stops() {
			return p
		}
	}
	return fatal(bgRemoteFileChanged, bits.ContextRemoteFile)
}

// meet records the server's description of the file; bytes of another version are dropped.
func (f *file) meet(seen remoteFile) {
	if !f.modified.Equal(seen.modified) || f.total == nil || *f.total != seen.size {
		f.got = 0
	}
	f.modified, f.total = seen.modified, pointer(seen.size)
}

// fetch reads the rest of the file, chunk by chunk. The file then has the server's time, or the host's.
// Source: BG_FILE_INFO, learn.microsoft.com.
func (t *task) fetch(ctx context.Context, seen remoteFile) problem {
	out, p := t.open()
	if p.stops() {
		return p
	}
	defer func() { _ = out.Close() }()
	for offset := t.file.got; offset < seen.size; offset = t.file.got {
		if p := t.part(ctx, out, offset, seen); p.stops() {
			return p
		}
	}
	return t.finish(out, seen.modified)
}

// finish sets a file's time and counts it as whole.
func (t *task) finish(out *os.File, at time.Time) problem {
	if at.IsZero() {
		at = t.service.clock.Now()
	}
	if err := os.Chtimes(out.Name(), at, at); err != nil {
		return refusal(err, bits.ContextLocalFile)
	}
	return t.update(func() { t.file.whole = true })
}

// open opens the temporary file beside the destination behind the bytes that are there. When it lost some, it begins
// again.
func (t *task) open() (*os.File, problem) {
	if err := t.service.drive.Take(t.file.local, 0); err != nil {
		return nil, refusal(err, bits.ContextLocalFile)
	}
	out, err := os.OpenFile(t.file.temporary, os.O_WRONLY, 0)
	if errors.Is(err, fs.ErrNotExist) {
		out, err = createTemporary(filepath.Dir(t.file.place))
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fatal(pathNotFound, bits.ContextLocalFile)
	}
	if err != nil {
		return nil, refusal(err, bits.ContextLocalFile)
	}
	info, err := out.Stat()
	if err != nil {
		_ = out.Close()
		return nil, refusal(err, bits.ContextLocalFile)
	}
	if p := t.update(func() {
		t.file.temporary = out.Name()
		if size := uint64(max(info.Size(), 0)); size < t.file.got {
			t.file.got = 0
		}
	}); p.stops() {
		t.abandon(out)
		return nil, p
	}
	return out, problem{}
}

// abandon closes a temporary file, and removes one that the job does not know: whoever ended the run could not remove it.
func (t *task) abandon(out *os.File) {
	_ = out.Close()
	if out.Name() != t.file.temporary {
		_ = os.Remove(out.Name())
	}
}

// part reads one answer of the server: a range, or the whole file.
func (t *task) part(ctx context.Context, out *os.File, offset uint64, seen remoteFile) problem {
	resp, p := t.get(ctx, offset, seen)
	if p.stops() {
		return p
	}
	defer func() { _ = resp.Body.Close() }()
	if err := cut(out, offset); err != nil {
		return refusal(err, bits.ContextLocalFile)
	}
	if p := t.update(func() {
		t.file.got = offset
		t.service.become(t.job, bits.StateTransferring)
	}); p.stops() {
		return p
	}
	return t.copy(ctx, out, io.LimitReader(resp.Body, resp.ContentLength), resp.ContentLength)
}

// cut makes a file end at an offset and goes there.
func cut(out *os.File, offset uint64) error {
	if err := out.Truncate(int64(offset)); err != nil { //nolint:gosec // below a file's size
		return err
	}
	_, err := out.Seek(0, io.SeekEnd)
	return err
}

// copy takes so many bytes in pieces, as fast as the link allows; a negative number is as many as there are.
func (t *task) copy(ctx context.Context, out io.Writer, body io.Reader, left int64) problem {
	piece := make([]byte, t.service.link.piece())
	for left != 0 {
		n, err := body.Read(piece)
		if p := t.store(ctx, out, piece[:n]); p.stops() {
			return p
		}
		if left > 0 {
			left -= int64(n)
		}
		switch {
		case left < 0 && errors.Is(err, io.EOF):
			return problem{}
		case err != nil && left != 0:
			return t.trouble(ctx, err, true)
		}
	}
	return problem{}
}

// store writes a piece that the link has carried.
func (t *task) store(ctx context.Context, out io.Writer, piece []byte) problem {
	if len(piece) == 0 {
		return problem{}
	}
	if !t.service.link.take(ctx, len(piece)) {
		return problem{halted: true}
	}
	if !t.upload {
		if err := t.service.drive.Take(t.file.local, len(piece)); err != nil {
			return refusal(err, bits.ContextLocalFile)
		}
	}
	if _, err := out.Write(piece); err != nil {
		return refusal(err, bits.ContextLocalFile)
	}
	return t.update(func() { // bytes are progress
		t.file.got += uint64(len(piece))
		t.job.advance(t.service.clock.Now())
	})
}

// streams reports whether the file comes in one answer of which nothing is known before: content made on the fly, or
// the answer to another method than GET. BITS does that in foreground only.
// Source: BITS_JOB_PROPERTY_ID and IBackgroundCopyJobHttpOptions2::SetHttpMethod, learn.microsoft.com.
func (t *task) streams() bool {
	return t.foreground && (*t.how.set.Dynamic || *t.how.set.HTTPMethod != http.MethodGet)
}

// stream reads the whole file from the start.
func (t *task) stream(ctx context.Context) problem {
	if p := t.update(func() { t.file.got, t.file.total = 0, nil }); p.stops() {
		return p
	}
	out, p := t.open()
	if p.stops() {
		return p
	}
	defer func() { _ = out.Close() }()
	resp, p := t.do(ctx, *t.how.set.HTTPMethod, nil)
	if p.stops() {
		return p
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		return status(resp.StatusCode)
	}
	if err := cut(out, 0); err != nil {
		return refusal(err, bits.ContextLocalFile)
	}
	if p := t.update(func() { t.service.become(t.job, bits.StateTransferring) }); p.stops() {
		return p
	}
	if p := t.copy(ctx, out, resp.Body, resp.ContentLength); p.stops() {
		return p
	}
	if p := t.update(func() { t.file.total = pointer(t.file.got) }); p.stops() {
		return p
	}
	return t.finish(out, lastModified(resp))
}
