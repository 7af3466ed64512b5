// SPDX-License-Identifier: MPL-2.0

package report

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/connection"
	"github.com/winrmbits/terraform-provider-bits/internal/trouble"
)

// Operation is what was being done when an error happened, and to which job.
type Operation struct {
	Verb        string     // completes "Unable to ... job", such as "set the priority of"
	Object      string     // what it is done to, where that is not one job
	Job         bits.JobID // "" while the job has none
	DisplayName string     // "" when it is not known
	Host        string
	Stage       bits.Stage                          // of the job when it was last read; "" when not known
	At          path.Path                           // attribute to change; the empty path when there is none
	Files       []bits.FileSpec                     // of the configuration, to find the one that an error names
	AttributeOf func(step string) (path.Path, bool) // finds the attribute that asks for a step of the host; nil: none does
	Limit       string                              // the attribute that limits the operation in time
	LastRead    *bits.Job                           // as a wait read it last
	Holds       func(trouble.Situation) string      // explains why a job that was waited for did not move; nil: nothing does
	Situation   trouble.Situation                   // what is known of the job beside that, for the advice

	Action          bool   // of an action, after which no plan or apply of a resource goes on
	Tainted         bool   // the error taints the resource
	WhenUnreachable string // what to do when the host can't be reached at all
	Consequence     string // what the error leads to, whatever it was
}

// Failure is an error of the provider itself, in its own words.
type Failure struct {
	Summary         Summary
	Problem, Remedy string

	ActionRemedy string // of an action, where it is another one
}

func (f *Failure) Error() string { return f.Problem }

// Explain returns the failure.
func (f *Failure) Explain(op Operation) Failure {
	failure := *f
	if op.Action {
		failure.Remedy = cmp.Or(f.ActionRemedy, f.Remedy)
	}
	return failure
}

// Explainer is an error whose words depend on the operation.
type Explainer interface {
	error
	Explain(op Operation) Failure
}

// Error returns the diagnostic of a failed operation: what was being done, what the host answered, where, and what to do.
func Error(ctx context.Context, op Operation, err error) diag.Diagnostic {
	tflog.Debug(ctx, "unable to "+op.Verb+" a BITS job", map[string]any{
		"host": op.Host, "job": string(op.Job), "error": Redact(logText(err)),
	})
	m := op.message(err)
	if op.Action {
		m.Remedy = forAction(m.Remedy)
	}
	detail := fmt.Sprintf("Unable to %s %s on %s: %s", op.Verb, m.object, m.host, WithPeriod(m.Problem))
	for _, part := range []string{m.location, m.Remedy, op.Consequence} {
		if part != "" {
			detail += "\n\n" + part
		}
	}
	return Problem(m.at, m.Summary, "%s", detail)
}

// Unfinished returns a warning for what kept an operation from its end, where the next apply goes on with it: an error would
// taint a new job, which is then replaced with all that it has transferred.
func Unfinished(ctx context.Context, op Operation, err error) diag.Diagnostic {
	op.Consequence, op.Tainted = "The job is kept, and the next apply continues with it.", false
	return AsWarning(Error(ctx, op, err))
}

// Unreached returns the warning of a read of a host that is down, where the run goes on without the answer. A CLI shows one of the
// warnings that have the same summary, so those that only refer to an earlier one have another.
func Unreached(ctx context.Context, op Operation, err error) diag.Diagnostic {
	failure := Error(ctx, op, err)
	var failed *connection.Error
	if errors.As(err, &failed) && failed.Repeated {
		return Notice(path.Empty(), HostNotAskedAgain, "%s", failure.Detail())
	}
	return AsWarning(failure)
}

// message is the parts of a diagnostic that depend on the error.
type message struct {
	Failure
	object, host, location string
	at                     path.Path
}

func (op Operation) message(err error) message {
	m := message{
		Failure: Failure{Summary: JobOperationFailed, Problem: err.Error()},
		object:  cmp.Or(op.Object, JobName(op.Job, op.DisplayName)), host: op.Host, at: op.At,
	}
	var (
		failed  *connection.Error
		refusal *bits.Error
		own     Explainer
	)
	switch {
	case errors.As(err, &own):
		m.Failure = own.Explain(op)
	case errors.As(err, &failed):
		m.Failure, m.host, m.at = op.connectionFailure(failed), hostName(op.Host, failed.Host), path.Empty()
	case errors.Is(err, bits.ErrUnknownOutcome):
		m.Failure, m.at = op.unknownOutcome(err), path.Empty()
	case errors.Is(err, bits.ErrNotFound) && op.Stage != "":
		if op.DisplayName != "" {
			m.object = JobName("", op.DisplayName) // the id follows
		}
		m.Failure = Failure{Summary: InvalidState, Remedy: op.goneRemedy(), Problem: fmt.Sprintf("BITS no longer lists job %s, which was %s when last read: it was "+
			"completed, cancelled or expired since%s", op.Job, op.Stage, op.TakesNoChanges())}
	case errors.Is(err, context.DeadlineExceeded):
		m.Failure = op.timeout()
	case errors.Is(err, context.Canceled):
		m.Failure = Failure{Summary: Interrupted, Problem: "this run was interrupted." + op.progress()}
	case errors.As(err, &refusal):
		op.describeRefusal(&m, refusal, err)
	default:
		if a, found := adviceFor(err); found {
			m.Failure = Failure{Summary: a.summary, Problem: a.class.Error(), Remedy: op.remedy(a, &bits.Error{})}
		}
	}
	return m
}

// hostName names a host as the configuration writes it, and the address that is dialled.
func hostName(written, address string) string {
	if n := len(written); n <= len(address) && strings.EqualFold(written, address[:n]) {
		return written + address[n:]
	}
	return fmt.Sprintf("%s (%s)", written, address)
}

// connectionFailure describes why the host could not be asked. Only the first failure of a connection is described in full.
func (op Operation) connectionFailure(failed *connection.Error) Failure {
	f := Failure{Summary: cmp.Or(connectionSummaries[failed.Kind], ConnectionFailed), Problem: failed.Problem, Remedy: failed.Remedy}
	switch {
	case failed.Repeated:
		f.Remedy = ""
		f.Problem = "the connection failed before and is not tried again"
		if failed.Kind == connection.NoSystem {
			f.Problem = "the agent could not be started as SYSTEM before, and this is not tried again"
		}
		if failed.Kind == connection.Unauthorized {
			f.Problem = "the credential was refused before and is not used again"
		}
		f.Problem += ". The first resource that needed it has the full error."
	case op.WhenUnreachable != "" && failed.Kind.Down():
		f.Remedy += "\n\n" + op.WhenUnreachable
	}
	return f
}

func (op Operation) unknownOutcome(err error) Failure {
	_, cause, _ := strings.Cut(err.Error(), bits.ErrUnknownOutcome.Error()) // what is before it says again what was done, and where
	f := Failure{
		Summary: UnknownOutcome, Problem: bits.ErrUnknownOutcome.Error() + cause,
		Remedy: "The request was sent but no usable response arrived, so it is unknown whether the host executed it. ",
	}
	if op.Action {
		f.Remedy += "Check the job with the data source bits_jobs before you repeat the action."
	} else {
		f.Remedy += "The next plan reads the state of the host."
	}
	if op.Tainted {
		f.Remedy += " The resource is tainted: the next apply removes the job if it exists, and creates it again."
	}
	return f
}

func (op Operation) timeout() Failure {
	if op.LastRead == nil {
		return Failure{
			Summary: Timeout, Problem: fmt.Sprintf("the host did not respond in time (%s)", op.Limit),
			Remedy: "Check whether the host is overloaded, or raise the limit.",
		}
	}
	f := Failure{Summary: Timeout, Problem: fmt.Sprintf("it timed out (%s).%s", op.Limit, op.progress())}
	if op.Holds != nil {
		f.Remedy = op.Holds(op.Situation.Of(*op.LastRead))
	}
	return f
}

// progress describes how far a job had come when a wait for it ended.
func (op Operation) progress() string {
	job := op.LastRead
	if job == nil {
		return ""
	}
	size := ""
	if job.BytesTotal != nil {
		size = fmt.Sprintf(" of %d", *job.BytesTotal)
	}
	text := fmt.Sprintf(" When last read, the job was in state %s, with %d%s bytes transferred.", job.State, job.BytesTransferred, size)
	switch {
	case job.Error == nil:
	case job.State == bits.StateError || job.State == bits.StateTransientError:
		text += " " + DescribeCause(*job)
	default: // BITS tries again
		text += " The last attempt failed: " + DescribeCause(*job)
	}
	return text
}

// logText is an error with the host's own words, which messages leave out for codes that are known, and the class of its exception.
func logText(err error) string {
	var refusal *bits.Error
	if !errors.As(err, &refusal) || refusal.Text+refusal.Type == "" {
		return err.Error()
	}
	return fmt.Sprintf("%s: %s (%s)", err, refusal.Text, refusal.Type)
}
