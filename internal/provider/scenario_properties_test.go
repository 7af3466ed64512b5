package provider

import (
	"testing"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/bitsvc"
)

// sets sets properties of the only job as its owner, LocalSystem, behind Terraform's back.
func (o *operator) sets(p bits.Properties) {
	o.t.Helper()
	system := bitsvc.Caller{SID: "S-1-5-18", Account: `NT AUTHORITY\SYSTEM`, System: true}
	job, err := o.farm.Host(0).BITS.Open(system, bits.JobID(o.job().ID))
	if err == nil {
		err = job.SetProperties(p)
	}
	if err != nil {
		o.t.Fatal(err)
	}
}

func TestOperatorSetsTheTimesOfAJob(t *testing.T) {
	t.Parallel()
	o := operate(t)
	o.do("pause")
	declare := func(delay string) {
		o.declareJob(payload, `minimum_retry_delay = "`+delay+`"`, `no_progress_timeout = "1h"`, `transfer_policy = ["standard"]`,
			`create_directories = true`, `files = [{ remote_name = "`+o.farm.FilesURL+`/a.bin", local_name = "C:\\New\\Deep\\a.bin" }]`)
	}
	declare("30s")
	o.run(1, "plan").has("Error: Invalid Duration", `minimum_retry_delay = "30s"`, "30s is too short: BITS takes 1m0s and more.")
	declare("90s")
	o.apply().has("Warning: Destination Directory Open to Users", `C:\New\Deep`)
	o.planIsEmpty()
	declare("1m30s")
	o.apply().has("0 added")
	o.planIsEmpty()
	o.sets(bits.Properties{MinimumRetryDelay: ptr[bits.Seconds](7200), MaximumDownloadTime: ptr[bits.Seconds](5)})
	o.run(2, "plan", "-detailed-exitcode").has(`~ minimum_retry_delay = "2h0m0s" -> "1m30s"`, "1 to change", "unchanged attributes hidden")
	o.apply()
	o.planIsEmpty()
	job, err := o.farm.Host(0).BITS.Jobs(o.farm.Host(0).Account, true)
	if err != nil || *job[0].MinimumRetryDelay != 90 || *job[0].NoProgressTimeout != 3600 || *job[0].MaximumDownloadTime != 5 {
		t.Errorf("the host has %+v: %v", job[0].Properties, err)
	}
	o.destroy()
}
