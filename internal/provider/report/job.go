package report

import (
	"fmt"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
)

// JobName names a job by what is known of it.
func JobName(id bits.JobID, displayName string) string {
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
	return fmt.Sprintf("it is in state %s. %s", job.State, describeCause(job))
}

// describeCause describes the error of a job, where it happened, and at which file.
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

// describeFile names the file that a job failed at: the one that the host names, or the only one.
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

// Meaning is what a result means, in the words of the table of codes.
func Meaning(h bits.HResult) string {
	if h == 0 {
		return "The BITS module of this host does not tell the code"
	}
	if entry, ok := bits.Lookup(h); ok {
		return UpperFirst(entry.Meaning)
	}
	return "Not a code that BITS is known to return"
}
