package provider

import (
	"fmt"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
)

// failure tells at which error a job stands.
func failure(job bits.Job) string { return fmt.Sprintf("it is in state %s. %s", job.State, cause(job)) }

// cause tells the error of a job: in our table's words, where, and at which file.
func cause(job bits.Job) string {
	var at bits.JobError
	if job.Error != nil {
		at = *job.Error
	}
	words := ended(meaning(at.HResult))
	if at.HResult != 0 {
		words = fmt.Sprintf("%s: %s", at.HResult, words)
	}
	if at.Context != "" && at.Context != bits.ContextNone {
		words += fmt.Sprintf(" Context: %s.", at.Context)
	}
	return words + failedFile(job, at)
}

// failedFile tells which file a job failed at: the one that the host names, or the only one.
func failedFile(job bits.Job, at bits.JobError) string {
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
func (a act) progress() string {
	if a.seen == nil {
		return ""
	}
	size := ""
	if a.seen.BytesTotal != nil {
		size = fmt.Sprintf(" of %d", *a.seen.BytesTotal)
	}
	text := fmt.Sprintf(" When last read the job was in state %s, with %d%s bytes there.", a.seen.State, a.seen.BytesTransferred, size)
	if a.seen.Error != nil {
		text += " " + cause(*a.seen)
	}
	return text
}
