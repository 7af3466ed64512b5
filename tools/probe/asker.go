// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/connection"
)

// cleaning is how long removing what is left may take, also after an interrupt.
const cleaning = 2 * time.Minute

// asker asks one host.
type asker struct {
	settings connection.Settings
	options
	files    *files        // nil without -serve
	kept     *conversation // that answered the question before; nil: none
	progress io.Writer
	refused  *connection.Error // the credential was, in the middle of it
}

// askAll asks questions one by one and prints the table. It is an error only when nothing can be asked.
func (a *asker) askAll(ctx context.Context, selected []question, stdout io.Writer) error {
	defer func() { a.closeKept(ctx) }()
	host := a.ask(ctx, script("Host"))
	if refused := (*connection.Error)(nil); errors.As(host.err, &refused) {
		return host.err
	}
	build := "unknown"
	if host.status == answered {
		build = host.text
	}
	t := table{build: build}
	t.heading(a.settings.Address(), host)
	for i, q := range selected {
		fmt.Fprintf(a.progress, "%d of %d: %s\n", i+1, len(selected), q.text)
		if refused := a.refused; refused != nil { // each attempt may lock the account
			t.row(q, answer{status: notAsked, text: refused.Problem})
			continue
		}
		asked := a.askOne(ctx, q)
		t.row(q, asked)
		if problem := (*connection.Error)(nil); errors.As(asked.err, &problem) && problem.Kind == connection.Unauthorized {
			a.refused = problem
		}
	}
	if a.refused == nil {
		t.leftOver(a.sweep(ctx))
	} else {
		t.leftOver("what interrupted questions made: it could not be looked for")
	}
	_, err := io.WriteString(stdout, t.String())
	if err != nil {
		return fmt.Errorf("print the table: %w", err)
	}
	return nil
}

// askOne asks a question if that is wanted.
func (a *asker) askOne(ctx context.Context, q question) answer {
	switch {
	case ctx.Err() != nil:
		return answer{status: notAsked, text: "the program was interrupted"}
	case q.changes != "" && !a.intrusive:
		return answer{status: notAsked, text: "-intrusive asks it, and " + q.changes}
	}
	return a.ask(ctx, q.ask)
}

// ask bounds a question in time.
func (a *asker) ask(ctx context.Context, ask func(context.Context, *asker) answer) answer {
	ctx, cancel := context.WithTimeout(ctx, a.limit)
	defer cancel()
	return ask(ctx, a)
}

// sweep removes what interrupted questions left on the host, and returns what it could not remove.
func (a *asker) sweep(ctx context.Context) string {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleaning)
	defer cancel()
	own := script("Sweep")(ctx, a)
	if own.status != answered || own.text == "" {
		return own.problem()
	}
	system := asSystem("Sweep")(ctx, a)
	if system.status == answered && system.text != "" {
		return "jobs " + system.text
	}
	return system.problem()
}
