// Package job is the resource bits_job.
package job

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/hosts"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/report"
)

var (
	_ resource.Resource                   = &jobResource{}
	_ resource.ResourceWithConfigure      = &jobResource{}
	_ resource.ResourceWithIdentity       = &jobResource{}
	_ resource.ResourceWithImportState    = &jobResource{}
	_ resource.ResourceWithModifyPlan     = &jobResource{}
	_ resource.ResourceWithValidateConfig = &jobResource{}
)

// jobResource is bits_job.
type jobResource struct {
	connections *hosts.Connections // nil until the provider is configured
	pace        pace
}

// NewResource returns the resource.
func NewResource() resource.Resource { return &jobResource{pace: steadyPace()} }

func (r *jobResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_job"
}

func (r *jobResource) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = jobSchema(ctx)
}

func (r *jobResource) Configure(_ context.Context, req resource.ConfigureRequest, _ *resource.ConfigureResponse) {
	r.connections, _ = req.ProviderData.(*hosts.Connections)
}

// operation begins the telling of what is done to the job of a model.
func (m *model) operation(doing string) report.Operation {
	return report.Operation{
		Verb: doing, Job: m.jobID(), DisplayName: m.DisplayName.ValueString(), Host: m.Host.ValueString(),
		Stage: m.stage(), At: path.Empty(), AttributeOf: attributeOf,
	}
}

// logProgress logs the progress of a wait: at every change of state, and every time bytes have arrived.
func logProgress(ctx context.Context, host string) func(bits.Job) {
	var last bits.Job
	return func(job bits.Job) {
		if job.State == last.State && job.BytesTransferred == last.BytesTransferred {
			return
		}
		last = job
		fields := map[string]any{
			"host": host, "job": string(job.ID), "state": string(job.State), "bytes_transferred": job.BytesTransferred,
		}
		if job.BytesTotal != nil {
			fields["bytes_total"] = *job.BytesTotal
		}
		tflog.Info(ctx, "waiting for a BITS job", fields)
	}
}
