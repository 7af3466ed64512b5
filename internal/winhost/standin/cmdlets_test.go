package standin

import (
	"testing"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/bitsvc"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/machine"
)

// testModule is BitsTransfer on a host of its own, for a caller who may do anything with its own jobs.
func testModule(t *testing.T) module {
	t.Helper()
	d, err := machine.NewDrive(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	c := machine.NewClock()
	service := bitsvc.New(bitsvc.Options{Clock: c, Drive: d})
	t.Cleanup(service.Close)
	caller := bitsvc.Caller{Account: `WEB01\admin`, SID: "S-1-5-21-1-2-3-500", Elevated: true, LoggedOn: true}
	return module{host: Host{Service: service, Drive: d, Clock: c}, caller: caller}
}

// A job that ends between the look-up and the change can't be shown through the protocol without luck.
func TestCmdletsOnAJobThatEndedUnderTheirHands(t *testing.T) {
	for _, c := range []struct {
		name string
		call func(m module, h *bitsvc.Handle) *record
		id   string
	}{
		{
			"Set-BitsTransfer -Priority", func(_ module, h *bitsvc.Handle) *record { return setPriority(h, "low") },
			"System.Runtime.InteropServices.COMException," +
				"Microsoft.BackgroundIntelligentTransfer.Management.SetBitsTransferCommand",
		},
		{
			"Add-BitsFile", func(m module, h *bitsvc.Handle) *record {
				return m.add(h, bits.FileSpec{RemoteName: "http://h/b", LocalName: `C:\t\b`})
			},
			"System.Runtime.InteropServices.COMException," +
				"Microsoft.BackgroundIntelligentTransfer.Management.AddBitsFileCommand",
		},
		{
			"Resume-BitsTransfer", func(_ module, h *bitsvc.Handle) *record { return resume(h) },
			"System.Runtime.InteropServices.COMException," +
				"Microsoft.BackgroundIntelligentTransfer.Management.ResumeBitsTransferCommand",
		},
		{
			"Remove-BitsTransfer", func(_ module, h *bitsvc.Handle) *record { return remove(h) },
			"System.Runtime.InteropServices.COMException," +
				"Microsoft.BackgroundIntelligentTransfer.Management.ClearBitsTransferCommand",
		},
	} {
		t.Run(c.name+" is BG_E_INVALID_STATE", func(t *testing.T) {
			m := testModule(t)
			job, bad := m.start(newJob{
				displayName: "n", transferType: "download", priority: "Foreground",
				files: []bits.FileSpec{{RemoteName: "http://h/a", LocalName: `C:\t\a`}},
			})
			if bad != nil {
				t.Fatal(bad.text)
			}
			handle, _, bad := m.get(job.ID)
			if bad != nil {
				t.Fatal(bad.text)
			}
			if _, err := m.host.Service.Cancel(m.caller, job.ID); err != nil {
				t.Fatal(err)
			}
			bad = c.call(m, handle)
			if bad == nil || bad.hresult != 0x80200002 || bad.id != c.id {
				t.Errorf("the cmdlet shows %+v, want 0x80200002 and %s", bad, c.id)
			}
		})
	}
}

func TestStartLeavesAnEmptyJobWhereAFileIsRefused(t *testing.T) {
	m := testModule(t)
	m.caller.LoggedOn = false
	_, bad := m.start(newJob{
		displayName: "n", transferType: "download", priority: "low",
		files: []bits.FileSpec{{RemoteName: "http://h/a", LocalName: `C:\t\a`}},
	})
	if bad == nil || bad.hresult != 0x800704DD {
		t.Fatalf("Start-BitsTransfer shows %+v, want 0x800704DD", bad)
	}
	jobs, bad := m.list(false)
	if bad != nil || len(jobs) != 1 || len(jobs[0].Files) != 0 {
		t.Errorf("BITS lists %+v, %+v; want one job without files", jobs, bad)
	}
}
