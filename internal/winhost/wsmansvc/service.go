// SPDX-License-Identifier: MPL-2.0

// Package wsmansvc is the WS-Management service of a simulated Windows host: the text shell of MS-WSMV over HTTP,
// with answers and faults shaped as Windows shapes them. It knows nothing of what runs in its shells.
package wsmansvc

import (
	"cmp"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/winhost/logon"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/machine"
)

// Options are the parts a service runs on.
type Options struct {
	Clock *machine.Clock // of OperationTimeout and IdleTimeOut
	Meter *machine.Meter
	RTT   time.Duration // added to every exchange, half before and half after its effect; real time
	OS    string        // version, such as 10.0.20348, that Identify returns to authenticated clients

	Quotas Quotas

	Policy *logon.Policy // of clients
	// Start runs a process until it ends, or the context does, and returns its exit code.
	Start func(ctx context.Context, p Process) (exitCode int)
}

// Service is an [http.Handler] for /wsman. It is safe for concurrent use.
type Service struct {
	Options
	connections atomic.Int64 // open

	background context.Context // of the processes; ends with the service
	cancel     context.CancelFunc
	processes  sync.WaitGroup
	exchanges  atomic.Int64
	intercept  atomic.Pointer[Interceptor]

	mu       sync.Mutex
	closed   bool
	shells   map[string]*shell // by id
	lastPID  int
	running  map[string]int // requests that count as operations, by user
	refusals int            // of operations
}

// New makes a service without shells.
func New(o Options) *Service {
	o.Quotas = o.Quotas.orDefault()
	s := &Service{Options: o, shells: map[string]*shell{}, running: map[string]int{}}
	s.background, s.cancel = context.WithCancel(context.Background())
	return s
}

// Close ends all shells with their processes and returns when no process is left. No shell can be opened then.
func (s *Service) Close() {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	s.DropShells()
	s.cancel()
	s.processes.Wait()
}

// DropShells ends all shells with their processes, as a restart of the host does.
func (s *Service) DropShells() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, sh := range s.shells {
		s.remove(sh)
	}
}

// Intercept has f decide what becomes of each request from now on; nil ends that.
func (s *Service) Intercept(f Interceptor) {
	s.intercept.Store(&f)
}

// ServeHTTP answers one request.
func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.Meter.HTTPRequests.Add(1)
	machine.Pause(r.Context(), s.RTT/2)
	reply := s.exchange(r)
	machine.Pause(r.Context(), s.RTT-s.RTT/2)
	reply.write(w)
}

// reply is an HTTP answer.
type reply struct {
	status      int
	challenges  []string
	cut         bool
	body        []byte
	contentType string // "" means SOAP
}

func (p reply) write(w http.ResponseWriter) {
	if p.cut {
		panic(http.ErrAbortHandler)
	}
	h := w.Header()
	h.Set("Server", "Microsoft-HTTPAPI/2.0")
	for _, challenge := range p.challenges {
		h.Add("WWW-Authenticate", challenge)
	}
	if p.body != nil {
		h.Set("Content-Type", cmp.Or(p.contentType, soapType))
	}
	w.WriteHeader(p.status)
	_, _ = w.Write(p.body) // a client that is gone has its own error
}

// exchange finds the answer to a request.
func (s *Service) exchange(r *http.Request) reply {
	if r.URL.Path != "/wsman" {
		return reply{status: http.StatusNotFound}
	}
	if r.Method != http.MethodPost {
		return reply{status: http.StatusMethodNotAllowed}
	}
	body, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, maxEnvelope))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return reply{status: http.StatusRequestEntityTooLarge}
	case err != nil:
		return reply{cut: true}
	}
	client := s.admit(r, body)
	req, fault := parseRequest(client.message)
	action := s.decide(r.Context(), req)
	machine.Pause(r.Context(), action.Delay)
	switch action.Outcome {
	case CutBefore:
		return reply{cut: true}
	case Unauthorized:
		return s.refuse(r, client)
	case FaultInstead:
		fault = action.Fault
	case Proceed, CutAfter, Garbage:
	}
	done := s.authenticated(r, client, req, fault)
	switch action.Outcome {
	case CutAfter:
		return reply{cut: true}
	case Garbage:
		return reply{status: http.StatusOK, body: []byte(garbage), contentType: "text/html"}
	default:
		return done
	}
}

// decide asks the interceptor.
func (s *Service) decide(ctx context.Context, req *request) Action {
	index := int(s.exchanges.Add(1) - 1)
	f := s.intercept.Load()
	if f == nil || *f == nil {
		return Action{}
	}
	e := Exchange{Index: index, Verb: req.verb()}
	if req.Body.Send != nil {
		_, e.Input, _, _ = req.Body.Send.input()
	}
	return (*f)(ctx, e)
}

// resources are what a verb may be asked of, where that is not the text shell. Source: MS-WSMV 3.1.4.8.2, product behaviour.
var resources = map[Verb][]string{Get: {shellsURI, cmdURI, configURI}, Enumerate: {shellsURI}}

// perform carries a verb out.
func (s *Service) perform(r *http.Request, req *request, user string) (answer, *Fault) {
	verb := req.verb()
	of := resources[verb]
	if of == nil {
		of = []string{cmdURI}
	}
	switch {
	case r.ContentLength < 0 || slices.Contains(r.TransferEncoding, "chunked"):
		return answer{}, chunkedNotSupported
	case verb == "", verb == Enumerate && req.Header.ResourceURI == cmdURI:
		return answer{}, actionNotSupported(req.Header.Action)
	case !slices.Contains(of, req.Header.ResourceURI):
		return answer{}, invalidResourceURI
	}
	if verb == Command || verb == Send || verb == Receive {
		end, fault := s.begin(user)
		if fault != nil {
			return answer{}, fault
		}
		defer end()
	}
	req.client = clientIP(r)
	return verbs[verb](s, r.Context(), req, user)
}

// verbs carry out what a user asks for.
var verbs = map[Verb]func(s *Service, ctx context.Context, r *request, user string) (answer, *Fault){
	Create: (*Service).create, Command: (*Service).command, Send: (*Service).send, Receive: (*Service).receive,
	Signal: (*Service).signal, Delete: (*Service).delete, Get: (*Service).get, Enumerate: (*Service).enumerate,
}

// machineName is the name that a fault returns the host: the one that the client used.
func machineName(r *http.Request) string {
	if host, _, err := net.SplitHostPort(r.Host); err == nil {
		return host
	}
	return r.Host
}

func clientIP(r *http.Request) string {
	if host, _, err := net.SplitHostPort(r.RemoteAddr); err == nil {
		return host
	}
	return r.RemoteAddr
}

// Exchange is one HTTP request to the service, before it is authenticated or has any effect.
type Exchange struct {
	Index int    // counts the requests of the service from 0
	Verb  Verb   // "" when the message can't be read
	Input []byte // what a Send carries
}

// Interceptor decides what becomes of a request. It may block until ctx ends, which it does when the client is gone.
type Interceptor func(ctx context.Context, e Exchange) Action

// Outcome is what becomes of a request.
type Outcome int

// The outcomes.
const (
	Proceed      Outcome = iota // as usual
	CutBefore                   // the connection breaks before the request has any effect
	CutAfter                    // the request has its effect, then the connection breaks
	Unauthorized                // 401, whatever the credential
	FaultInstead                // Action.Fault, without any effect
	Garbage                     // 200 and a body that is not an envelope, after the effect
)

// Action is an outcome, and how long to wait before it, in real time.
type Action struct {
	Outcome Outcome
	Delay   time.Duration
	Fault   *Fault // of FaultInstead
}

// garbage is what no WS-Management service answers.
const garbage = "<html><body>It works!<br></body></html>"
