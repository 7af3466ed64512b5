package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
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
	connections *connections // nil until the provider is configured
	pace        pace
}

func (r *jobResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_job"
}

func (r *jobResource) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = jobSchema(ctx)
}

func (r *jobResource) Configure(_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse) {
	if req.ProviderData == nil {
		return
	}
	c, ok := req.ProviderData.(*connections)
	if !ok {
		resp.Diagnostics.AddError("Unexpected Provider Data", fmt.Sprintf("%T is no connection. This is a bug of the provider.", req.ProviderData))
		return
	}
	r.connections = c
}

// act begins the telling of what is done to the job of a model.
func (m *jobModel) act(doing string) act {
	return act{
		doing: doing, job: m.jobID(), name: m.DisplayName.ValueString(), host: m.Host.ValueString(),
		stage: m.stage(), at: path.Empty(),
	}
}

// report logs the progress of a wait: at every change of state, and every time bytes have arrived.
func report(ctx context.Context, host string) func(bits.Job) {
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
