// SPDX-License-Identifier: MPL-2.0

package winhost

import (
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"sync"
	"time"
)

// The times of an HTTP server. Source: HTTP.sys' defaults (connection and header timeout), learn.microsoft.com.
const (
	headerTimeout = 120 * time.Second
	idleTimeout   = 120 * time.Second
)

// server is an HTTP/1.1 server whose end is the end of all its requests.
type server struct {
	http     *http.Server
	listener net.Listener

	mu      sync.Mutex
	closed  bool
	running sync.WaitGroup
}

// listen serves at an address.
func listen(address string, h http.Handler) (*server, error) {
	l, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w", address, err)
	}
	return serve(l, h, nil), nil
}

// connections records the connections of a server.
type connections interface {
	ConnContext(ctx context.Context, c net.Conn) context.Context
	ConnState(c net.Conn, state http.ConnState)
}

// serve serves what a listener accepts. A nil book records nothing.
func serve(l net.Listener, h http.Handler, book connections) *server {
	s := &server{listener: l}
	var protocols http.Protocols
	protocols.SetHTTP1(true)
	s.http = &http.Server{
		Handler: s.counted(h), Protocols: &protocols,
		ReadHeaderTimeout: headerTimeout, IdleTimeout: idleTimeout,
		ErrorLog: log.New(io.Discard, "", 0), // clients that break off are what this is for
	}
	if book != nil {
		s.http.ConnContext, s.http.ConnState = book.ConnContext, book.ConnState
	}
	s.running.Go(func() {
		_ = s.http.Serve(l) // ends with http.ErrServerClosed
	})
	return s
}

// counted keeps count of the requests that run.
func (s *server) counted(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		if s.closed {
			s.mu.Unlock()
			panic(http.ErrAbortHandler)
		}
		s.running.Add(1)
		s.mu.Unlock()
		defer s.running.Done()
		h.ServeHTTP(w, r)
	})
}

// url is the server's address.
func (s *server) url() string { return "http://" + s.listener.Addr().String() }

// close breaks every connection and waits for the requests to end.
func (s *server) close() error {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	err := s.http.Close()
	s.running.Wait()
	return err
}
