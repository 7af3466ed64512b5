package bitsvc

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
)

// transfer moves the files of a job, one after the other, until they are there or the run ends.
func (s *Service) transfer(ctx context.Context, j *job, r *run) {
	for {
		s.mu.Lock()
		if j.run != r {
			s.mu.Unlock()
			return
		}
		f := j.unfinished()
		if f == nil {
			now := s.clock.Now()
			j.transferred, j.run = &now, nil
			r.stop()
			j.previous = r
			j.state = bits.StateTransferred
			s.touch(j)
			s.schedule()
			s.mu.Unlock()
			return
		}
		j.state = bits.StateConnecting
		s.notify()
		foreground := j.priority == bits.PriorityForeground
		upload := j.direction != bits.Download
		s.mu.Unlock()

		t := &task{service: s, job: j, run: r, file: f, foreground: foreground}
		p := problem{}
		if upload {
			p = t.upload(ctx)
		} else {
			p = t.download(ctx)
		}
		if p.result == 0 && !p.halted {
			continue
		}
		s.mu.Lock()
		if j.run == r && !p.halted {
			j.halt()
			s.fail(j, f, p)
		}
		s.mu.Unlock()
		return
	}
}

// task is the transfer of one file during one run.
type task struct {
	service    *Service
	job        *job
	run        *run
	file       *file
	foreground bool
}

// update changes the job unless the run is over, and reports whether it is not.
func (t *task) update(change func()) bool {
	s := t.service
	s.mu.Lock()
	defer s.mu.Unlock()
	if t.job.run != t.run {
		return false
	}
	change()
	s.notify()
	return true
}

// download asks for the size, goes on where the last run ended, and reads to the end.
func (t *task) download(ctx context.Context) problem {
	if t.file.remoteIsSMB() {
		return fatal(fileNotFound, bits.ContextRemoteFile) // this host has no network but HTTP
	}
	offset, p := t.prepare(ctx)
	if p.result != 0 || p.halted {
		return p
	}
	return t.fetch(ctx, offset)
}

// prepare learns the size of the far file and gives the offset to go on from.
func (t *task) prepare(ctx context.Context) (uint64, problem) {
	seen, p := t.head(ctx)
	if p.result != 0 || p.halted {
		return 0, p
	}
	offset := uint64(0)
	going := t.update(func() {
		f := t.file
		if f.etag != seen.etag || !f.modified.Equal(seen.modified) {
			f.got = 0 // the far file changed: from the start
		}
		f.etag, f.modified, f.total = seen.etag, seen.modified, seen.size
		offset = f.got
	})
	if !going {
		return 0, problem{halted: true}
	}
	return offset, problem{}
}

// fetch reads the file from an offset.
func (t *task) fetch(ctx context.Context, offset uint64) problem {
	resp, p := t.get(ctx, offset)
	if p.result != 0 || p.halted {
		return p
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode == http.StatusOK {
		offset = 0
	}
	out, err := t.open(offset)
	if err != nil {
		return fatal(eAccessDenied, bits.ContextLocalFile)
	}
	defer func() { _ = out.Close() }()
	if !t.update(func() {
		t.file.got = offset
		t.job.state = bits.StateTransferring
	}) {
		return problem{halted: true}
	}
	return t.copy(ctx, out, resp.Body)
}

// open opens the temporary file beside the destination at an offset.
func (t *task) open(offset uint64) (*os.File, error) {
	if t.file.temporary == "" {
		name := fmt.Sprintf("BIT%04X.tmp", rand.IntN(1<<16)) //nolint:gosec // a name, not a secret
		t.update(func() { t.file.temporary = filepath.Join(filepath.Dir(t.file.place), name) })
	}
	out, err := os.OpenFile(t.file.temporary, os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	if err := out.Truncate(int64(offset)); err != nil { //nolint:gosec // below a file's size
		_ = out.Close()
		return nil, err
	}
	if _, err := out.Seek(0, io.SeekEnd); err != nil {
		_ = out.Close()
		return nil, err
	}
	return out, nil
}

// copy takes the bytes in pieces, as fast as the link allows.
func (t *task) copy(ctx context.Context, out io.Writer, body io.Reader) problem {
	piece := make([]byte, 32<<10)
	for {
		n, err := body.Read(piece)
		if n > 0 {
			if !t.service.link.take(ctx, n) {
				return problem{halted: true}
			}
			if _, err := out.Write(piece[:n]); err != nil {
				return fatal(eFail, bits.ContextLocalFile)
			}
			if !t.arrived(n) {
				return problem{halted: true}
			}
		}
		if err == io.EOF { //nolint:errorlint // an io.Reader gives it as it is
			break
		}
		if err != nil {
			return t.trouble(ctx, err)
		}
	}
	whole := false
	if !t.update(func() {
		whole = t.file.total == nil || t.file.got == *t.file.total
		t.file.whole = whole
	}) {
		return problem{halted: true}
	}
	if !whole {
		return passing(bgConnectionClosed, bits.ContextTransport)
	}
	return problem{}
}

// arrived counts bytes, which is progress.
func (t *task) arrived(n int) bool {
	return t.update(func() {
		t.file.got += uint64(n) //nolint:gosec // never negative
		t.job.progressed = t.service.clock.Now()
	})
}
