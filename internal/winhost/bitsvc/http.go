package bitsvc

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
)

// wholeOnly is the size from which a foreground job, too, needs a server that knows Range.
const wholeOnly = 2 << 30

// remoteFile is what a server says of a file.
type remoteFile struct {
	size     *uint64
	etag     string
	modified time.Time
}

func fatal(h bits.HResult, where bits.ErrorContext) problem {
	return problem{result: h, context: where}
}

func passing(h bits.HResult, where bits.ErrorContext) problem {
	return problem{result: h, context: where, transient: true}
}

// contextOf guesses where a result comes from, for failures that are made.
func contextOf(h bits.HResult) bits.ErrorContext {
	if h&0xFFFF0000 == bgHTTPStatus {
		return bits.ContextRemoteFile
	}
	return bits.ContextQueueManager
}

func (f *file) remoteIsSMB() bool { return !strings.HasPrefix(strings.ToLower(f.remote), "http") }

// head asks for the file's size. Source: "HTTP Requirements for BITS Downloads", learn.microsoft.com.
func (t *task) head(ctx context.Context) (remoteFile, problem) {
	resp, p := t.do(ctx, http.MethodHead, nil)
	if p.halted || p.result != 0 {
		return remoteFile{}, p
	}
	_ = resp.Body.Close()
	switch {
	case resp.StatusCode == http.StatusMethodNotAllowed || resp.StatusCode == http.StatusNotImplemented:
		return remoteFile{}, fatal(bgHTTPSupport, bits.ContextRemoteFile)
	case resp.StatusCode >= http.StatusBadRequest:
		return remoteFile{}, status(resp.StatusCode)
	case resp.ContentLength < 0:
		return remoteFile{}, fatal(bgMissingFileSize, bits.ContextRemoteFile)
	}
	size := uint64(resp.ContentLength)
	seen := remoteFile{size: &size, etag: resp.Header.Get("ETag")}
	if at, err := http.ParseTime(resp.Header.Get("Last-Modified")); err == nil {
		seen.modified = at.UTC()
	}
	return seen, problem{}
}

// get asks for the rest of the file. A background job always asks for a range, a foreground job only to go on:
// a server without ranges serves it from the start.
func (t *task) get(ctx context.Context, offset uint64) (*http.Response, problem) {
	header := http.Header{}
	if offset > 0 || !t.foreground {
		header.Set("Range", fmt.Sprintf("bytes=%d-", offset))
	}
	if t.file.total != nil && *t.file.total == 0 {
		header.Del("Range") // no range of an empty file can be satisfied
	}
	resp, p := t.do(ctx, http.MethodGet, header)
	if p.halted || p.result != 0 {
		return nil, p
	}
	ranged := header.Get("Range") != ""
	switch {
	case resp.StatusCode >= http.StatusBadRequest:
		p = status(resp.StatusCode)
	case ranged && resp.StatusCode != http.StatusPartialContent && (!t.foreground || *t.file.total >= wholeOnly):
		p = fatal(bgRangeSupport, bits.ContextRemoteFile)
	default:
		return resp, problem{}
	}
	_ = resp.Body.Close()
	return nil, p
}

// upload asks the far side to begin an upload session, which only IIS with the BITS extension can.
// Source: MC-BUP, learn.microsoft.com/openspecs.
func (t *task) upload(ctx context.Context) problem {
	if t.file.remoteIsSMB() {
		return fatal(fileNotFound, bits.ContextRemoteFile)
	}
	resp, p := t.do(ctx, "BITS_POST", http.Header{
		"BITS-Packet-Type":         {"Create-Session"},
		"BITS-Supported-Protocols": {"{7df0354d-249b-430f-820d-3d2a9bef4931}"},
	})
	if p.halted || p.result != 0 {
		return p
	}
	_ = resp.Body.Close()
	if resp.StatusCode >= http.StatusBadRequest {
		return status(resp.StatusCode)
	}
	return fatal(bgServerResponse, bits.ContextRemoteFile)
}

// do sends a request without a body.
func (t *task) do(ctx context.Context, method string, header http.Header) (*http.Response, problem) {
	req, err := http.NewRequestWithContext(ctx, method, t.file.remote, nil)
	if err != nil {
		return nil, fatal(eInvalidArg, bits.ContextRemoteFile)
	}
	for name, values := range header {
		req.Header[name] = values
	}
	req.Header.Set("User-Agent", "Microsoft BITS/7.8")
	req.Header.Set("Accept-Encoding", "identity")
	resp, err := t.service.client.Do(req)
	if err != nil {
		return nil, t.trouble(ctx, err)
	}
	return resp, problem{}
}

// status is what BITS makes of an HTTP status: 5xx passes, the rest does not.
func status(code int) problem {
	p := fatal(bgHTTPStatus+bits.HResult(code), bits.ContextRemoteFile) //nolint:gosec // three digits
	p.transient = code >= http.StatusInternalServerError && code != http.StatusNotImplemented &&
		code != http.StatusHTTPVersionNotSupported || code == http.StatusRequestTimeout
	return p
}

// trouble is what BITS makes of a failed exchange.
func (t *task) trouble(ctx context.Context, err error) problem {
	if ctx.Err() != nil {
		return problem{halted: true}
	}
	var (
		dns     *net.DNSError
		cert    *tls.CertificateVerificationError
		timeout net.Error
		op      *net.OpError
	)
	switch {
	case errors.As(err, &dns):
		return passing(winhttpNameUnknown, bits.ContextTransport)
	case errors.As(err, &cert):
		return fatal(winhttpSecureFailed, bits.ContextTransport)
	case errors.As(err, &timeout) && timeout.Timeout():
		return passing(winhttpTimeout, bits.ContextTransport)
	case errors.As(err, &op) && op.Op == "dial":
		return passing(bgConnectFailure, bits.ContextTransport)
	}
	return passing(bgConnectionClosed, bits.ContextTransport)
}
