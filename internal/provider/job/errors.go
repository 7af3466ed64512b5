package job

import (
	"fmt"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/report"
)

const (
	// Terraform asks for the plan of the old job first, so -replace does not get past an error of the plan; a
	// tainted resource is planned as a new one.
	finishedRemedy = "To leave the files as they are take the change back. To transfer them again as a new job set on_finished_change = " +
		"\"replace\", change a value in triggers, or run terraform taint ADDRESS with the address of this resource, then terraform apply " +
		"(-replace does not get past this error). To destroy the resource run terraform destroy -refresh=false."
	missingRemedy = "To make the job again set on_missing = \"recreate\", change a value in triggers, or run terraform taint ADDRESS with the " +
		"address of this resource, then terraform apply (-replace does not get past this error). To let go of it run terraform destroy " +
		"-refresh=false, or terraform state rm ADDRESS."
	taintedAfter = "The resource is tainted: the next apply replaces the job."

	retryRemedy = "BITS does not try again by itself. Correct the cause; the next apply resumes the job, which keeps what it has transferred, " +
		"unless the plan replaces it."
	taintRemedy = "BITS does not try again by itself. Correct the cause. The resource is tainted, so the next apply would replace " +
		"the job and transfer everything again: run terraform untaint ADDRESS with the address of this resource first, and the " +
		"next apply resumes the job instead."

	deadHostRemedy = "If the host is gone for good, let Terraform forget the job instead of removing it: run terraform state rm ADDRESS with the " +
		"address of this resource, or apply with -refresh=false when the resource block is replaced by\n" +
		"    removed {\n" +
		"      from = ADDRESS\n" +
		"      lifecycle {\n" +
		"        destroy = false\n" +
		"      }\n" +
		"    }"
)

// Why a wait ended before the goal.
var (
	errSuspendedMeanwhile = &report.Failure{
		Summary: report.JobSuspended, Problem: "somebody suspended it, so it does not move",
		Remedy: "The next plan shows suspended as changed, and the next apply resumes the job.",
	}
	errMovedOn = &report.Failure{
		Summary: report.InvalidState, Problem: "it was transferred when last read, and is not any more: somebody suspended it or appended files", Remedy: report.GoneRemedy,
	}
	errStillListed = &report.Failure{
		Summary: report.JobNotCompleted, Problem: "the host reported no error, but BITS still lists the job",
		Remedy: "A destination file is probably open in a program, or its directory denies the owner access: BITS then keeps the job with what it has not renamed. " +
			"Correct that and apply again.",
	}
)

// jobFailed is a job in state ERROR: BITS does not retry it by itself.
type jobFailed struct{ job bits.Job }

func (e *jobFailed) Error() string {
	return fmt.Sprintf("job %s is in state %s", e.job.ID, e.job.State)
}

// Explain words the job's error.
func (e *jobFailed) Explain(a report.Operation) report.Failure {
	f := report.Failure{Summary: report.JobFailed, Problem: report.DescribeError(e.job), Remedy: retryRemedy}
	if a.Tainted {
		f.Remedy = taintRemedy
	}
	return f
}

// jobEnded is a change of a job whose end is known. The provider refuses it without asking the host.
type jobEnded struct{ ending ending }

func (e *jobEnded) Error() string { return "the job was " + e.ending.describe() }

// Is makes it an error of a job that BITS does not list.
func (*jobEnded) Is(target error) bool { return target == bits.ErrNotFound }

// Explain words the refusal: how the job ended, and what a finished job means for a change.
func (e *jobEnded) Explain(report.Operation) report.Failure {
	f := report.Failure{
		Summary: report.InvalidState, Remedy: finishedRemedy,
		Problem: "it was " + e.ending.describe() + "; BITS no longer lists it; a finished job takes no changes (BG_E_INVALID_STATE, 0x80200002)",
	}
	if e.ending.decided() && !e.ending.completed() {
		f.Remedy = report.GoneRemedy
	}
	return f
}
