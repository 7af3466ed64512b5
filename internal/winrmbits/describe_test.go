// SPDX-License-Identifier: MPL-2.0

package winrmbits

import (
	"testing"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/bitsvc"
)

func TestAHostIsDescribedInOneBatch(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		r.world.service.SetKey(bitsvc.PolicyKey, map[string]uint32{"MaxJobsPerUser": 5})
		got, err := r.host.Describe(t.Context(), bits.HostQuery{Drive: "C:", Account: administrator.Account})
		if err != nil {
			t.Fatal(err)
		}
		r.expect("open 1; 1/1 hello host")
		want := bits.Owner{SID: administrator.SID, Name: administrator.Account}
		if got.Computer != "WEB00" || got.Account != want || !got.AllUsers || !got.Elevated || !got.Is64Bit || got.ServiceState != "running" ||
			got.ServiceStart != "manual" || got.Limits["MaxJobsPerUser"] != 5 || got.FreeBytes == nil || got.LoggedOn == nil || *got.LoggedOn || time.Since(got.Now) > time.Minute ||
			len(got.Parameters["Set-BitsTransfer"]) == 0 || got.Policies["Process"] != "Bypass" {
			t.Errorf("it is %+v", got)
		}
		if got, err = r.host.Describe(t.Context(), bits.HostQuery{Drive: "X:"}); err != nil || got.FreeBytes != nil || got.LoggedOn != nil {
			t.Errorf("a drive that is not there has %v free bytes, %v", got.FreeBytes, err)
		}
		r.expect("1/2 host")
	})
}

func TestAHostIsDescribedWithoutItsBITS(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		r.world.service.Uninstall()
		got, err := r.host.Describe(t.Context(), bits.HostQuery{})
		if err != nil || got.ServiceState != "" || got.ServiceStart != "" || got.AllUsers || got.Computer == "" {
			t.Errorf("it is %+v, %v", got, err)
		}
	})
}
