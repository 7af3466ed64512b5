// SPDX-License-Identifier: MPL-2.0

package jobs

import (
	"context"
	"maps"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/attrs"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/job"
)

// columns are the attributes of a job that was listed at a time, with its properties.
func columns(at time.Time) map[string]job.Listed {
	all := job.ListedProperties()
	maps.Copy(all, jobColumns)
	all["rate"] = number("Average bytes per second since the job was created, including time queued or suspended. Null unless "+
		"`bits_state` is `transferring`, and in the first second.",
		func(j bits.Job) types.Int64 { return rate(j, at) })
	return all
}

// leftOut is a column that is null in every job.
func leftOut(ctx context.Context, column job.Listed) job.Listed {
	none := null(ctx, column.Attribute)
	column.Value = func(bits.Job) attr.Value { return none }
	return column
}

// null is the null of an attribute.
func null(ctx context.Context, attribute schema.Attribute) attr.Value {
	typ := attribute.GetType()
	value, err := typ.ValueFromTerraform(ctx, tftypes.NewValue(typ.TerraformType(ctx), nil))
	if err != nil {
		panic(err) // a type of the schema has a null
	}
	return value
}

func text(description string, of func(bits.Job) string) job.Listed {
	return job.Listed{Attribute: attrs.ComputedString(description), Value: func(j bits.Job) attr.Value { return types.StringValue(of(j)) }}
}

func number(description string, of func(bits.Job) types.Int64) job.Listed {
	return job.Listed{Attribute: attrs.ComputedInt64(description), Value: func(j bits.Job) attr.Value { return of(j) }}
}

func moment(description string, of func(bits.Job) *time.Time) job.Listed {
	return job.Listed{Attribute: attrs.ComputedTime(description), Value: func(j bits.Job) attr.Value { return attrs.TimeOrNull(of(j)) }}
}

var jobColumns = map[string]job.Listed{
	"id": text(attrs.JobIDText,
		func(j bits.Job) string { return string(j.ID) }),
	"display_name": text("Name of the job, not necessarily unique.",
		func(j bits.Job) string { return j.DisplayName }),
	"description": text("Description of the job; may be empty.",
		func(j bits.Job) string { return j.Description }),
	"transfer_type": text("`download`, `upload` or `upload_reply`.",
		func(j bits.Job) string { return string(j.TransferType) }),
	"priority": text("Scheduling class: "+attrs.Priorities,
		func(j bits.Job) string { return string(j.Priority) }),
	"state": text("State as in the resource `bits_job`: "+attrs.ListedStages,
		func(j bits.Job) string { return string(j.State.Stage()) }),
	"bits_state": text("Exact state of BITS: "+attrs.ListedStates,
		func(j bits.Job) string { return string(j.State) }),
	"owner": {
		Attribute: attrs.ComputedTexts(attrs.OwnerText, attrs.OwnerParts),
		Value:     func(j bits.Job) attr.Value { return attrs.Owner(j.Owner, types.ObjectNull(attrs.OwnerTypes)) },
	},
	"error": {
		Attribute: attrs.ComputedTexts(
			"Error of the job; null unless `bits_state` is `error` or `transient_error`.",
			attrs.ErrorParts),
		Value: errorOf,
	},
	"bytes_total": number("Size of all files in bytes; null until BITS knows it.",
		func(j bits.Job) types.Int64 { return attrs.SizeOrNull(j.BytesTotal) }),
	"bytes_transferred": number("Bytes transferred so far.",
		func(j bits.Job) types.Int64 { return attrs.SizeOrNull(&j.BytesTransferred) }),
	"files_total": number("Number of files.",
		func(j bits.Job) types.Int64 { return types.Int64Value(int64(len(j.Files))) }),
	"files_transferred": number("Number of files transferred so far.",
		func(j bits.Job) types.Int64 { return types.Int64Value(int64(j.FilesTransferred)) }),
	"percent": number("Percentage of `bytes_total` transferred, rounded down; `100` if `state` is `transferred`; null while "+
		"`bytes_total` is null or 0.", percent),
	"created_at": moment(attrs.CreatedAtText,
		func(j bits.Job) *time.Time { return &j.CreatedAt }),
	"modified_at": moment("When the state or a property last changed, by the host's clock.",
		func(j bits.Job) *time.Time { return &j.ModifiedAt }),
	"transferred_at": moment("When all files were transferred, by the host's clock; null before.",
		func(j bits.Job) *time.Time { return j.TransferredAt }),
	"files": {Attribute: schema.ListNestedAttribute{
		Computed:            true,
		MarkdownDescription: "Files of the job, in the order of BITS.",
		NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
			"remote_name":       attrs.ComputedString("URL or path, with any query string."),
			"local_name":        attrs.ComputedString("Absolute path on the host."),
			"bytes_total":       attrs.ComputedInt64("Size in bytes; null until BITS knows it."),
			"bytes_transferred": attrs.ComputedInt64("Bytes transferred so far."),
		}},
	}, Value: filesOf},
}

func errorOf(job bits.Job) attr.Value {
	if job.State != bits.StateError && job.State != bits.StateTransientError {
		return types.ObjectNull(attrs.ErrorTypes)
	}
	return attrs.JobError(job)
}

func filesOf(job bits.Job) attr.Value {
	fileTypes := map[string]attr.Type{
		"remote_name": types.StringType, "local_name": types.StringType, "bytes_total": types.Int64Type, "bytes_transferred": types.Int64Type,
	}
	files := []attr.Value{}
	for _, f := range job.Files {
		files = append(files, types.ObjectValueMust(fileTypes, map[string]attr.Value{
			"remote_name": types.StringValue(f.RemoteName), "local_name": types.StringValue(f.LocalName),
			"bytes_total": attrs.SizeOrNull(f.BytesTotal), "bytes_transferred": attrs.SizeOrNull(&f.BytesTransferred),
		}))
	}
	return types.ListValueMust(types.ObjectType{AttrTypes: fileTypes}, files)
}

// percent is how much of a job has arrived.
func percent(job bits.Job) types.Int64 {
	if p, known := job.Percent(); known {
		return types.Int64Value(p)
	}
	return types.Int64Null()
}

// rate is how many bytes arrived in a second on average since a job that moves was made. BITS has no other rate: it returns
// bytes and times, and the time of its last change is that of any property.
func rate(job bits.Job, at time.Time) types.Int64 {
	since := at.Sub(job.CreatedAt)
	if job.State != bits.StateTransferring || job.CreatedAt.IsZero() || since < time.Second {
		return types.Int64Null()
	}
	return types.Int64Value(int64(float64(job.BytesTransferred) / since.Seconds()))
}
