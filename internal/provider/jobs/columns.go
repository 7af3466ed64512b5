package jobs

import (
	"maps"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/attrs"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/job"
)

// column is an attribute of a listed job, and its value of a job that was listed at a time.
type column struct {
	attribute schema.Attribute
	value     func(job bits.Job, at time.Time) attr.Value
}

// text is a column of a text that every job has.
func text(description string, of func(bits.Job) string) column {
	return column{attrs.ComputedString(description), func(job bits.Job, _ time.Time) attr.Value { return types.StringValue(of(job)) }}
}

// of is any other column.
func of(attribute schema.Attribute, value func(bits.Job) attr.Value) column {
	return column{attribute, func(job bits.Job, _ time.Time) attr.Value { return value(job) }}
}

// columns are the attributes of a listed job, with its properties.
func columns() map[string]column {
	all := maps.Clone(jobColumns)
	for name, p := range job.ListedProperties() {
		all[name] = of(p.Attribute, p.Value)
	}
	return all
}

var jobColumns = map[string]column{
	"id": text("GUID of the job: lower case, without braces.",
		func(j bits.Job) string { return string(j.ID) }),
	"display_name": text("Name of the job as administrators see it. It need not be unique.",
		func(j bits.Job) string { return j.DisplayName }),
	"description": text("Description of the job; an empty text when it has none.",
		func(j bits.Job) string { return j.Description }),
	"transfer_type": text("Direction: `download`, `upload` or `upload_reply`.",
		func(j bits.Job) string { return string(j.TransferType) }),
	"priority": text("Scheduling class: `foreground`, `high`, `normal` or `low`.",
		func(j bits.Job) string { return string(j.Priority) }),
	"state": text("State as `bits_job` tells it: `pending`, `suspended`, `error` or `transferred`.",
		func(j bits.Job) string { return string(j.State.Stage()) }),
	"bits_state": text("Exact state of BITS: `queued`, `connecting`, `transferring`, `suspended`, `error`, `transient_error` or "+
		"`transferred`.",
		func(j bits.Job) string { return string(j.State) }),
	"owner": of(attrs.ComputedTexts("Account the job belongs to. BITS moves the job only while this account is logged on to the host.",
		attrs.OwnerParts), func(j bits.Job) attr.Value { return attrs.Owner(j.Owner, types.ObjectNull(attrs.OwnerTypes)) }),
	"error": of(attrs.ComputedTexts("The error the job stands at; null unless `bits_state` is `error` or `transient_error`.",
		attrs.ErrorParts), errorOf),
	"bytes_total": of(attrs.ComputedInt64("Size of all files, in bytes; null while BITS does not know that of every "+
		"file."), func(j bits.Job) attr.Value { return attrs.SizeOrNull(j.BytesTotal) }),
	"bytes_transferred": of(attrs.ComputedInt64("How much of them has been transferred, in "+
		"bytes."), func(j bits.Job) attr.Value { return attrs.SizeOrNull(&j.BytesTransferred) }),
	"files_total": of(attrs.ComputedInt64("Number of files of the "+
		"job."), func(j bits.Job) attr.Value { return types.Int64Value(int64(len(j.Files))) }),
	"files_transferred": of(attrs.ComputedInt64("Number of files that have been "+
		"transferred."), func(j bits.Job) attr.Value { return types.Int64Value(int64(j.FilesTransferred)) }),
	"percent": of(attrs.ComputedInt64("How much of `bytes_total` has been transferred, in percent, rounded down; `100` in state "+
		"`transferred`; null while `bytes_total` is null or 0."), percent),
	"created_at": of(attrs.ComputedTime("When the job was made, by the host's clock, RFC 3339 in "+
		"UTC."), func(j bits.Job) attr.Value { return attrs.Time(j.CreatedAt) }),
	"modified_at": of(attrs.ComputedTime("When a property or the state of the job last changed, by the host's clock, RFC 3339 in "+
		"UTC."), func(j bits.Job) attr.Value { return attrs.Time(j.ModifiedAt) }),
	"transferred_at": of(attrs.ComputedTime("When all files had been transferred, by the host's clock, RFC 3339 in UTC; null "+
		"before."), func(j bits.Job) attr.Value { return attrs.TimeOrNull(j.TransferredAt) }),
	"rate": {attrs.ComputedInt64("Bytes per second, rounded down, on average since the job was made: `bytes_transferred` by the time from " +
		"`created_at` until the read, also that in which the job was queued or suspended. BITS tells no momentary speed. Null unless " +
		"`bits_state` is `transferring`, and in the first second."), rate},
	"files": of(schema.ListNestedAttribute{
		Computed:            true,
		MarkdownDescription: "Files of the job, in the order of BITS.",
		NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
			"remote_name": attrs.ComputedString("URL or share path of the far side, complete: with the query string, where signatures often " +
				"stand."),
			"local_name":        attrs.ComputedString("Full path on the host."),
			"bytes_total":       attrs.ComputedInt64("Size of the file, in bytes; null while BITS does not know it."),
			"bytes_transferred": attrs.ComputedInt64("How much of it has been transferred, in bytes."),
		}},
	}, filesOf),
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

// percent is how much of a job has arrived, rounded down: less than 100 for what is not all there.
func percent(job bits.Job) attr.Value {
	switch {
	case job.State == bits.StateTransferred:
		return types.Int64Value(100)
	case job.BytesTotal == nil || *job.BytesTotal == 0:
		return types.Int64Null()
	}
	return types.Int64Value(min(100, int64(100*(float64(job.BytesTransferred)/float64(*job.BytesTotal)))))
}

// rate is how many bytes arrived in a second on average since a job that moves was made. BITS has no other rate: it returns
// bytes and times, and the time of its last change is that of any property.
func rate(job bits.Job, at time.Time) attr.Value {
	since := at.Sub(job.CreatedAt)
	if job.State != bits.StateTransferring || since < time.Second {
		return types.Int64Null()
	}
	return types.Int64Value(int64(float64(job.BytesTransferred) / since.Seconds()))
}
