// SPDX-License-Identifier: MPL-2.0

package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"maps"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// The files that hosts fetch, in bytes.
const (
	smallFile = 1000
	slowFile  = 10 << 20
	slowPiece = 64 << 10
)

// files is a server of small files, which writes down what is asked of it.
type files struct {
	url    string
	other  string // the same files at another port, which asks for a credential
	server *http.Server

	mu       sync.Mutex
	requests []string
}

// serveFiles listens where the host can reach it.
func serveFiles(ctx context.Context, address string) (*files, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil || host == "" || net.ParseIP(host).IsUnspecified() {
		return nil, fmt.Errorf("serve files: %q names no address that the host can reach: 10.0.0.5:8099 does", address)
	}
	f := &files{}
	f.server = &http.Server{Handler: f, ReadHeaderTimeout: 10 * time.Second}
	if f.url, err = f.listen(ctx, host, address); err != nil {
		return nil, err
	}
	if f.other, err = f.listen(ctx, host, net.JoinHostPort(host, "0")); err != nil {
		f.close()
		return nil, err
	}
	return f, nil
}

// listen serves at an address, and returns its URL.
func (f *files) listen(ctx context.Context, host, address string) (string, error) {
	var lc net.ListenConfig
	listener, err := lc.Listen(ctx, "tcp", address)
	if err != nil {
		return "", fmt.Errorf("serve files: %w", err)
	}
	_, port, _ := net.SplitHostPort(listener.Addr().String())
	go func() { _ = f.server.Serve(listener) }()
	return "http://" + net.JoinHostPort(host, port), nil
}

func (f *files) close() { _ = f.server.Close() }

// since returns the requests after the n-th.
func (f *files) since(n int) []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]string(nil), f.requests[n:]...)
}

func (f *files) count() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.requests)
}

// ServeHTTP serves a file by the last part of its path. It takes requests for other hosts, too, as a proxy does.
func (f *files) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	f.requests = append(f.requests, fmt.Sprintf("%s %s Host=%q %s", r.Method, r.RequestURI, r.Host, headers(r.Header)))
	f.mu.Unlock()
	w.Header().Set("Content-Type", "application/octet-stream")
	modified := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	switch path := r.URL.Path; {
	case strings.HasSuffix(path, "/presigned") && r.Method == http.MethodHead:
		http.Error(w, "SignatureDoesNotMatch", http.StatusForbidden) // a signature holds for one method
	case strings.HasSuffix(path, "/redirect-credential"):
		http.Redirect(w, r, f.other+"/redirected-credential", http.StatusFound)
	case strings.HasSuffix(path, "/redirect-header"):
		http.Redirect(w, r, f.other+"/redirected-header", http.StatusFound)
	case strings.Contains(path, "/redirected-") && r.Header.Get("Authorization") == "":
		w.Header().Set("WWW-Authenticate", `Basic realm="probe"`)
		http.Error(w, "a credential is wanted", http.StatusUnauthorized)
	case strings.HasSuffix(path, "/rangeless"):
		w.Header().Set("Content-Length", strconv.Itoa(slowFile))
		if r.Method == http.MethodGet {
			_, _ = slowWriter{w, r.Context()}.Write(make([]byte, slowFile))
		}
	case strings.HasSuffix(path, "/etag"):
		w.Header().Set("ETag", `"`+rand.Text()+`"`)
		http.ServeContent(w, r, "small", modified, bytes.NewReader(make([]byte, smallFile)))
	case strings.HasSuffix(path, "/missing"):
		http.NotFound(w, r)
	case strings.HasSuffix(path, "/slow"):
		http.ServeContent(slowWriter{w, r.Context()}, r, "slow", modified, bytes.NewReader(make([]byte, slowFile)))
	default:
		http.ServeContent(w, r, "small", modified, bytes.NewReader(make([]byte, smallFile)))
	}
}

// headers spells the headers of a request, without the credential in one.
func headers(h http.Header) string {
	var words []string
	for _, name := range slices.Sorted(maps.Keys(h)) {
		value := h.Get(name)
		if name == "Authorization" {
			value, _, _ = strings.Cut(value, " ")
		}
		words = append(words, fmt.Sprintf("%s=%q", name, value))
	}
	return strings.Join(words, " ")
}

// slowWriter writes a piece a second.
type slowWriter struct {
	http.ResponseWriter
	ctx context.Context //nolint:containedctx // of the one request
}

func (s slowWriter) Write(b []byte) (int, error) {
	written := 0
	for len(b) > 0 {
		n, err := s.ResponseWriter.Write(b[:min(slowPiece, len(b))])
		written += n
		if err != nil {
			return written, err
		}
		b = b[n:]
		if flusher, ok := s.ResponseWriter.(http.Flusher); ok {
			flusher.Flush()
		}
		pause := time.NewTimer(time.Second)
		select {
		case <-pause.C:
		case <-s.ctx.Done():
			pause.Stop()
			return written, s.ctx.Err()
		}
	}
	return written, nil
}
