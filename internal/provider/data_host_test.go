package provider

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
)

func TestAHostIsDescribed(t *testing.T) {
	r := ready(t)
	r.host.described = bits.Host{
		Computer: "WEB01", OS: "10.0.20348.0", PowerShell: "5.1.20348.1", Module: "2.0.0.0", LanguageMode: "FullLanguage",
		Policies: map[string]string{"Process": "Bypass"}, Is64Bit: true, Account: bits.Owner{SID: fakeSID, Name: fakeOwner},
		Elevated: true, AllUsers: true, Parameters: map[string][]string{"Set-BitsTransfer": {"Priority", "Dynamic"}},
		Now: fakeNow, ServiceState: "running", ServiceStart: "automatic_delayed",
		Limits: map[string]uint32{"MaxJobsPerUser": 5, "JobInactivityTimeout": 0xFFFFFFFF}, FreeBytes: new(uint64(1 << 40)),
	}
	got := r.mustRead("bits_host", values{"drive": text("d:")})
	supported := got["supported_parameters"].(map[string]any)["Set-BitsTransfer"].([]any)
	slices.SortFunc(supported, func(a, b any) int { return strings.Compare(a.(string), b.(string)) })
	want := map[string]any{
		"host": "web01", "drive": "d:", "computer_name": "WEB01", "os_version": "10.0.20348.0", "powershell_version": "5.1.20348.1",
		"module_version": "2.0.0.0", "language_mode": "FullLanguage", "execution_policies": map[string]any{"Process": "Bypass"},
		"is_64_bit": true, "account": map[string]any{"sid": fakeSID, "name": fakeOwner}, "elevated": true, "all_users": true,
		"supported_parameters": map[string]any{"Set-BitsTransfer": []any{"Dynamic", "Priority"}},
		"time":                 "2026-11-20T10:11:12Z", "service_state": "running", "service_start_type": "automatic_delayed",
		"policies": map[string]any{"MaxJobsPerUser": 5.0, "JobInactivityTimeout": 4294967295.0}, "free_bytes": float64(1 << 40),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if calls := r.host.called(); !slices.Equal(calls, []string{"describe d:"}) {
		t.Errorf("the host was asked %v", calls)
	}
}

func TestWhatAHostDoesNotReturnIsNull(t *testing.T) {
	r := ready(t)
	r.host.described = bits.Host{Now: fakeNow, Policies: map[string]string{}, Parameters: map[string][]string{}}
	var null []string
	for name, value := range r.mustRead("bits_host", nil) {
		if value == nil {
			null = append(null, name)
		}
	}
	slices.Sort(null)
	want := []string{
		"computer_name", "drive", "free_bytes", "language_mode", "module_version", "os_version", "policies", "powershell_version",
		"service_start_type", "service_state",
	}
	if diff := cmp.Diff(want, null); diff != "" {
		t.Error(diff)
	}
	r.host.described.Limits = map[string]uint32{}
	if got := r.mustRead("bits_host", nil)["policies"]; !cmp.Equal(got, map[string]any{}) {
		t.Errorf("without a policy policies is %v, want an empty map", got)
	}
}

func TestTheDriveOfAHostIsALetterAndAColon(t *testing.T) {
	for _, drive := range []string{"", "C", `C:\`, "C:\n", `\\srv\share`, "CD:", "1:"} {
		r := ready(t)
		_, diags := r.read("bits_host", values{"drive": text(drive)})
		if got := formatted(diags); !strings.Contains(got, "Invalid Drive") || !strings.Contains(got, "such as C:") || len(r.dialled) > 0 {
			t.Errorf("%q: %s", drive, got)
		}
	}
}
