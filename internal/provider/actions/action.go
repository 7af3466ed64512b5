// SPDX-License-Identifier: MPL-2.0

// Package actions has the actions of the provider: one verb each, for a live job of a host, whoever made it.
package actions

import (
	"context"
	"maps"

	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/action/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/hosts"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/report"
)

var (
	_ action.ActionWithConfigure      = &jobAction{}
	_ action.ActionWithModifyPlan     = &jobAction{}
	_ action.ActionWithValidateConfig = &jobAction{}
)

// verb is what is special about an action.
type verb struct {
	name        string // of the action, after "job_"
	doing       string // completes "Unable to ... job"
	description string
	attributes  map[string]schema.Attribute // besides those that name the job
	goal        []bits.Ending               // of a job that BITS no longer lists: there is nothing left to do, and no error
	run         func(ctx context.Context, call *invocation) error
}

// New returns all actions.
func New() []func() action.Action {
	var all []func() action.Action
	for _, v := range []verb{setPriority, suspend, resume, complete, cancel, wait} {
		all = append(all, func() action.Action { return &jobAction{verb: v} })
	}
	return all
}

// jobAction is an action on one job.
type jobAction struct {
	verb
	connections *hosts.Connections // nil until the provider is configured
}

func (a *jobAction) Metadata(_ context.Context, req action.MetadataRequest, resp *action.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_job_" + a.name
}

func (a *jobAction) Schema(_ context.Context, _ action.SchemaRequest, resp *action.SchemaResponse) {
	attributes := targetAttributes()
	maps.Copy(attributes, a.attributes)
	resp.Schema = schema.Schema{MarkdownDescription: a.description, Attributes: attributes}
}

func (a *jobAction) Configure(_ context.Context, req action.ConfigureRequest, _ *action.ConfigureResponse) {
	a.connections, _ = req.ProviderData.(*hosts.Connections)
}

// ValidateConfig checks what concerns more than one attribute.
func (a *jobAction) ValidateConfig(ctx context.Context, req action.ValidateConfigRequest, resp *action.ValidateConfigResponse) {
	_, diags := hosts.ReadNamed(ctx, req.Config)
	resp.Diagnostics.Append(diags...)
}

// ModifyPlan checks the host, without connecting to it.
func (a *jobAction) ModifyPlan(ctx context.Context, req action.ModifyPlanRequest, resp *action.ModifyPlanResponse) {
	named, diags := hosts.ReadNamed(ctx, req.Config)
	resp.Diagnostics.Append(diags...)
	host := named.Host
	if host.IsNull() {
		host = a.connections.Host
	}
	switch {
	case diags.HasError() || host.IsUnknown():
	case host.IsNull():
		resp.Diagnostics.Append(hosts.MissingHost()...)
	default:
		resp.Diagnostics.Append(a.connections.CheckHost(host.ValueString())...)
	}
}

// Invoke does what the verb says to the job.
func (a *jobAction) Invoke(ctx context.Context, req action.InvokeRequest, resp *action.InvokeResponse) {
	named, diags := hosts.ReadNamed(ctx, req.Config)
	resp.Diagnostics.Append(diags...)
	to, diags := a.connections.Open(named.Host)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	call := &invocation{
		Host: to, config: req.Config, diags: &resp.Diagnostics,
		send: func(text string) { resp.SendProgress(action.InvokeProgressEvent{Message: text}) },
		op: report.Operation{
			Verb: a.doing, Job: named.JobID(), DisplayName: named.DisplayName.ValueString(), Host: to.Name, At: path.Empty(), Action: true,
		},
	}
	resp.Diagnostics.Append(a.invoke(ctx, named, call)...)
}

func (a *jobAction) invoke(ctx context.Context, named hosts.Named, call *invocation) diag.Diagnostics {
	err := call.find(ctx, named)
	if err == nil {
		err = a.run(ctx, call)
	}
	if err == nil {
		return nil
	}
	if err = call.explainAbsence(ctx, err); a.reached(ctx, call, err) {
		return nil
	}
	return diag.Diagnostics{report.Error(ctx, call.op, err)}
}

// setting reads an attribute that is special to an action.
func setting[T any](ctx context.Context, config tfsdk.Config, name string) (value T) {
	_ = config.GetAttribute(ctx, path.Root(name), &value) // the schema has it, with this type
	return value
}
