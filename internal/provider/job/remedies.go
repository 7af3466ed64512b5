package job

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
