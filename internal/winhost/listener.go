// SPDX-License-Identifier: MPL-2.0

package winhost

import (
	"context"
	"fmt"
	"net"
	"sync"

	"github.com/winrmbits/terraform-provider-bits/internal/winhost/machine"
)

// Behaviour is what a client finds at a host's WinRM port.
type Behaviour int

// The behaviours.
const (
	Answering Behaviour = iota // connections are served
	Silent                     // connections are accepted and nothing ever comes
	Refusing                   // the port is closed
)

// listener accepts connections on one port by its behaviour, and counts them and their bytes.
type listener struct {
	meter    *machine.Meter
	address  net.Addr
	accepted chan net.Conn
	done     chan struct{}
	loops    sync.WaitGroup

	mu        sync.Mutex
	closed    bool
	behaviour Behaviour
	inner     net.Listener // nil while the port is closed
	conns     map[*conn]struct{}
}

// newListener opens a port.
func newListener(address string, m *machine.Meter) (*listener, error) {
	l := &listener{meter: m, accepted: make(chan net.Conn), done: make(chan struct{}), conns: map[*conn]struct{}{}}
	if err := l.open(address); err != nil {
		return nil, err
	}
	l.address = l.inner.Addr()
	return l, nil
}

// open starts to accept connections. The lock is held, but for the first time.
func (l *listener) open(address string) error {
	inner, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", address)
	if err != nil {
		return fmt.Errorf("listen on %s: %w", address, err)
	}
	l.inner = inner
	l.loops.Go(func() { l.loop(inner) })
	return nil
}

// loop accepts the connections of a port until it is closed.
func (l *listener) loop(inner net.Listener) {
	for {
		raw, err := inner.Accept()
		if err != nil {
			return
		}
		c := &conn{Conn: raw, listener: l}
		if !l.admit(c) {
			continue
		}
		select {
		case l.accepted <- c:
		case <-l.done:
			_ = c.Close()
		}
	}
}

// admit records a connection and reports whether it is to be served.
func (l *listener) admit(c *conn) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.meter.Connections.Add(1)
	if l.closed || l.behaviour == Refusing {
		_ = c.Conn.Close()
		return false
	}
	l.conns[c] = struct{}{}
	return l.behaviour == Answering
}

// behave breaks every connection and behaves differently from now on.
func (l *listener) behave(b Behaviour) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return net.ErrClosed
	}
	l.behaviour = b
	l.drop()
	switch {
	case b == Refusing && l.inner != nil:
		err := l.inner.Close()
		l.inner = nil
		return err
	case b != Refusing && l.inner == nil:
		return l.open(l.address.String())
	default:
		return nil
	}
}

// drop breaks every connection. The lock is held.
func (l *listener) drop() {
	for c := range l.conns {
		_ = c.Conn.Close()
	}
	clear(l.conns)
}

// Accept is for http.Server.
func (l *listener) Accept() (net.Conn, error) {
	select {
	case c := <-l.accepted:
		return c, nil
	case <-l.done:
		return nil, net.ErrClosed
	}
}

// Addr is the address of the port, open or closed.
func (l *listener) Addr() net.Addr { return l.address }

// Close closes the port with its connections.
func (l *listener) Close() error {
	l.mu.Lock()
	if l.closed {
		l.mu.Unlock()
		return nil
	}
	l.closed = true
	close(l.done)
	l.drop()
	var err error
	if l.inner != nil {
		err = l.inner.Close()
	}
	l.mu.Unlock()
	l.loops.Wait()
	return err
}

// conn is a connection that counts its bytes.
type conn struct {
	net.Conn
	listener *listener
}

func (c *conn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.listener.meter.BytesIn.Add(int64(n))
	return n, err
}

func (c *conn) Write(p []byte) (int, error) {
	n, err := c.Conn.Write(p)
	c.listener.meter.BytesOut.Add(int64(n))
	return n, err
}

func (c *conn) Close() error {
	c.listener.mu.Lock()
	delete(c.listener.conns, c)
	c.listener.mu.Unlock()
	return c.Conn.Close()
}
