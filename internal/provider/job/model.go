// SPDX-License-Identifier: MPL-2.0

package job

import (
	"slices"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/attrs"
)

// model is the resource as configuration, plan and state hold it.
type model struct {
	ID                      types.String      `tfsdk:"id"`
	Host                    types.String      `tfsdk:"host"`
	DisplayName             types.String      `tfsdk:"display_name"`
	Description             types.String      `tfsdk:"description"`
	Files                   types.List        `tfsdk:"files"`
	Priority                types.String      `tfsdk:"priority"`
	TransferType            types.String      `tfsdk:"transfer_type"`
	Suspended               types.Bool        `tfsdk:"suspended"`
	WaitForTransfer         types.Bool        `tfsdk:"wait_for_transfer"`
	CompleteWhenTransferred types.Bool        `tfsdk:"complete_when_transferred"`
	Timeouts                timeouts.Value    `tfsdk:"timeouts"`
	Triggers                types.Map         `tfsdk:"triggers"`
	OnMissing               types.String      `tfsdk:"on_missing"`
	OnFileMissing           types.String      `tfsdk:"on_file_missing"`
	OnFinishedChange        types.String      `tfsdk:"on_finished_change"`
	State                   types.String      `tfsdk:"state"`
	Owner                   types.Object      `tfsdk:"owner"`
	Error                   types.Object      `tfsdk:"error"`
	CreatedAt               timetypes.RFC3339 `tfsdk:"created_at"`
	CompletedAt             timetypes.RFC3339 `tfsdk:"completed_at"`
	CreateDirectories       types.Bool        `tfsdk:"create_directories"`

	managedProperties
}

var fileTypes = map[string]attr.Type{"remote_name": types.StringType, "local_name": types.StringType, "sha256": types.StringType}

func (m *model) jobID() bits.JobID { return bits.JobID(m.ID.ValueString()) }

func (m *model) stage() bits.Stage { return bits.Stage(m.State.ValueString()) }

// ownerSID is the owner's SID, "" when it is not known.
func (m *model) ownerSID() string {
	return attrs.TextOf(m.Owner, "sid")
}

// known is what identifies the job of a model on its host, and its owner and age.
func (m *model) known() bits.Job {
	created, _ := m.CreatedAt.ValueRFC3339Time() // the zero time where it is not known
	return bits.Job{ID: m.jobID(), Owner: bits.Owner{SID: m.ownerSID()}, CreatedAt: created}
}

// waits reports whether an apply waits for the transfer: by default, unless the job is suspended.
func (m *model) waits() types.Bool {
	switch {
	case !m.WaitForTransfer.IsNull() && !m.WaitForTransfer.IsUnknown():
		return m.WaitForTransfer
	case m.WaitForTransfer.IsUnknown() || m.Suspended.IsUnknown():
		return types.BoolUnknown()
	}
	return types.BoolValue(!m.Suspended.ValueBool())
}

// spec is the job to be made. All values are known.
func (m *model) spec() bits.Spec {
	return bits.Spec{
		DisplayName:  m.DisplayName.ValueString(),
		Description:  m.Description.ValueString(),
		TransferType: bits.TransferType(m.TransferType.ValueString()),
		Priority:     bits.Priority(m.Priority.ValueString()),
		Files:        specs(filesOf(m.Files)),
		Directories:  m.CreateDirectories.ValueBool(),
		Properties:   m.sent(properties...),
	}
}

// imported reports whether a state has nothing yet but host and id.
func (m *model) imported() bool { return m.DisplayName.IsNull() }

// observe takes over the values of a job on the host. What is not managed is not read, such as a description that the
// configuration does not set. Files stay as configured: BITS may rewrite a URL after a redirect.
func (m *model) observe(job bits.Job) {
	if m.imported() {
		m.adopt(job)
	}
	m.ID = types.StringValue(string(job.ID))
	m.DisplayName = types.StringValue(job.DisplayName)
	if !m.Description.IsNull() {
		m.Description = types.StringValue(job.Description)
	}
	m.Priority = types.StringValue(string(job.Priority))
	m.TransferType = types.StringValue(string(job.TransferType))
	m.observeProperties(job.Properties)
	switch job.State.Stage() {
	case bits.StagePending:
		m.Suspended = types.BoolValue(false)
	case bits.StageSuspended:
		m.Suspended = types.BoolValue(true)
	default: // an ended or failed transfer is neither suspended nor running
	}
	m.observeProgress(job)
}

// observeProgress takes over what BITS itself decides, and leaves alone what is configured.
func (m *model) observeProgress(job bits.Job) {
	m.State = types.StringValue(string(job.State.Stage()))
	m.Owner = attrs.Owner(job.Owner, m.Owner)
	m.Error = types.ObjectNull(attrs.ErrorTypes)
	if job.State.Stage() == bits.StageError {
		m.Error = attrs.JobError(job)
	}
	if m.CreatedAt.IsNull() || m.CreatedAt.IsUnknown() { // it never changes, and is most exact when the job is new
		m.CreatedAt = attrs.TimeOrNull(&job.CreatedAt)
	}
	m.CompletedAt = timetypes.NewRFC3339Null()
}

// adopt fills in what an imported job does not have in the state yet; attributes that BITS does not have get their defaults.
func (m *model) adopt(job bits.Job) {
	files := make([]file, len(job.Files))
	for i, f := range job.Files {
		files[i] = file{remoteName: types.StringValue(f.RemoteName), localName: types.StringValue(f.LocalName)}
	}
	m.Files = filesValue(files)
	if job.Description != "" {
		m.Description = types.StringValue(job.Description)
	}
	m.adoptProperties(job.Properties)
	m.HTTPMethod, m.Dynamic = otherThan(job.HTTPMethod, "", "GET"), types.BoolNull()
	if job.Dynamic != nil && *job.Dynamic {
		m.Dynamic = types.BoolValue(true)
	}
	m.Suspended = types.BoolValue(false)
	m.WaitForTransfer = types.BoolValue(false) // so that the plan of a generated configuration is empty
	m.CompleteWhenTransferred, m.CreateDirectories = types.BoolValue(true), types.BoolValue(true)
}

// otherThan returns a text unless it is one of BITS' own defaults.
func otherThan(text *string, defaults ...string) types.String {
	if text == nil || slices.Contains(defaults, *text) {
		return types.StringNull()
	}
	return types.StringValue(*text)
}

// withUnknownOutcome is the state of a job of which it is not known whether it was made: nothing observed, no id.
func (m model) withUnknownOutcome(host string) model {
	m.ID = types.StringNull()
	m.Host = types.StringValue(host)
	m.State = types.StringNull()
	m.Owner = types.ObjectNull(attrs.OwnerTypes)
	m.Error = types.ObjectNull(attrs.ErrorTypes)
	m.CreatedAt = timetypes.NewRFC3339Null()
	m.CompletedAt = timetypes.NewRFC3339Null()
	return m
}

// finish records that the job is over: it was completed at a time, or is missing.
func (m *model) finish(stage bits.Stage, completedAt *time.Time) {
	m.State = types.StringValue(string(stage))
	m.Error = types.ObjectNull(attrs.ErrorTypes)
	m.CompletedAt = attrs.TimeOrNull(completedAt)
}
