// SPDX-License-Identifier: MPL-2.0

package job

import (
	"context"
	"errors"
	"regexp"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/connection"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/hosts"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/report"
	"github.com/winrmbits/terraform-provider-bits/internal/trouble"
)

// claim makes sure that no other job writes the files of a new download. It returns the live job that is the declared one already: Terraform
// stores nothing before Create returns, so a run that was killed leaves such a job.
func (r *jobResource) claim(ctx context.Context, to hosts.Host, plan model, spec bits.Spec) (left *bits.Job, diags diag.Diagnostics) {
	names := written(spec)
	if len(names) == 0 {
		return nil, nil
	}
	if taken, by := to.Destinations.Claim(spec.DisplayName, names); taken != "" {
		return nil, diag.Diagnostics{report.Problem(path.Root("files"), report.DuplicateDestination,
			"Job %[3]q of this run also writes %[1]s on %[2]s, and the job that completes last would overwrite the file of the "+
				"other. Use a different local name in each job.", taken, to.Name, by)}
	}
	defer func() {
		if diags.HasError() {
			to.Destinations.Release(names)
		}
	}()
	op := plan.operation("create")
	op.Files, op.Limit = spec.Files, createTimeout
	writers, err := to.Writers(ctx, to.Client, names)
	var refusal *bits.Error
	if errors.As(err, &refusal) { // the check must not keep a job from a host that takes it
		tflog.Warn(ctx, "the jobs of a host could not be compared with a new one", map[string]any{"host": to.Name, "error": report.Redact(err.Error())})
		return nil, nil
	}
	if err != nil {
		return nil, diag.Diagnostics{report.Error(ctx, op, err)}
	}
	for _, job := range writers {
		if strings.HasPrefix(job.DisplayName, bits.PendingPrefix) {
			r.removeLeftover(ctx, to, plan, spec, job)
			continue
		}
		same, err := r.isDeclared(ctx, to, plan, spec, job)
		if err != nil {
			return nil, diag.Diagnostics{report.Error(ctx, op, err)}
		}
		if !same || left != nil {
			return nil, diag.Diagnostics{refuseDestination(to.Name, names, job)}
		}
		left = &job
	}
	if left != nil && !to.Take(left.ID) {
		left = nil // another resource, which is destroyed, removes it
	}
	return left, nil
}

// written lists the local files that a job writes: an upload only reads its file.
func written(spec bits.Spec) []string {
	if spec.TransferType != bits.Download {
		return nil
	}
	names := make([]string, len(spec.Files))
	for i, f := range spec.Files {
		names[i] = f.LocalName
	}
	return names
}

// isDeclared reports whether a live job is the one that a create would make: of the same account, with the same name and files, and with
// the same of what BITS does not change on a live job.
func (r *jobResource) isDeclared(ctx context.Context, to hosts.Host, plan model, spec bits.Spec, job bits.Job) (bool, error) {
	if job.DisplayName != spec.DisplayName || !sameFiles(job, spec) || methodOf(job.Properties) != methodOf(spec.Properties) ||
		isDynamic(job.Properties) != isDynamic(spec.Properties) {
		return false, nil
	}
	return r.isOwn(ctx, to, plan, job)
}

// isOwn reports whether the account that would own a new job owns a job.
func (r *jobResource) isOwn(ctx context.Context, to hosts.Host, plan model, job bits.Job) (bool, error) {
	if r.connections.RunAs(plan.Host) == connection.RunAsSystem {
		return job.Owner.SID == trouble.SystemSID, nil
	}
	host, err := to.Describe(ctx, bits.HostQuery{})
	return err == nil && job.Owner.SID == host.Account.SID, err
}

// pendingName is the name of a job that is not committed.
var pendingName = regexp.MustCompile(`\A` + bits.PendingPrefix + `[0-9a-f]{32}\z`)

// removeLeftover removes a job that a run was creating for the same files when it was killed. Where two runs create it at once, one of
// them fails, and nothing that has transferred is lost. What can't be removed is left to the sweep of a later run.
func (r *jobResource) removeLeftover(ctx context.Context, to hosts.Host, plan model, spec bits.Spec, job bits.Job) {
	if !pendingName.MatchString(job.DisplayName) || job.State != bits.StateSuspended || !sameFiles(job, spec) {
		return
	}
	own, err := r.isOwn(ctx, to, plan, job)
	if own {
		_, err = to.Remove(ctx, job.ID)
	}
	if err != nil {
		tflog.Warn(ctx, "a job that a killed run left could not be removed", map[string]any{
			"host": to.Name, "job": string(job.ID), "error": report.Redact(err.Error()),
		})
	}
}

func sameFiles(job bits.Job, spec bits.Spec) bool {
	return len(job.Files) == len(spec.Files) && !slices.ContainsFunc(spec.Files, func(want bits.FileSpec) bool {
		return !slices.ContainsFunc(job.Files, func(f bits.File) bool {
			return f.RemoteName == want.RemoteName && bits.FileKey(f.LocalName) == bits.FileKey(want.LocalName)
		})
	})
}

func methodOf(p bits.Properties) string {
	if p.HTTPMethod == nil || *p.HTTPMethod == "" {
		return "GET"
	}
	return *p.HTTPMethod
}

func isDynamic(p bits.Properties) bool { return p.Dynamic != nil && *p.Dynamic }

// refuseDestination refuses a job whose file a live job writes that is not the declared one.
func refuseDestination(host string, names []string, job bits.Job) diag.Diagnostic {
	i := slices.IndexFunc(names, job.HasFile)
	return report.Problem(path.Root("files").AtListIndex(i), report.DuplicateDestination,
		"%s on %s is also written by %s of %s, which is %s. The job that is completed last would overwrite the file of the other.\n\n"+
			"To manage that job with Terraform, import it:\n    import {\n      to = ADDRESS\n      id = \"%s/%s\"\n    }\n"+
			"To cancel it, import and destroy it, or run as its owner on the host: Get-BitsTransfer -JobId %s | Remove-BitsTransfer\n"+
			"If this apply replaces that job, remove create_before_destroy from this resource and from resources that depend on it.",
		names[i], host, report.JobName(job.ID, job.DisplayName), account(job.Owner.SID, job.Owner.Name), job.State, host, job.ID, job.ID)
}

// noticeAdopted is about a job that was there, and is the declared one.
func noticeAdopted(m model) diag.Diagnostic {
	return report.Notice(path.Empty(), report.JobWasAdopted,
		"%s already existed with the same owner, display name and files, probably from an interrupted run. The resource now "+
			"manages it and keeps what it has transferred. If another resource, in this state or another, manages "+
			"the same job, run terraform state rm ADDRESS for one of the two: destroying either cancels the job for both.", m.subject())
}

// adopted returns the change that makes a live job the declared one.
func adopted(job bits.Job, spec bits.Spec, suspended bool) bits.Change {
	c := bits.Change{Properties: spec.Properties.Without(job.Properties)}
	c.HTTPMethod, c.Dynamic = nil, nil
	if job.Priority != spec.Priority {
		c.Priority = &spec.Priority
	}
	if job.Description != spec.Description {
		c.Description = &spec.Description
	}
	switch job.State.Stage() {
	case bits.StagePending, bits.StageSuspended:
		if suspended != (job.State == bits.StateSuspended) {
			c.Suspended = &suspended
		}
	case bits.StageError:
		c.Suspended = &suspended
	default: // all of it is there
	}
	return c
}
