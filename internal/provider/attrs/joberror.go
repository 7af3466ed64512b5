package attrs

import (
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/report"
)

// ErrorTypes are the types of the error of a job.
var ErrorTypes = map[string]attr.Type{
	"code": types.StringType, "name": types.StringType, "message": types.StringType,
	"context": types.StringType, "file": types.StringType,
}

// JobError is the error of a job, in the words of this provider's table and not the host's.
func JobError(job bits.Job) types.Object {
	var e bits.JobError
	if job.Error != nil {
		e = *job.Error
	}
	code, name := types.StringNull(), types.StringNull()
	if e.HResult != 0 {
		code = types.StringValue(e.HResult.Hex())
	}
	if entry, ok := bits.Lookup(e.HResult); ok && e.HResult != 0 {
		name = types.StringValue(entry.Name)
	}
	return types.ObjectValueMust(ErrorTypes, map[string]attr.Value{
		"code":    code,
		"name":    name,
		"message": types.StringValue(report.Meaning(e.HResult)),
		"context": StringOrNull(string(e.Context)),
		"file":    StringOrNull(e.File),
	})
}
