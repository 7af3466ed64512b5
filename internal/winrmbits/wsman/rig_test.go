// SPDX-License-Identifier: MPL-2.0

package wsman

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/pem"
	"encoding/xml"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/connection"
)

// The ids that the service of these tests returns.
const (
	shellID   = "6B1D2C0E-57F3-4C1B-9C55-0A4E0D5B7F11"
	commandID = "E2A9B3B4-2F0D-4E3C-8F57-7B9C64D1A0C2"
	password  = "correct horse <&> battery"
)

// request is a message that reached the service.
type request struct {
	Verb    string
	Message string
	Conn    string // which connection it came over
	Input   string // of a Send
}

// answer is an answer of the service.
type answer struct {
	status int // 0 means 200, or 500 with a fault
	header http.Header
	body   string // of the SOAP body; with raw: the whole, with REQUEST for the id of the message that it answers
	raw    bool
	cut    bool // the connection breaks instead
	hold   bool // nothing comes until the client is gone
}

// service is a WS-Management service in memory. Every test of it runs in a bubble of package synctest, so its
// connections are pipes and its waits take no time.
type service struct {
	t      *testing.T
	server *httptest.Server
	pipes  pipes
	style  style
	say    func(n int, r request) *answer // nil, or a nil answer: that of a healthy service

	password string // "" is the usual one

	mu       sync.Mutex
	requests []request
}

// bubble runs a test in a bubble with a service, and holds it to leave no goroutine behind: the bubble ends only
// when all of them have.
func bubble(t *testing.T, test func(t *testing.T, s *service)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s := &service{t: t, style: windows, pipes: pipes{accept: make(chan net.Conn), done: make(chan struct{})}}
		s.server = httptest.NewUnstartedServer(http.HandlerFunc(s.serve))
		_ = s.server.Listener.Close()
		s.server.Listener = &s.pipes
		s.server.Config.ErrorLog = log.New(io.Discard, "", 0)
		s.server.StartTLS()
		defer s.server.Close()
		test(t, s)
	})
}

// settings lead to the service.
func (s *service) settings() connection.Settings {
	return connection.Settings{
		Host: "127.0.0.1", Port: 5986, HTTPS: true, Auth: connection.AuthBasic, Username: "ops", Password: bits.NewSecret(password),
		CACert:         string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.server.Certificate().Raw})),
		ConnectTimeout: 30 * time.Second, OperationTimeout: 60 * time.Second,
	}
}

// clientOver returns a client that dials by dial.
func clientOver(dial dialer) *Client {
	c := NewClient(nil)
	c.Dial = dial
	return c
}

func (s *service) open(limiter LogonLimiter) (*Shell, error) {
	return clientOver(s.pipes.dial).Open(s.t.Context(), s.settings(), "powershell.exe", limiter)
}

// shell opens a shell that has to open, and closes it when the test ends.
func (s *service) shell() *Shell {
	s.t.Helper()
	shell, err := s.open(nil)
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = shell.Close(context.Background()) })
	return shell
}

// verbs returns the verbs that reached the service, in order.
func (s *service) verbs() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	names := make([]string, 0, len(s.requests))
	for _, r := range s.requests {
		names = append(names, r.Verb)
	}
	return strings.Join(names, " ")
}

func (s *service) seen() []request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]request(nil), s.requests...)
}

func (s *service) serve(w http.ResponseWriter, r *http.Request) {
	text, err := io.ReadAll(r.Body)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	var e struct {
		Action   string    `xml:"Header>Action"`
		ID       string    `xml:"Header>MessageID"`
		Input    string    `xml:"Body>Send>Stream"`
		Identify *struct{} `xml:"Body>Identify"`
	}
	if err := xml.Unmarshal(text, &e); err != nil {
		s.t.Errorf("the request can't be read: %v", err)
	}
	input, _ := base64.StdEncoding.DecodeString(e.Input)
	if e.Identify != nil {
		e.Action = "Identify"
	}
	got := request{Verb: e.Action[strings.LastIndexByte(e.Action, '/')+1:], Message: string(text), Conn: r.RemoteAddr, Input: string(input)}
	s.mu.Lock()
	n := len(s.requests)
	s.requests = append(s.requests, got)
	s.mu.Unlock()
	username, secret, shown := r.BasicAuth()
	switch {
	case e.Identify != nil && (shown || r.Header.Get("WSMANIDENTIFY") != "unauthenticated"):
		s.t.Error("Identify carries a credential")
	case e.Identify == nil && (username != "ops" || secret != cmp.Or(s.password, password)):
		s.t.Errorf("%s came from %s with another password", got.Verb, username)
	}
	var a *answer
	if s.say != nil {
		a = s.say(n, got)
	}
	if a == nil {
		a = healthy(got)
	}
	s.write(w, r, e.ID, *a)
}

func (s *service) write(w http.ResponseWriter, r *http.Request, id string, a answer) {
	switch {
	case a.hold:
		<-r.Context().Done()
		panic(http.ErrAbortHandler)
	case a.cut:
		panic(http.ErrAbortHandler)
	}
	for name, values := range a.header {
		w.Header()[name] = values
	}
	body := strings.Replace(a.body, "REQUEST", id, 1)
	if !a.raw {
		body = s.style.envelope(id, a.body)
	}
	if _, chosen := w.Header()["Content-Type"]; !chosen && (!a.raw || strings.Contains(body, "Envelope")) {
		w.Header().Set("Content-Type", "application/soap+xml;charset=UTF-8")
	}
	if a.status != 0 {
		w.WriteHeader(a.status)
	} else if strings.Contains(a.body, "Fault>") {
		w.WriteHeader(http.StatusInternalServerError)
	}
	_, _ = io.WriteString(w, body)
}

// healthy is the answer of a service without a fault and without output.
func healthy(r request) *answer {
	switch r.Verb {
	case "Create":
		return &answer{body: createdBody()}
	case "Command":
		return &answer{body: "<rsp:CommandResponse><rsp:CommandId>" + commandID + "</rsp:CommandId></rsp:CommandResponse>"}
	case "Receive":
		return &answer{body: receivedBody("", false, "")}
	case "Identify":
		return &answer{raw: true, body: identityOf("Microsoft Corporation", "OS: 0.0.0 SP: 0.0 Stack: 3.0")}
	case "Send":
		return &answer{body: "<rsp:SendResponse/>"}
	default:
		return &answer{}
	}
}

// only returns one answer to the n-th request of a verb, counted from 0.
func only(verb string, n int, a answer) func(int, request) *answer {
	count := 0
	var mu sync.Mutex
	return func(_ int, r request) *answer {
		mu.Lock()
		defer mu.Unlock()
		if r.Verb != verb {
			return nil
		}
		count++
		if count-1 != n {
			return nil
		}
		return &a
	}
}

// always returns one answer to every request of a verb.
func always(verb string, a answer) func(int, request) *answer {
	return func(_ int, r request) *answer {
		if r.Verb != verb {
			return nil
		}
		return &a
	}
}

// pipes is a listener in memory and the way to dial it.
type pipes struct {
	accept chan net.Conn
	done   chan struct{}
	once   sync.Once

	mu     sync.Mutex
	dialed int
	closed int
}

func (p *pipes) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	client, server := net.Pipe()
	p.mu.Lock()
	p.dialed++
	name := fmt.Sprintf("connection %d", p.dialed)
	p.mu.Unlock()
	select {
	case p.accept <- named{server, name}:
		return &counted{Conn: client, pipes: p}, nil
	case <-p.done:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// counts returns how many connections were opened, and how many of them the client has closed.
func (p *pipes) counts() (dialed, closed int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.dialed, p.closed
}

// Accept is for http.Server.
func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.accept:
		return c, nil
	case <-p.done:
		return nil, net.ErrClosed
	}
}

// Close is for http.Server.
func (p *pipes) Close() error {
	p.once.Do(func() { close(p.done) })
	return nil
}

// Addr is for http.Server.
func (p *pipes) Addr() net.Addr { return address("127.0.0.1:5986") }

// counted is the client's end of a connection.
type counted struct {
	net.Conn
	pipes *pipes
	once  sync.Once
}

func (c *counted) Close() error {
	c.once.Do(func() {
		c.pipes.mu.Lock()
		defer c.pipes.mu.Unlock()
		c.pipes.closed++
	})
	return c.Conn.Close()
}

// named is the service's end of a connection.
type named struct {
	net.Conn
	name string
}

func (n named) RemoteAddr() net.Addr { return address(n.name) }

type address string

func (address) Network() string  { return "pipe" }
func (a address) String() string { return string(a) }
