// SPDX-License-Identifier: MPL-2.0

package bitsvc

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"sync/atomic"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
)

// wholeOnly is the size from which a foreground job, too, needs a server that knows Range.
const wholeOnly = 2 << 30

// answerTimeout is how long a server may be silent, in real time. Source: WinHttpSetTimeouts, learn.microsoft.com.
const answerTimeout = 30 * time.Second

// errSilent ends a request whose server does not answer.
var errSilent = errors.New("the server is silent")

// remoteFile is a server's description of a file.
type remoteFile struct {
	size     uint64
	modified time.Time // zero when the server sends none
}

func fatal(h bits.HResult, where bits.ErrorContext) problem {
	return problem{result: h, context: where}
}

// passing is a problem of the network that may pass by itself.
func passing(h bits.HResult) problem {
	return problem{result: h, context: bits.ContextTransport, transient: true}
}

// head requests the file's size. Source: "HTTP Requirements for BITS Downloads", learn.microsoft.com.
func (t *task) head(ctx context.Context) (remoteFile, problem) {
	resp, p := t.do(ctx, http.MethodHead, nil)
	if p.stops() {
		return remoteFile{}, p
	}
	_ = resp.Body.Close()
	switch {
	case resp.StatusCode != http.StatusOK:
		return remoteFile{}, status(resp.StatusCode)
	case resp.ContentLength < 0:
		return remoteFile{}, fatal(bgMissingFileSize, bits.ContextRemoteFile)
	}
	return remoteFile{size: uint64(resp.ContentLength), modified: lastModified(resp)}, problem{}
}

// lastModified is when the server's file was changed; zero when the server sends no time.
func lastModified(resp *http.Response) time.Time {
	at, _ := http.ParseTime(resp.Header.Get("Last-Modified"))
	return at.UTC()
}

// get asks for the file from an offset. A background job always asks for a range, and so does every job that goes on after an
// interruption or fetches a big file: a server without ranges then fails it. A foreground job asks for a smaller file as a whole.
// Sources: "Best Practices When Using BITS" and the example of IBackgroundCopyCallback, learn.microsoft.com.
func (t *task) get(ctx context.Context, offset uint64, seen remoteFile) (*http.Response, problem) {
	header := http.Header{}
	if offset > 0 || !t.foreground || seen.size >= wholeOnly {
		end := min(offset+t.service.chunk, seen.size) - 1
		header.Set("Range", fmt.Sprintf("bytes=%d-%d", offset, end))
	}
	resp, p := t.do(ctx, http.MethodGet, header)
	if p.stops() {
		return nil, p
	}
	ranged := header.Get("Range") != ""
	switch {
	case ranged && resp.StatusCode == http.StatusRequestedRangeNotSatisfiable, seen.differs(resp):
		p = fatal(bgRemoteFileChanged, bits.ContextRemoteFile)
	case ranged && resp.StatusCode == http.StatusPartialContent:
		p = seen.within(resp, offset)
	case ranged && resp.StatusCode == http.StatusOK:
		p = fatal(bgRangeSupport, bits.ContextRemoteFile)
	case resp.StatusCode != http.StatusOK:
		p = status(resp.StatusCode)
	case resp.ContentLength < 0:
		p = fatal(bgMissingFileSize, bits.ContextRemoteFile)
	case uint64(resp.ContentLength) != seen.size:
		p = fatal(bgRemoteFileChanged, bits.ContextRemoteFile)
	}
	if p.stops() {
		_ = resp.Body.Close()
		return nil, p
	}
	return resp, problem{}
}

// differs reports whether an answer with content is of another version of the file, by its time. ETags do not count: servers
// behind one name may each have their own. Source: "File Transfer Consistency", learn.microsoft.com: size and time stamp.
func (f remoteFile) differs(resp *http.Response) bool {
	if resp.StatusCode != http.StatusOK && resp.StatusCode != http.StatusPartialContent {
		return false
	}
	modified := lastModified(resp)
	return !modified.IsZero() && !modified.Equal(f.modified)
}

// within checks that an answer is a part of the file that begins at an offset.
func (f remoteFile) within(resp *http.Response, offset uint64) problem {
	var first, last, size uint64
	_, err := fmt.Sscanf(resp.Header.Get("Content-Range"), "bytes %d-%d/%d", &first, &last, &size)
	switch {
	case err != nil:
		return fatal(bgRangeSupport, bits.ContextRemoteFile)
	case size != f.size:
		return fatal(bgRemoteFileChanged, bits.ContextRemoteFile)
	case first != offset, last < first, last >= size, resp.ContentLength < 0, uint64(resp.ContentLength) != last-first+1:
		return fatal(bgServerResponse, bits.ContextRemoteFile)
	}
	return problem{}
}

// uploadFile tries to begin an upload session, which only IIS with the BITS extension supports.
// Source: MC-BUP, learn.microsoft.com/openspecs.
func (t *task) uploadFile(ctx context.Context) problem {
	if target, ok := remotePath(t.file.remote); ok {
		return t.sendFile(ctx, target)
	}
	resp, p := t.do(ctx, "BITS_POST", http.Header{
		"BITS-Packet-Type":         {"Create-Session"},
		"BITS-Supported-Protocols": {"{7df0354d-249b-430f-820d-3d2a9bef4931}"},
	})
	if p.stops() {
		return p
	}
	_ = resp.Body.Close()
	if resp.StatusCode >= http.StatusBadRequest {
		return status(resp.StatusCode)
	}
	return fatal(bgServerResponse, bits.ContextRemoteFile)
}

// do sends a request without a body, with the job's headers. A server that demands the credential gets it.
// The caller closes the answer's body.
func (t *task) do(ctx context.Context, method string, header http.Header) (*http.Response, problem) {
	resp, p := t.send(ctx, method, header, false)
	if !p.stops() && resp.StatusCode == http.StatusUnauthorized && t.how.canAnswer(resp) {
		_ = resp.Body.Close()
		resp, p = t.send(ctx, method, header, true)
	}
	return resp, p
}

func (t *task) send(ctx context.Context, method string, header http.Header, authorized bool) (*http.Response, problem) {
	proxy, p := t.proxy()
	if p.stops() {
		return nil, p
	}
	var answered atomic.Bool
	trace := &httptrace.ClientTrace{GotFirstResponseByte: func() { answered.Store(true) }}
	options := requestOptions{proxy: proxy, flags: t.how.flags()}
	reqCtx, cancel := context.WithCancelCause(httptrace.WithClientTrace(context.WithValue(ctx, requestOptionsKey{}, options), trace))
	req, err := http.NewRequestWithContext(reqCtx, method, t.file.remote, nil)
	if err != nil {
		cancel(nil)
		return nil, fatal(eInvalidArg, bits.ContextRemoteFile)
	}
	t.how.setHeaders(req.Header)
	for name, values := range header {
		req.Header[name] = values
	}
	if authorized {
		req.SetBasicAuth(t.how.set.Credential.Username, t.how.set.Credential.Password.Reveal())
	}
	if req.Header.Get("Accept") == "" {
		req.Header.Set("Accept", "*/*")
	}
	req.Header.Set("User-Agent", "Microsoft BITS/7.8")
	req.Header.Set("Accept-Encoding", "identity")
	watch := time.AfterFunc(answerTimeout, func() { cancel(errSilent) })
	resp, err := t.service.client.Do(req)
	watch.Stop()
	if err != nil {
		cancel(nil)
		return nil, t.trouble(ctx, err, answered.Load())
	}
	if source := t.how.source(resp, t.file.remote); source != t.file.remote {
		t.update(func() { t.file.remote = source })
	}
	resp.Body = &watched{ReadCloser: resp.Body, watch: watch, cancel: cancel}
	return resp, problem{}
}

// watched is a body whose server must not be silent while it is read.
type watched struct {
	io.ReadCloser
	watch  *time.Timer
	cancel context.CancelCauseFunc
}

func (w *watched) Read(p []byte) (int, error) {
	w.watch.Reset(answerTimeout)
	defer w.watch.Stop()
	return w.ReadCloser.Read(p)
}

func (w *watched) Close() error {
	err := w.ReadCloser.Close()
	w.cancel(nil)
	return err
}

// status is what BITS makes of an HTTP status: some pass, most do not.
func status(code int) problem {
	result := bgHTTPStatus + bits.HResult(code) //nolint:gosec // three digits
	known, _ := bits.Lookup(result)
	return problem{result: result, context: bits.ContextRemoteFile, transient: known.Kind == bits.KindTransient}
}

// trouble is what BITS makes of a failed exchange. Sources: WinHTTP's "Error Messages" and "Event ID 61 - Jobs" (of the answer that
// is not HTTP, which is transient), learn.microsoft.com, and "Debugging Event 61 errors", 2pintsoftware.com (of the lost connection).
func (t *task) trouble(ctx context.Context, err error, answered bool) problem {
	if ctx.Err() != nil {
		return problem{halted: true}
	}
	var (
		dns     *net.DNSError
		cert    *tls.CertificateVerificationError
		alert   tls.AlertError
		record  tls.RecordHeaderError
		timeout net.Error
		op      *net.OpError
	)
	switch {
	case errors.Is(err, errSilent), errors.Is(err, context.Canceled): // only the watch cancels a request of a live run
		return passing(winhttpTimeout)
	case errors.Is(err, errRedirect):
		return fatal(winhttpRedirect, bits.ContextRemoteFile)
	case errors.Is(err, errNoCertificate):
		return fatal(winhttpNeedsCert, bits.ContextTransport)
	case errors.As(err, &dns):
		return passing(winhttpNameUnknown)
	case errors.As(err, &cert):
		return fatal(winhttpSecureFailed, bits.ContextTransport)
	case errors.As(err, &alert), errors.As(err, &record), errors.Is(err, http.ErrSchemeMismatch):
		return fatal(winhttpNoChannel, bits.ContextTransport)
	case errors.As(err, &timeout) && timeout.Timeout():
		return passing(winhttpTimeout)
	case errors.As(err, &op) && op.Op == "dial":
		return passing(winhttpNoConnection)
	case answered && !errors.As(err, &op) && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF):
		return passing(winhttpGarbage)
	}
	return passing(winhttpBroken)
}

// broken reports whether the connection could not be made or was lost.
func (p problem) broken() bool {
	return !p.halted && (p.result == winhttpBroken || p.result == winhttpNoConnection)
}
