package provider

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

const invalidState = "Invalid BITS Job State"

// act is what was being done when an error happened, and to which job.
type act struct {
	doing string     // completes "Unable to ... job", such as "set the priority of"
	what  string     // what it is done to, where that is not one job
	job   bits.JobID // "" while it has none
	name  string     // display name; "" when not known
	host  string
	stage bits.Stage      // of the job when it was last read; "" when not known
	at    path.Path       // attribute to change; the zero path when none is
	files []bits.FileSpec // of the configuration, to find the one that an error names
	limit string          // the attribute that bounds the act in time
	seen  *bits.Job       // as a wait read it last

	tainted     bool   // the resource is tainted by this error
	unreachable string // what to do when the host can't be reached at all
	after       string // what is the case after the error, whatever it was
}

// jobEnded is the refusal that this provider gives by itself: how the job ended is known.
type jobEnded struct {
	ending ending
	at     string // when the evidence tells no time
}

func (e *jobEnded) Error() string { return "the job was " + e.words() }

// Is makes it an error of a job that BITS does not list.
func (*jobEnded) Is(target error) bool { return target == bits.ErrNotFound }

// diagnose turns an error into a diagnostic: what was being done, what the host said, where, and what to do. It is
// the only place that does.
func diagnose(ctx context.Context, a act, err error) diag.Diagnostic {
	tflog.Debug(ctx, "unable to "+a.doing+" a BITS job", map[string]any{
		"host": a.host, "job": string(a.job), "error": redact(hostsWords(err)),
	})
	t := a.tell(err)
	detail := fmt.Sprintf("Unable to %s %s on %s: %s", a.doing, t.job, t.host, t.problem)
	if t.where != "" {
		detail += "\n\n" + t.where
	}
	if t.remedy != "" {
		detail += "\n\n" + t.remedy
	}
	if a.after != "" {
		detail += "\n\n" + a.after
	}
	detail = redact(detail)
	if t.at.Equal(path.Empty()) {
		return diag.NewErrorDiagnostic(t.summary, detail)
	}
	return diag.NewAttributeErrorDiagnostic(t.at, t.summary, detail)
}

// unfinished tells what kept an act from its end, where the next apply takes it up again: as a warning, because an
// error would taint a new job, which is then replaced with all that it has transferred.
func unfinished(ctx context.Context, a act, err error) diag.Diagnostic {
	a.after, a.tainted = keptAfter, false
	return warning(diagnose(ctx, a, err))
}

func warning(d diag.Diagnostic) diag.Diagnostic {
	if at, ok := d.(diag.DiagnosticWithPath); ok {
		return diag.NewAttributeWarningDiagnostic(at.Path(), d.Summary(), d.Detail())
	}
	return diag.NewWarningDiagnostic(d.Summary(), d.Detail())
}

// jobWords names a job by what is known of it.
func jobWords(id bits.JobID, name string) string {
	switch {
	case id == "":
		return fmt.Sprintf("job %q", name)
	case name == "":
		return fmt.Sprintf("job %s", id)
	}
	return fmt.Sprintf("job %s (%q)", id, name)
}

// telling is the parts of a diagnostic that depend on the error.
type telling struct {
	summary string
	job     string
	host    string
	problem string
	where   string
	remedy  string
	at      path.Path
}

func (a act) tell(err error) telling {
	t := telling{
		summary: "BITS Job Operation Failed", job: cmp.Or(a.what, jobWords(a.job, a.name)), host: a.host, problem: ended(err.Error()), at: a.at,
	}
	var (
		way     *connection.Error
		refusal *bits.Error
		failed  *jobFailed
		over    *jobEnded
	)
	switch {
	case errors.As(err, &over):
		t.summary, t.problem = invalidState, "it was "+over.words()+"; BITS no longer lists it; a finished job takes no changes (BG_E_INVALID_STATE, 0x80200002)."
		t.remedy = finishedRemedy
		if over.ending.decided() && !over.ending.completed() {
			t.remedy = goneRemedy
		}
	case errors.As(err, &failed):
		t.summary, t.problem, t.remedy = "BITS Job Failed", failure(failed.job), retryRemedy
		if a.tainted {
			t.remedy = taintRemedy
		}
	case errors.As(err, &way):
		a.tellConnection(&t, way)
	case errors.Is(err, bits.ErrUnknownOutcome):
		t.summary, t.at = "Unknown Outcome", path.Empty()
		t.remedy = "The connection broke after the request was sent, so nobody knows whether the host carried it out. The next plan looks at the host."
		if a.tainted {
			t.remedy += " The resource is tainted: the next apply removes the job if it was made, and makes it anew."
		}
	case errors.Is(err, bits.ErrNotFound) && a.stage != "":
		if a.name != "" {
			t.job = jobWords("", a.name) // the id follows
		}
		t.summary = invalidState
		t.problem = fmt.Sprintf("BITS no longer lists job %s, which was %s when last read: it was completed, cancelled or expired since; "+
			"a finished job takes no changes (BG_E_INVALID_STATE, 0x80200002).", a.job, a.stage)
		t.remedy = goneRemedy
	case errors.Is(err, context.DeadlineExceeded):
		t.summary = "Timeout"
		if a.seen == nil {
			t.problem = fmt.Sprintf("its time (%s) was used up before the host answered.", a.limit)
			t.remedy = "Look whether the host is overloaded, or give it more time."
			break
		}
		t.problem = fmt.Sprintf("its time (%s) was used up.%s", a.limit, a.progress())
	case errors.Is(err, context.Canceled):
		t.summary, t.problem = "Interrupted", "this run was interrupted."+a.progress()
	case errors.Is(err, errMovedOn):
		t.summary, t.problem = invalidState, "it was transferred when last read, and is not any more: somebody suspended it or appended files."
		t.remedy = goneRemedy
	case errors.Is(err, errSuspendedMeanwhile):
		t.summary, t.problem = "BITS Job Suspended", "somebody suspended it, so it does not move."
		t.remedy = "The next plan shows suspended as changed, and the next apply resumes the job."
	case errors.Is(err, errStillListed):
		t.summary, t.problem = "BITS Job Not Completed", "the host reported no error, but BITS still lists the job."
		t.remedy = "A destination file is probably open in a program, or its directory denies the owner access: BITS then keeps the job with what it has not renamed. Correct that and apply again."
	case errors.As(err, &refusal):
		a.tellRefusal(&t, refusal, err)
	default:
		if advice, found := adviceFor(err); found {
			t.summary, t.remedy, t.problem = advice.summary, advice.remedy, ended(advice.class.Error())
		}
	}
	return t
}

// tellConnection tells what happened on the way to the host, which goes by the address that was dialled.
func (a act) tellConnection(t *telling, way *connection.Error) {
	t.summary, t.host, t.at = connectionSummary(way.Kind), way.Host, path.Empty()
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
	t.problem, t.remedy = ended(way.Problem), way.Remedy
	if a.unreachable != "" && (way.Kind == connection.Unreachable || way.Kind == connection.Silent) {
		t.remedy += "\n\n" + a.unreachable
	}
}

// tellRefusal tells what BITS or a cmdlet answered: its own name and number, and our table's words.
func (a act) tellRefusal(t *telling, refusal *bits.Error, err error) {
	noPath := errors.Is(err, bits.ErrPathNotFound)
	if noPath && refusal.File == "" && len(a.files) == 1 {
		named := *refusal
		named.File = a.files[0].LocalName
		refusal = &named
	}
	t.problem, t.where = answer(refusal), where(refusal)
	advice, found := adviceFor(err)
	if !found {
		advice = adviceForKind(refusal.HResult)
	}
	t.summary, t.remedy = advice.summary, advice.remedy
	if at, found := attributeOf(refusal.Step); found && t.at.Equal(path.Empty()) {
		t.at = at
	}
	if len(a.files) > 0 && refusal.File != "" {
		t.at = fileAt(a.files, refusal.File)
		if noPath && !t.at.Equal(path.Root("files")) {
			t.at = t.at.AtName("local_name")
		}
	}
	if refusal.Left != "" {
		t.remedy += fmt.Sprintf(" The host could not take back job %s, which stays there suspended: the resource is tainted, and the next apply removes it.", refusal.Left)
	}
}

// answer is what the host said: a code with its name, else what PowerShell told.
func answer(refusal *bits.Error) string {
	switch {
	case refusal.HResult != 0:
		text := fmt.Sprintf("the host answered %s", refusal.HResult)
		if _, known := bits.Lookup(refusal.HResult); known {
			return text + ": " + ended(meaning(refusal.HResult))
		}
		return text + ", which is no code that BITS is known to give" + quoted(refusal.Text)
	case refusal.Code == bits.CodeNotFound:
		return "BITS lists no such job."
	case refusal.Code == bits.CodeBinding:
		return "the cmdlet refused a parameter" + quoted(refusal.Text)
	case refusal.Code == bits.CodeNotSupported:
		return "the BitsTransfer module of this host has no such parameter" + quoted(refusal.Text)
	case strings.TrimSpace(refusal.Text) != "":
		return "the host answered" + quoted(refusal.Text)
	}
	return fmt.Sprintf("the host answered %q.", string(refusal.Code))
}

// quoted gives the host's own words, in its language, where ours are missing.
func quoted(text string) string {
	const most = 500
	if text = strings.Join(strings.Fields(text), " "); text == "" {
		return "."
	}
	if runes := []rune(text); len(runes) > most {
		text = string(runes[:most]) + "..."
	}
	return fmt.Sprintf(": \"%s\".", strings.TrimSuffix(text, "."))
}

func where(refusal *bits.Error) string {
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

// words tells the end of a job as far as it is known.
func (e *jobEnded) words() string {
	switch {
	case e.ending.Shown:
		return "completed, as its files show"
	case e.ending.At != nil, e.at == "" && e.ending.Ending != "":
		return endingWords(e.ending)
	case e.at != "":
		return "completed at " + e.at
	}
	return "completed"
}

// hostsWords is an error as a log tells it: with the host's own words, which messages leave out where ours say more.
func hostsWords(err error) string {
	var refusal *bits.Error
	if errors.As(err, &refusal) && refusal.Text != "" {
		return err.Error() + ": " + refusal.Text
	}
	return err.Error()
}

// ended ends a text with a full stop.
func ended(text string) string {
	if strings.HasSuffix(text, ".") {
		return text
	}
	return text + "."
}
