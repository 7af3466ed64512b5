// SPDX-License-Identifier: MPL-2.0

package bitsvc

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash/fnv"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// DefaultFileSize is the size of a file whose URL names none.
const DefaultFileSize = 1 << 20

// maxSize bounds what a URL may ask for.
const maxSize = 1 << 40

// modified is when every file was last changed.
var modified = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// FileServerHelp lists the parameters of a URL of [FileServer].
const FileServerHelp = `  size=BYTES       size of the file (default 1 MiB)
  rate=BYTES       bytes per second
  status=404       this status instead of the file
  headstatus=403   this status for HEAD only, as S3 returns for a URL that is signed for GET
  redirect=URL     a redirect; redirect=loop redirects to itself
  etag=random      a different ETag with every response
  cut=BYTES        close the connection after this many bytes of every response
  grow=BYTES       GET returns this many bytes more than HEAD announced
  norange=1        ignore ranges
  nolength=1       no Content-Length
`

// FileServer is a server to download from: every path is a file of deterministic bytes, which are not stored anywhere. The query of a
// URL controls how it is served: see [FileServerHelp].
func FileServer() http.Handler { return http.HandlerFunc(serve) }

// order is how a file is to be served.
type order struct {
	size, rate, status, headStatus, cut, grow int64
	redirect                                  string
	randomETag, noRange, noLength             bool
}

// read reads the order from a query.
func (o *order) read(q url.Values) error {
	*o = order{
		size: DefaultFileSize, status: http.StatusOK, headStatus: http.StatusOK, cut: -1,
		redirect: q.Get("redirect"), randomETag: q.Get("etag") == "random", noRange: q.Get("norange") == "1", noLength: q.Get("nolength") == "1",
	}
	for name, number := range map[string]*int64{
		"size": &o.size, "rate": &o.rate, "status": &o.status, "headstatus": &o.headStatus, "cut": &o.cut, "grow": &o.grow,
	} {
		text := q.Get(name)
		if text == "" {
			continue
		}
		n, err := strconv.ParseUint(text, 10, 63)
		if err != nil || n > maxSize || strings.HasSuffix(name, "status") && (n < 200 || n > 599) {
			return fmt.Errorf("%s=%s: a number of bytes, or a status from 200 to 599, is expected", name, text)
		}
		*number = int64(n)
	}
	return nil
}

// refusal is the status that a request gets instead of the file; 200: none.
func (o order) refusal(method string) int {
	switch {
	case o.status != http.StatusOK:
		return int(o.status)
	case method == http.MethodHead:
		return int(o.headStatus)
	case method != http.MethodGet:
		return http.StatusMethodNotAllowed
	}
	return http.StatusOK
}

func serve(w http.ResponseWriter, r *http.Request) {
	var o order
	if err := o.read(r.URL.Query()); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	if status := o.refusal(r.Method); status != http.StatusOK {
		w.WriteHeader(status)
		return
	}
	if target := o.redirect; target != "" {
		if target == "loop" {
			target = r.URL.String()
		}
		w.Header().Set("Location", target)
		w.WriteHeader(http.StatusFound)
		return
	}
	o.send(w, r)
}

// send sends the file.
func (o order) send(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("ETag", fmt.Sprintf(`"%x-%x"`, seed(r.URL.Path), o.size))
	if o.randomETag {
		w.Header().Set("ETag", `"`+rand.Text()+`"`)
	}
	if o.rate > 0 {
		w = &paced{ResponseWriter: w, ctx: r.Context(), link: link{rate: o.rate}}
	}
	if o.cut >= 0 {
		w = &cutting{ResponseWriter: w, left: o.cut}
	}
	size := o.size
	if r.Method == http.MethodGet {
		size += o.grow
	}
	content := OpenFile(r.URL.Path, size)
	if o.noRange || o.noLength {
		o.whole(w, r, content)
		return
	}
	http.ServeContent(w, r, "", modified, content)
}

// whole sends the file as http.ServeContent does, without what is not wanted.
func (o order) whole(w http.ResponseWriter, r *http.Request, content *io.SectionReader) {
	w.Header().Set("Last-Modified", modified.Format(http.TimeFormat))
	if !o.noLength {
		w.Header().Set("Content-Length", strconv.FormatInt(content.Size(), 10))
	}
	w.WriteHeader(http.StatusOK)
	if o.noLength {
		_ = http.NewResponseController(w).Flush() // without it a short file would get a length after all
	}
	if r.Method == http.MethodGet {
		_, _ = io.Copy(w, content)
	}
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

// cutting ends the connection after some bytes.
type cutting struct {
	http.ResponseWriter
	left int64
}

// Unwrap is for http.ResponseController.
func (c *cutting) Unwrap() http.ResponseWriter { return c.ResponseWriter }

func (c *cutting) Write(b []byte) (int, error) {
	if int64(len(b)) <= c.left {
		c.left -= int64(len(b))
		return c.ResponseWriter.Write(b)
	}
	_, _ = c.ResponseWriter.Write(b[:c.left])
	_ = http.NewResponseController(c.ResponseWriter).Flush()
	panic(http.ErrAbortHandler)
}
