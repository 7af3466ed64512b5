package bitsvc

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash/fnv"
	"io"
	"net/http"
	"strconv"
	"time"
)

// DefaultFileSize is the size of a file whose URL names none.
const DefaultFileSize = 1 << 20

// maxSize bounds what a URL may ask for.
const maxSize = 1 << 40

// modified is when every file was last changed.
var modified = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// FileServer is a server to download from: every path is a file of deterministic bytes, which are not stored anywhere. The query says how:
//
//	size=BYTES   the file's size (1 MiB without it)
//	rate=BYTES   bytes a second
//	status=404   this status instead of the file
//	norange=1    ranges are ignored
//	nolength=1   no Content-Length
//	nohead=1     HEAD is not allowed
//	headstatus=403  this status at HEAD, as S3 has for a URL that is signed for GET
func FileServer() http.Handler { return http.HandlerFunc(serve) }

func serve(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	size, errSize := number(q.Get("size"), DefaultFileSize)
	rate, errRate := number(q.Get("rate"), 0)
	status, errStatus := number(q.Get("status"), http.StatusOK)
	if r.Method == http.MethodHead && q.Has("headstatus") {
		status, errStatus = number(q.Get("headstatus"), http.StatusOK)
	}
	if errSize != nil || errRate != nil || errStatus != nil || size > maxSize || status < 200 || status > 599 {
		http.Error(w, "size: a number of bytes is expected, rate: of bytes per second, status, headstatus: 200 to 599", http.StatusBadRequest)
		return
	}
	if status != http.StatusOK {
		w.WriteHeader(int(status))
		return
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead || r.Method == http.MethodHead && q.Get("nohead") == "1" {
		w.Header().Set("Allow", http.MethodGet)
		w.WriteHeader(http.StatusMethodNotAllowed)
		return
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("ETag", fmt.Sprintf(`"%x-%x"`, seed(r.URL.Path), size))
	if rate > 0 {
		w = &paced{ResponseWriter: w, ctx: r.Context(), link: link{rate: rate}}
	}
	whole(w, r, OpenFile(r.URL.Path, size), q.Get("norange") == "1", q.Get("nolength") == "1")
}

// whole serves a file as http.ServeContent does, without what the query forbids.
func whole(w http.ResponseWriter, r *http.Request, content *io.SectionReader, noRange, noLength bool) {
	if !noRange && !noLength {
		http.ServeContent(w, r, "", modified, content)
		return
	}
	w.Header().Set("Last-Modified", modified.Format(http.TimeFormat))
	if !noLength {
		w.Header().Set("Content-Length", strconv.FormatInt(content.Size(), 10))
	}
	w.WriteHeader(http.StatusOK)
	if noLength {
		_ = http.NewResponseController(w).Flush() // without it a short file would get a length after all
	}
	if r.Method == http.MethodGet {
		_, _ = io.Copy(w, content)
	}
}

func number(text string, otherwise int64) (int64, error) {
	if text == "" {
		return otherwise, nil
	}
	n, err := strconv.ParseUint(text, 10, 63)
	return int64(n), err
}

// content is endless bytes, which differ by their seed.
type content uint64

// seed makes the files of different paths differ.
func seed(path string) content {
	h := fnv.New64a()
	_, _ = io.WriteString(h, path)
	return content(h.Sum64())
}

// OpenFile returns the bytes of the file that the handler serves at a path, in a size.
func OpenFile(path string, size int64) *io.SectionReader {
	return io.NewSectionReader(seed(path), 0, size)
}

// FileSHA256 returns the digest of a file's bytes in lower-case hexadecimal digits.
func FileSHA256(path string, size int64) string {
	h := sha256.New()
	_, _ = io.Copy(h, OpenFile(path, size))
	return hex.EncodeToString(h.Sum(nil))
}

// ReadAt is for [io.ReaderAt].
func (c content) ReadAt(p []byte, offset int64) (int, error) {
	for i := range p {
		p[i] = c.at(offset + int64(i))
	}
	return len(p), nil
}

// at is the byte at an offset: eight of them come from one mixed number (SplitMix64).
func (c content) at(offset int64) byte {
	z := uint64(c) + uint64(offset/8)*0x9E3779B97F4A7C15 //nolint:gosec // not negative
	z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9
	z = (z ^ (z >> 27)) * 0x94D049BB133111EB
	z ^= z >> 31
	return byte(z >> (8 * uint(offset%8))) //nolint:gosec // not negative
}

// paced writes at a rate.
type paced struct {
	http.ResponseWriter
	ctx  context.Context //nolint:containedctx // of the request, whose writer this is
	link link
}

// Unwrap is for http.ResponseController.
func (p *paced) Unwrap() http.ResponseWriter { return p.ResponseWriter }

func (p *paced) Write(b []byte) (int, error) {
	written := 0
	for len(b) > 0 {
		piece := b[:min(len(b), int(p.link.piece()))]
		n, err := p.ResponseWriter.Write(piece)
		written += n
		if err != nil {
			return written, err
		}
		_ = http.NewResponseController(p.ResponseWriter).Flush()
		b = b[n:]
		if !p.link.take(p.ctx, n) {
			return written, p.ctx.Err()
		}
	}
	return written, nil
}
