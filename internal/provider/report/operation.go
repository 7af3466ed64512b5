// Package report makes the diagnostics of the provider: what was being done, what the host answered, where, and what to do now. Every
// package of the provider makes its diagnostics through it.
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
)

const InvalidState = "Invalid BITS Job State"

// Operation is what was being done when an error happened, and to which job.
type Operation struct {
	Verb        string     // completes "Unable to ... job", such as "set the priority of"
	Object      string     // what it is done to, where that is not one job
	Job         bits.JobID // "" while it has none
	DisplayName string     // display name; "" when not known
	Host        string
	Stage       bits.Stage                          // of the job when it was last read; "" when not known
	At          path.Path                           // attribute to change; the zero path when none is
	Files       []bits.FileSpec                     // of the configuration, to find the one that an error names
	AttributeOf func(step string) (path.Path, bool) // finds the attribute that asks for a step of the host; nil: none does
	Limit       string                              // the attribute that bounds the act in time
	LastRead    *bits.Job                           // as a wait read it last

	Tainted         bool   // the resource is tainted by this error
	WhenUnreachable string // what to do when the host can't be reached at all
	Consequence     string // what is the case after the error, whatever it was
}

// Error turns an error into a diagnostic: what was being done, what the host said, where, and what to do. It is
// the only place that does.
func Error(ctx context.Context, a Operation, err error) diag.Diagnostic {
	tflog.Debug(ctx, "unable to "+a.Verb+" a BITS job", map[string]any{
		"host": a.Host, "job": string(a.Job), "error": Redact(logText(err)),
	})
	t := a.message(err)
	detail := fmt.Sprintf("Unable to %s %s on %s: %s", a.Verb, t.job, t.host, t.problem)
	if t.location != "" {
		detail += "\n\n" + t.location
	}
	if t.remedy != "" {
		detail += "\n\n" + t.remedy
	}
	if a.Consequence != "" {
		detail += "\n\n" + a.Consequence
	}
	detail = Redact(detail)
	if t.at.Equal(path.Empty()) {
		return diag.NewErrorDiagnostic(t.summary, detail)
	}
	return diag.NewAttributeErrorDiagnostic(t.at, t.summary, detail)
}

// Unfinished tells what kept an act from its end, where the next apply takes it up again: as a warning, because an
// error would taint a new job, which is then replaced with all that it has transferred.
func Unfinished(ctx context.Context, a Operation, err error) diag.Diagnostic {
	a.Consequence, a.Tainted = JobIsKept, false
	return AsWarning(Error(ctx, a, err))
}

// JobName names a job by what is known of it.
func JobName(id bits.JobID, name string) string {
	switch {
	case id == "":
		return fmt.Sprintf("job %q", name)
	case name == "":
		return fmt.Sprintf("job %s", id)
	}
	return fmt.Sprintf("job %s (%q)", id, name)
}

// Failure is an error of this provider in its own words.
type Failure struct{ Summary, Problem, Remedy string }

func (f *Failure) Error() string { return f.Problem }

// Explain returns the words as they are.
func (f *Failure) Explain(Operation) Failure { return *f }

// Explainer is an error that words its own message, which may depend on what was being done.
type Explainer interface {
	error
	Explain(a Operation) Failure
}

// message is the parts of a diagnostic that depend on the error.
type message struct {
	summary  string
	job      string
	host     string
	problem  string
	location string
	remedy   string
	at       path.Path
}

func (a Operation) message(err error) message {
	t := message{
		summary: "BITS Job Operation Failed", job: cmp.Or(a.Object, JobName(a.Job, a.DisplayName)), host: a.Host, problem: WithPeriod(err.Error()), at: a.At,
	}
	var (
		way     *connection.Error
		refusal *bits.Error
		own     Explainer
	)
	switch {
	case errors.As(err, &own):
		words := own.Explain(a)
		t.summary, t.problem, t.remedy = words.Summary, WithPeriod(words.Problem), words.Remedy
	case errors.As(err, &way):
		a.describeConnection(&t, way)
	case errors.Is(err, bits.ErrUnknownOutcome):
		t.summary, t.at = "Unknown Outcome", path.Empty()
		t.remedy = "The connection broke after the request was sent, so nobody knows whether the host carried it out. The next plan looks at the host."
		if a.Tainted {
			t.remedy += " The resource is tainted: the next apply removes the job if it was made, and makes it anew."
		}
	case errors.Is(err, bits.ErrNotFound) && a.Stage != "":
		if a.DisplayName != "" {
			t.job = JobName("", a.DisplayName) // the id follows
		}
		t.summary = InvalidState
		t.problem = fmt.Sprintf("BITS no longer lists job %s, which was %s when last read: it was completed, cancelled or expired since; "+
			"a finished job takes no changes (BG_E_INVALID_STATE, 0x80200002).", a.Job, a.Stage)
		t.remedy = GoneRemedy
	case errors.Is(err, context.DeadlineExceeded):
		t.summary = "Timeout"
		if a.LastRead == nil {
			t.problem = fmt.Sprintf("its time (%s) was used up before the host answered.", a.Limit)
			t.remedy = "Look whether the host is overloaded, or give it more time."
			break
		}
		t.problem = fmt.Sprintf("its time (%s) was used up.%s", a.Limit, a.progress())
	case errors.Is(err, context.Canceled):
		t.summary, t.problem = "Interrupted", "this run was interrupted."+a.progress()
	case errors.As(err, &refusal):
		a.describeRefusal(&t, refusal, err)
	default:
		if advice, found := adviceFor(err); found {
			t.summary, t.remedy, t.problem = advice.Summary, advice.Remedy, WithPeriod(advice.Class.Error())
		}
	}
	return t
}

// describeConnection tells what happened on the way to the host, which goes by the address that was dialled.
func (a Operation) describeConnection(t *message, way *connection.Error) {
	t.summary, t.host, t.at = ConnectionSummary(way.Kind), way.Host, path.Empty()
	if way.Repeated {
		t.problem = "the connection failed before, so it is not tried again. The first resource that needed it has the full error."
		if way.Kind == connection.NoSystem {
			t.problem = "no agent could be started as SYSTEM before, so it is not tried again. The first resource that needed it has the full error."
		}
		if way.Kind == connection.Unauthorized {
			t.problem = "the credential was refused before, so it is not used again. The first resource that needed it has the full error."
		}
		return
	}
	t.problem, t.remedy = WithPeriod(way.Problem), way.Remedy
	if a.WhenUnreachable != "" && (way.Kind == connection.Unreachable || way.Kind == connection.Silent) {
		t.remedy += "\n\n" + a.WhenUnreachable
	}
}

// describeRefusal tells what BITS or a cmdlet answered: its own name and number, and our table's words.
func (a Operation) describeRefusal(t *message, refusal *bits.Error, err error) {
	noPath := errors.Is(err, bits.ErrPathNotFound)
	if noPath && refusal.File == "" && len(a.Files) == 1 {
		named := *refusal
		named.File = a.Files[0].LocalName
		refusal = &named
	}
	t.problem, t.location = hostAnswer(refusal), location(refusal)
	advice, found := adviceFor(err)
	if !found {
		advice = adviceForKind(refusal.HResult)
	}
	t.summary, t.remedy = advice.Summary, advice.Remedy
	if a.AttributeOf != nil && t.at.Equal(path.Empty()) {
		if at, found := a.AttributeOf(refusal.Step); found {
			t.at = at
		}
	}
	if len(a.Files) > 0 && refusal.File != "" {
		t.at = fileAttribute(a.Files, refusal.File)
		if noPath && !t.at.Equal(path.Root("files")) {
			t.at = t.at.AtName("local_name")
		}
	}
	if refusal.Left != "" {
		t.remedy += fmt.Sprintf(" The host could not take back job %s, which stays there suspended: the resource is tainted, and the next apply removes it.", refusal.Left)
	}
}

// hostAnswer is what the host said: a code with its name, else what PowerShell told.
func hostAnswer(refusal *bits.Error) string {
	switch {
	case refusal.HResult != 0:
		text := fmt.Sprintf("the host answered %s", refusal.HResult)
		if _, known := bits.Lookup(refusal.HResult); known {
			return text + ": " + WithPeriod(Meaning(refusal.HResult))
		}
		return text + ", which is no code that BITS is known to give" + quote(refusal.Text)
	case refusal.Code == bits.CodeNotFound:
		return "BITS lists no such job."
	case refusal.Code == bits.CodeBinding:
		return "the cmdlet refused a parameter" + quote(refusal.Text)
	case refusal.Code == bits.CodeNotSupported:
		return "the BitsTransfer module of this host has no such parameter" + quote(refusal.Text)
	case strings.TrimSpace(refusal.Text) != "":
		return "the host answered" + quote(refusal.Text)
	}
	return fmt.Sprintf("the host answered %q.", string(refusal.Code))
}

// quote gives the host's own words, in its language, where ours are missing.
func quote(text string) string {
	const most = 500
	if text = strings.Join(strings.Fields(text), " "); text == "" {
		return "."
	}
	if runes := []rune(text); len(runes) > most {
		text = string(runes[:most]) + "..."
	}
	return fmt.Sprintf(": \"%s\".", strings.TrimSuffix(text, "."))
}

func location(refusal *bits.Error) string {
	var parts []string
	if refusal.Step != "" {
		parts = append(parts, "Step: "+refusal.Step+".")
	}
	if refusal.File != "" {
		parts = append(parts, fmt.Sprintf("File: %s.", refusal.File))
	}
	if refusal.HResult == 0 && refusal.Type != "" {
		parts = append(parts, "Exception: "+refusal.Type+".")
	}
	if refusal.Context != "" && refusal.Context != bits.ContextNone {
		parts = append(parts, "Context: "+string(refusal.Context)+".")
	}
	if len(refusal.Done) > 0 {
		parts = append(parts, "Done before: "+strings.Join(refusal.Done, ", ")+".")
	}
	return strings.Join(parts, " ")
}

// logText is an error as a log tells it: with the host's own words, which messages leave out where ours say more.
func logText(err error) string {
	var refusal *bits.Error
	if errors.As(err, &refusal) && refusal.Text != "" {
		return err.Error() + ": " + refusal.Text
	}
	return err.Error()
}

// Meaning says in our table's words what a result means.
func Meaning(h bits.HResult) string {
	if h == 0 {
		return "The BITS module of this host does not tell the code"
	}
	if entry, ok := bits.Lookup(h); ok {
		return strings.ToUpper(entry.Meaning[:1]) + entry.Meaning[1:]
	}
	return "No code that BITS is known to give"
}

// fileAttribute is the path of the file that an error names, or of the list.
func fileAttribute(files []bits.FileSpec, localName string) path.Path {
	for i, f := range files {
		if localName != "" && bits.FileKey(f.LocalName) == bits.FileKey(localName) {
			return path.Root("files").AtListIndex(i)
		}
	}
	return path.Root("files")
}
