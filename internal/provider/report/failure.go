package report

import (
	"fmt"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
)

// DescribeError tells at which error a job stands.
func DescribeError(job bits.Job) string {
	return fmt.Sprintf("it is in state %s. %s", job.State, describeCause(job))
}

// describeCause tells the error of a job: in our table's words, where, and at which file.
func describeCause(job bits.Job) string {
	var at bits.JobError
	if job.Error != nil {
		at = *job.Error
	}
	words := WithPeriod(Meaning(at.HResult))
	if at.HResult != 0 {
		words = fmt.Sprintf("%s: %s", at.HResult, words)
	}
	if at.Context != "" && at.Context != bits.ContextNone {
		words += fmt.Sprintf(" Context: %s.", at.Context)
	}
	return words + describeFile(job, at)
}

// describeFile tells which file a job failed at: the one that the host names, or the only one.
func describeFile(job bits.Job, at bits.JobError) string {
	for _, f := range job.Files {
		if len(job.Files) == 1 && at.File == "" || at.File != "" && bits.FileKey(f.LocalName) == bits.FileKey(at.File) {
			return fmt.Sprintf(" File: %s, remote name \"%s\".", f.LocalName, f.RemoteName)
		}
	}
	if at.File != "" {
		return fmt.Sprintf(" File: %s.", at.File)
	}
	return ""
}

// progress tells how far a job had come when a wait for it ended.
func (a Operation) progress() string {
	if a.LastRead == nil {
		return ""
	}
	size := ""
	if a.LastRead.BytesTotal != nil {
		size = fmt.Sprintf(" of %d", *a.LastRead.BytesTotal)
	}
	text := fmt.Sprintf(" When last read the job was in state %s, with %d%s bytes there.", a.LastRead.State, a.LastRead.BytesTransferred, size)
	if a.LastRead.Error != nil {
		text += " " + describeCause(*a.LastRead)
	}
	return text
}
