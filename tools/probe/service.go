// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"time"
)

// askIdle lets a shell idle longer than the shortest idle timeout that WinRM has: once with Receives, once without.
func askIdle(ctx context.Context, a *asker) answer {
	all := answer{status: answered}
	for _, receiving := range []bool{true, false} {
		lives, err := a.idle(ctx, receiving, &all)
		if err != nil {
			return fail(err, all.evidence...)
		}
		all.text += fmt.Sprintf("After %s with Receives pending: %t the shell lives: %t. ", 3*a.patience/2, receiving, lives)
	}
	return all
}

// idle opens a shell that writes nothing, and reports whether it still reads.
func (a *asker) idle(ctx context.Context, receiving bool, all *answer) (bool, error) {
	c, err := a.converse(ctx, variant{idleTimeout: "PT60S"})
	if err != nil {
		return false, err
	}
	defer c.close(ctx)
	if err := c.start(ctx, a.data("Silence")); err != nil {
		return false, err
	}
	if err := c.ready(ctx, 1); err != nil {
		return false, err
	}
	if receiving {
		waiting, cancel := context.WithTimeout(ctx, 3*a.patience/2)
		for err == nil {
			err = c.receive(waiting)
		}
		cancel()
	} else {
		err = wait(ctx, 3*a.patience/2)
	}
	if err != nil && !errors.Is(err, context.DeadlineExceeded) {
		all.evidence = append(all.evidence, fmt.Sprintf("receiving %t: %v", receiving, err))
	}
	if ctx.Err() != nil {
		return false, ctx.Err()
	}
	if err := c.shell.Send(ctx, []byte("hello\n")); err != nil {
		all.evidence = append(all.evidence, fmt.Sprintf("receiving %t, then Send: %v", receiving, err))
		return false, nil
	}
	end := c.outcome(ctx)
	all.evidence = append(all.evidence, fmt.Sprintf("receiving %t, then Send: %s", receiving, end.text))
	return end.status == answered, nil
}

// askAttach breaks a client's connections off in the middle of a Receive and goes on from new ones.
func askAttach(ctx context.Context, a *asker) answer {
	c, err := a.converse(ctx, variant{})
	if err != nil {
		return fail(err)
	}
	pending := make(chan error, 1)
	go func() { pending <- c.receive(ctx) }()
	if err := wait(ctx, time.Second); err != nil {
		return fail(err)
	}
	defer c.close(ctx)
	c.connections.cut()
	c.evidence = append(c.evidence, fmt.Sprintf("the Receive over the first connections: %v", <-pending))
	began := time.Now()
	if err := c.start(ctx, a.data("Host")); err != nil {
		return c.fail(err)
	}
	_, err = c.next(ctx)
	c.evidence = append(c.evidence, fmt.Sprintf("over the next ones there is output after %d ms", time.Since(began).Milliseconds()))
	if err != nil && !errors.Is(err, errNoScript) { // output is output
		return c.fail(err)
	}
	return answer{status: answered, text: "Yes: it sends to the command and receives its output.", evidence: c.evidence}
}

// askShells lists the shells while a Receive is held for longer than a second.
func askShells(ctx context.Context, a *asker) answer {
	const value = "terraform-provider-bits-probe"
	c, err := a.converse(ctx, variant{environment: value})
	if err != nil {
		return fail(err)
	}
	defer c.close(ctx)
	if err := c.start(ctx, a.data("Silence")); err != nil {
		return c.fail(err)
	}
	if err := c.ready(ctx, 1); err != nil {
		return c.fail(err)
	}
	holding, release := context.WithCancel(ctx)
	held := make(chan struct{})
	go func() {
		defer close(held)
		_ = c.receive(holding) // it ends with holding
	}()
	defer func() { release(); <-held }()
	if err := wait(ctx, 3*time.Second); err != nil {
		return c.fail(err)
	}
	shells, err := c.shell.Shells(ctx)
	if err != nil {
		return c.fail(err)
	}
	for _, shell := range shells {
		for _, variable := range shell.Environment {
			if variable.Value == value {
				return answer{status: answered, text: "The environment: yes. Inactive after 3 s of a Receive: " + shell.Inactivity, evidence: c.evidence}
			}
		}
	}
	return answer{status: answered, text: fmt.Sprintf("The environment: no, of %d shells.", len(shells)), evidence: c.evidence}
}

// askProtocols shakes hands without a credential and looks what is agreed upon.
func askProtocols(ctx context.Context, a *asker) answer {
	switch {
	case !a.settings.HTTPS:
		return answer{status: notHere, text: "the connection is http"}
	case a.settings.ProxyURL.Reveal() != "":
		return answer{status: notHere, text: "the connection goes through a proxy"}
	}
	dialer := tls.Dialer{NetDialer: &net.Dialer{Timeout: a.settings.ConnectTimeout}, Config: &tls.Config{
		NextProtos: []string{"h2", "http/1.1"}, MinVersion: tls.VersionTLS12,
		InsecureSkipVerify: true, //nolint:gosec // nothing is sent
	}}
	conn, err := dialer.DialContext(ctx, "tcp", a.settings.Address())
	if err != nil {
		return fail(err)
	}
	defer func() { _ = conn.Close() }()
	shaken, ok := conn.(*tls.Conn)
	if !ok {
		return fail(errors.New("the connection is not a TLS connection"))
	}
	state := shaken.ConnectionState()
	agreed := state.NegotiatedProtocol
	if agreed == "" {
		agreed = "nothing"
	}
	return answer{
		status: answered, text: fmt.Sprintf("Offered h2 and http/1.1, it agrees upon %s.", agreed),
		evidence: []string{fmt.Sprintf("%s, %s", tls.VersionName(state.Version), tls.CipherSuiteName(state.CipherSuite))},
	}
}
