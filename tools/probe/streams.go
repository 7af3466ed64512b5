// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/wsman"
)

// modes are what stdin can be.
var modes = []struct {
	name    string
	variant variant
}{
	{"FALSE", variant{}},
	{"TRUE", variant{consoleStdin: true}},
}

// inEachMode asks the same with stdin as a pipe and as a console. An answer of one of the two is an answer.
func inEachMode(ctx context.Context, a *asker, question string, talk func(context.Context, *conversation) error) answer {
	var all answer
	for _, mode := range modes {
		one := a.inMode(ctx, mode.variant, question, talk)
		if all.status == "" || one.status == answered {
			all.status = one.status
		}
		text := one.text
		if one.status != answered {
			text = string(one.status) + ": " + text
		}
		all.text += fmt.Sprintf("%s: %s ", mode.name, text)
		for _, e := range one.evidence {
			all.evidence = append(all.evidence, mode.name+": "+e)
		}
		all.left = append(all.left, one.left...)
	}
	return all
}

// inMode asks in half of the time of a question, because a console may hang.
func (a *asker) inMode(ctx context.Context, v variant, question string, talk func(context.Context, *conversation) error) answer {
	ctx, cancel := context.WithTimeout(ctx, a.limit/2-time.Second)
	defer cancel()
	c, err := a.converse(ctx, v)
	if err != nil {
		return fail(err)
	}
	defer c.close(ctx)
	if err := c.start(ctx, a.data(question)); err != nil {
		return c.fail(err)
	}
	if err := talk(ctx, c); err != nil {
		return c.fail(err)
	}
	return c.outcome(ctx)
}

// ready waits until the script is ready for the n-th step.
func (c *conversation) ready(ctx context.Context, n int) error {
	for {
		s, err := c.next(ctx)
		switch {
		case err != nil:
			return err
		case s.Status != "":
			return fmt.Errorf("the script ended early: %s", s.Answer)
		case s.Ready == n:
			return nil
		}
	}
}

func askStdinLines(ctx context.Context, a *asker) answer {
	return inEachMode(ctx, a, "StdinLines", func(ctx context.Context, c *conversation) error {
		if err := c.ready(ctx, 1); err != nil {
			return err
		}
		if err := c.shell.Send(ctx, []byte(strings.Repeat("x", 100_000)+"\n")); err != nil {
			return err
		}
		if err := c.ready(ctx, 2); err != nil {
			return err
		}
		if err := wait(ctx, a.patience); err != nil {
			return err
		}
		return c.shell.Send(ctx, []byte("second\n"))
	})
}

func askStdinBytes(ctx context.Context, a *asker) answer {
	return inEachMode(ctx, a, "StdinBytes", func(ctx context.Context, c *conversation) error {
		if err := c.ready(ctx, 1); err != nil {
			return err
		}
		long := strings.Repeat("x", 9_000) + "é€😀\n"
		c.evidence = append(c.evidence, fmt.Sprintf("%d bytes are sent, which end in % X", len(long), long[len(long)-10:]))
		if err := c.shell.Send(ctx, []byte(long)); err != nil {
			return err
		}
		if err := c.ready(ctx, 2); err != nil {
			return err
		}
		c.variant.endStdin = true
		return c.shell.Send(ctx, nil)
	})
}

// wait waits, unless the time for the question is over.
func wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// moreShells is how many shells are tried beside the first: enough to distinguish a quota of 5 from one of 30, and too few to
// disturb others.
const moreShells = 6

func askVolume(ctx context.Context, a *asker) answer {
	c, err := a.converse(ctx, variant{})
	if err != nil {
		return fail(err)
	}
	defer c.close(ctx)
	if err := c.start(ctx, a.data("Volume")); err != nil {
		return c.fail(err)
	}
	received := time.Now()
	volume := c.outcome(ctx)
	volume.text = fmt.Sprintf("1 MB in %d Receives and %d ms.", c.receives, time.Since(received).Milliseconds())
	allowed := 0
	for ; allowed < moreShells; allowed++ {
		more, err := wsman.NewClient(nil).Open(ctx, a.settings, "echo one more", nil)
		if err != nil {
			volume.evidence = append(volume.evidence, fmt.Sprintf("shell %d: %v", allowed+2, err))
			break
		}
		defer func() { _ = more.Close(context.WithoutCancel(ctx)) }()
	}
	quotas := script("Quotas")(ctx, a)
	volume.evidence = append(volume.evidence, quotas.evidence...)
	if volume.status != answered {
		return answer{status: volume.status, text: fmt.Sprintf("no output to count; %d more shells were allowed.", allowed), evidence: volume.evidence}
	}
	volume.text += fmt.Sprintf(" %d of %d more shells were allowed beside it.", allowed, moreShells)
	return volume
}

func askSpeed(ctx context.Context, a *asker) answer {
	began := time.Now()
	first := fresh("Host")(ctx, a)
	if first.status != answered {
		return first
	}
	spoke := time.Since(began)
	speed := script("Speed")(ctx, a)
	speed.text = fmt.Sprintf("From connecting to the end of a first conversation, with an upload of the whole script: %d ms. %s", spoke.Milliseconds(), speed.text)
	return speed
}

// askServed asks a script, and adds what was asked of the file server meanwhile to the evidence.
func askServed(ctx context.Context, a *asker, question string) (reply answer, requests []string) {
	before := 0
	if a.files != nil {
		before = a.files.count()
	}
	reply = asSystem(question)(ctx, a)
	if a.files != nil {
		requests = a.files.since(before)
		reply.evidence = append(reply.evidence, requests...)
	}
	return reply, requests
}

func askPresigned(ctx context.Context, a *asker) answer {
	presigned, _ := askServed(ctx, a, "Presigned")
	return presigned
}

// askRedirect adds what reached the target of the redirect to the answer.
func askRedirect(ctx context.Context, a *asker) answer {
	redirect, requests := askServed(ctx, a, "Redirect")
	if redirect.status != answered {
		return redirect
	}
	for _, c := range []struct{ what, words string }{
		{"the credential", `Authorization="Basic"`}, {"the Authorization header", `Authorization="Bearer"`}, {"the other header", `X-Probe="1"`},
	} {
		reached := slices.ContainsFunc(requests, func(r string) bool { return strings.Contains(r, "/redirected-") && strings.Contains(r, c.words) })
		redirect.text += fmt.Sprintf(" The other port got %s: %t.", c.what, reached)
	}
	return redirect
}

// askExit waits for the end of a process that ends itself while it reads stdin.
func askExit(ctx context.Context, a *asker) answer {
	c, err := a.converse(ctx, variant{})
	if err != nil {
		return fail(err)
	}
	defer c.close(ctx)
	if err := c.start(ctx, a.data("ExitWhileReading")); err != nil {
		return c.fail(err)
	}
	if err := c.ready(ctx, 1); err != nil {
		return c.fail(err)
	}
	began := time.Now()
	for {
		out, err := c.shell.Receive(ctx)
		switch {
		case err != nil:
			return c.fail(err)
		case out.Done:
			return answer{status: answered, text: fmt.Sprintf("It ended after %d ms with exit code %d (9 is right).", time.Since(began).Milliseconds(), out.ExitCode)}
		case time.Since(began) > a.patience+30*time.Second:
			return answer{status: answered, text: fmt.Sprintf("It has not ended after %s.", time.Since(began).Round(time.Second))}
		}
	}
}
