package wsmansvc

import (
	"context"
	"time"
)

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
