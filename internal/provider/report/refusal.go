// SPDX-License-Identifier: MPL-2.0

package report

import (
	"cmp"
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/trouble"
)

// describeRefusal describes what BITS or a cmdlet answered, and finds the attribute that asked for it.
func (op Operation) describeRefusal(m *message, refusal *bits.Error, err error) {
	noPath := errors.Is(err, bits.ErrPathNotFound)
	if noPath && refusal.File == "" && len(op.Files) == 1 {
		named := *refusal
		named.File = op.Files[0].LocalName
		refusal = &named
	}
	a, found := adviceFor(err)
	if !found {
		a.summary = OperationRefused
	}
	m.Failure, m.location = Failure{Summary: a.summary, Problem: hostAnswer(refusal), Remedy: op.remedy(a, refusal)}, location(refusal)
	if op.AttributeOf != nil && m.at.Equal(path.Empty()) {
		if at, found := op.AttributeOf(refusal.Step); found {
			m.at = at
		}
	}
	if len(op.Files) > 0 && refusal.File != "" {
		m.at = path.Root("files")
	}
	if refusal.TakenBack {
		m.Remedy += " The new job was removed from the host again."
	}
	if refusal.Left != "" {
		m.Remedy += fmt.Sprintf(" The host could not remove job %s, which stays suspended. The resource is tainted, and the "+
			"next apply removes the job.",
			refusal.Left)
	}
}

// remedy is what to do about a refused call: as its class says, or as the table of package trouble does.
func (op Operation) remedy(a advice, refusal *bits.Error) string {
	switch {
	case a.remedy == trouble.GoneRemedy:
		return op.goneRemedy()
	case a.remedy != "":
		return a.remedy
	}
	s := op.Situation
	s.Address, s.Job.ID = op.Host, op.Job
	s.Code, s.Context, s.Step = cmp.Or(refusal.HResult, a.code), refusal.Context, cmp.Or(refusal.Step, "call")
	if len(op.Files) == 1 {
		s.File = op.Files[0]
	}
	for _, f := range op.Files {
		if refusal.File != "" && bits.FileKey(f.LocalName) == bits.FileKey(refusal.File) {
			s.File = f
		}
	}
	return trouble.Explain(s).String()
}

// hostAnswer is the host's answer: a code with its name, else the words of PowerShell.
func hostAnswer(refusal *bits.Error) string {
	member, part := strings.CutPrefix(refusal.Step, "read:")
	switch {
	case refusal.Code == bits.CodeUnreadable && part && refusal.HResult != 0:
		return fmt.Sprintf("its %s can't be read; the host returned %s", bits.QuotableName(member), refusal.HResult)
	case refusal.Code == bits.CodeUnreadable && refusal.Step == "answer":
		return fmt.Sprintf("the host returned a job that can't be read: %s", bits.QuotableName(refusal.Text))
	case refusal.HResult != 0:
		text := fmt.Sprintf("the host returned %s", refusal.HResult)
		if _, known := bits.Lookup(refusal.HResult); known {
			return text + ": " + Meaning(refusal.HResult) + moreOf(refusal.HResult, refusal.Text)
		}
		return text + ", an unknown code" + quote(refusal.Text)
	case refusal.Code == bits.CodeNotFound:
		return "BITS lists no such job"
	case refusal.Code == bits.CodeBinding:
		return "the cmdlet rejected a parameter" + quote(refusal.Text)
	case refusal.Code == bits.CodeNotSupported:
		return "the BitsTransfer module of this host has no such parameter" + quote(refusal.Text)
	case strings.TrimSpace(refusal.Text) != "":
		return "the host returned an error" + quote(refusal.Text)
	}
	return fmt.Sprintf("the host returned %q", string(refusal.Code))
}

// quote quotes the host's own words, in its language.
func quote(text string) string {
	if text = bits.Quotable(Redact(text)); text == "" {
		return ""
	}
	return fmt.Sprintf(": \"%s\".", strings.TrimSuffix(text, "."))
}

func location(refusal *bits.Error) string {
	var parts []string
	add := func(name, value string) {
		if value != "" {
			parts = append(parts, name+": "+bits.QuotableName(value)+".")
		}
	}
	if refusal.Code == bits.CodeNotFound { // a job that is not listed; where that showed is for the log
		return ""
	}
	add("Step", refusal.Step)
	add("File", refusal.File)
	if refusal.Context != bits.ContextNone {
		add("Context", string(refusal.Context))
	}
	add("Done before", strings.Join(refusal.Done, ", "))
	return strings.Join(parts, " ")
}

// JobName names a job by what is known of it.
func JobName(id bits.JobID, displayName string) string {
	displayName = bits.QuotableName(displayName)
	switch {
	case id == "":
		return fmt.Sprintf("job %q", displayName)
	case displayName == "":
		return fmt.Sprintf("job %s", id)
	}
	return fmt.Sprintf("job %s (%q)", id, displayName)
}

// DescribeError describes the error that a job is at.
func DescribeError(job bits.Job) string {
	return fmt.Sprintf("it is in state %s. %s", job.State, DescribeCause(job))
}

// DescribeCause describes the error of a job, where it happened, and at which file.
func DescribeCause(job bits.Job) string {
	var at bits.JobError
	if job.Error != nil {
		at = *job.Error
	}
	words := jobErrorWords(at)
	if at.Context != "" && at.Context != bits.ContextNone {
		words += fmt.Sprintf(" Context: %s.", bits.QuotableName(string(at.Context)))
	}
	return words + describeFile(job, at)
}

// jobErrorWords is the code of a job's error and what it means: in our words where the code is known, else in the host's.
func jobErrorWords(e bits.JobError) string {
	if _, known := bits.Lookup(e.HResult); known {
		return fmt.Sprintf("%s: %s", e.HResult, WithPeriod(Meaning(e.HResult)+moreOf(e.HResult, e.Text)))
	}
	words := "The BITS module of this host does not report the code"
	if e.HResult != 0 {
		words = fmt.Sprintf("%s, an unknown code", e.HResult)
	}
	if said := quote(e.Text); said != "" {
		return words + "; the host reports" + said
	}
	return words + "."
}

// moreOf is what the host says where the code names no cause.
func moreOf(code bits.HResult, text string) string {
	if said := quote(text); code.Vague() && said != "" {
		return "; the host reports" + said
	}
	return ""
}

// describeFile names the file that a job failed at: the one that the host names, or the only one.
func describeFile(job bits.Job, at bits.JobError) string {
	for _, f := range job.Files {
		if len(job.Files) == 1 && at.File == "" || at.File != "" && bits.FileKey(f.LocalName) == bits.FileKey(at.File) {
			return fmt.Sprintf(" File: %s, remote name \"%s\".", f.LocalName, f.RemoteName)
		}
	}
	if at.File != "" {
		return fmt.Sprintf(" File: %s.", bits.QuotableName(at.File))
	}
	return ""
}

// Meaning is what a result means, in the words of the table of codes.
func Meaning(h bits.HResult) string {
	if h == 0 {
		return "The BITS module of this host does not report the code"
	}
	if entry, ok := bits.Lookup(h); ok {
		return UpperFirst(entry.Meaning)
	}
	return "An unknown code"
}
