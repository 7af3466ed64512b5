package bitsvc

import (
	"testing"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
)

func TestPoliciesBindWhoIsNoAdministrator(t *testing.T) {
	r := newRig(t)
	plain := Caller{Account: `WEB01\anna`, SID: "S-1-5-21-1-2-3-1001", LoggedOn: true}
	r.SetKey(PolicyKey, map[string]uint32{"MaxJobsPerUser": 1, "MaxFilesPerJob": 0})
	id, err := r.CreateJob(plain, "one", bits.Download)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.CreateJob(plain, "two", bits.Download); code(t, err) != bgTooManyUserJobs {
		t.Errorf("the second job is answered %v", err)
	}
	if err := r.AddFile(plain, id, bits.FileSpec{RemoteName: "http://x/a", LocalName: `C:\t\a`}); code(t, err) != bgTooManyFilesInJob {
		t.Errorf("the first file is answered %v", err)
	}
	if _, err := r.CreateJob(LocalSystem(), "exempt", bits.Download); err != nil {
		t.Error(err)
	}
}
