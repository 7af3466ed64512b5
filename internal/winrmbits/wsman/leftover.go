// SPDX-License-Identifier: MPL-2.0

package wsman

import (
	"context"
	"errors"
	"time"
)

const (
	// runVariable is the environment variable of a shell that names the run which opened it. A list of shells shows the
	// environment; it does not show the name of a text shell (captures of pypsrp from Windows Server 2016: test_winrs_environment,
	// test_winrs_extra_opts).
	runVariable = "TERRAFORM_PROVIDER_BITS_RUN"

	// leftoverTime is how long a new shell waits for the end of those that earlier runs left: longer than their idleTimeout.
	leftoverTime = 200 * time.Second
)

// ListedShell is a shell as a list shows it.
type ListedShell struct {
	ID          string `xml:"ShellId"`
	Inactivity  string `xml:"ShellInactivity"` // xs:duration
	Environment []struct {
		Name  string `xml:"Name,attr"`
		Value string `xml:",chardata"`
	} `xml:"Environment>Variable"`
}

// run returns the run that opened the shell; "" where that was none of this program.
func (l ListedShell) run() string {
	for _, v := range l.Environment {
		if v.Name == runVariable {
			return v.Value
		}
	}
	return ""
}

// Shells lists the shells of the host that the account may see, which are its own for an account that is not an administrator.
func (s *Shell) Shells(ctx context.Context) ([]ListedShell, error) {
	answer, err := s.post(ctx, s.main, s.envelopes.enumerate())
	if err != nil {
		return nil, err
	}
	return answer.Listed, nil
}

// create opens the shell. A host that allows no more shells gets time to end those that earlier runs left, beyond the time to
// connect: it ends them itself when their idle timeout is over. Those of runs that ended on this machine are deleted at once.
func (s *Shell) create(ctx context.Context) (*reply, error) {
	request := s.envelopes.create(s.client.runID())
	answer, err := s.postFor(ctx, s.main, request, 0)
	switch {
	case errors.Is(err, ErrConnectionLost):
		s.client.run.left.Store(true) // perhaps
		return nil, err
	case !errors.Is(err, ErrQuota) && !errors.Is(err, ErrBusy):
		return answer, err
	case !hasCode(err, shellQuotas...) || !s.deleteLeftovers(ctx):
		return s.post(ctx, s.main, request)
	}
	defer s.pauseLimit()()
	defer waitingForShell(ctx)()
	s.waiting = true
	defer func() { s.waiting = false }()
	return s.postFor(ctx, s.main, request, leftoverTime)
}

// deleteLeftovers deletes the shells of runs that have ended on this machine. It reports whether the host has shells that some
// run of this program opened, or may have: one that does not list them is given the benefit of the doubt.
//
// A shell of a run that may be alive is never deleted: whether one on another machine is alive can't be seen from here.
func (s *Shell) deleteLeftovers(ctx context.Context) (ours bool) {
	shells, err := s.Shells(ctx)
	if err != nil {
		return true
	}
	for _, listed := range shells {
		run := listed.run()
		ours = ours || run != ""
		if s.client.runEnded(run) {
			_, _ = s.post(ctx, s.main, s.envelopes.remove(listed.ID)) // its idle timeout ends it otherwise
		}
	}
	return ours
}

// shellWaitKey is the key of a context's function of [WithShellWait].
type shellWaitKey struct{}

// WithShellWait returns a context with which Open calls waits when it begins to wait for the end of other shells, and ended
// when that is over.
func WithShellWait(ctx context.Context, waits func() (ended func())) context.Context {
	return context.WithValue(ctx, shellWaitKey{}, waits)
}

// waitingForShell calls the context's function.
func waitingForShell(ctx context.Context) (ended func()) {
	if waits, ok := ctx.Value(shellWaitKey{}).(func() func()); ok {
		return waits()
	}
	return func() {}
}
