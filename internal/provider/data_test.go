// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/connection"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/report"
)

// population lists jobs on a host, one for each name: their ids end in 1, 2, 3 and so on, and each was made a minute
// before the one in front of it.
func population(r *rig) {
	for i, job := range []bits.Job{
		{DisplayName: "Nightly payload", State: bits.StateQueued, Priority: bits.PriorityNormal},
		{DisplayName: "nightly images [1]", State: bits.StateTransientError, Priority: bits.PriorityLow, Error: &bits.JobError{HResult: 0x80072EE7}},
		{DisplayName: "weekly*", State: bits.StateSuspended, Priority: bits.PriorityHigh, Owner: bits.Owner{SID: "S-1-5-18", Name: `NT AUTHORITY\SYSTEM`}},
		{DisplayName: "Größe", State: bits.StateError, Priority: bits.PriorityForeground, Owner: bits.Owner{Name: `CORP\ops`}},
		{DisplayName: "a\nb", State: bits.StateTransferred, Priority: bits.PriorityNormal, Owner: bits.Owner{SID: "S-1-5-21-9"}},
	} {
		job.ID = bits.JobID(fmt.Sprintf("abcdef00-0000-4000-8000-%012d", i+1))
		job.TransferType = bits.Download
		job.CreatedAt, job.ModifiedAt = fakeNow.Add(-time.Duration(i)*time.Minute), fakeNow
		if job.Owner == (bits.Owner{}) {
			job.Owner = bits.Owner{SID: fakeSID, Name: fakeOwner}
		}
		r.host.put(job)
	}
}

func TestJobsAreFiltered(t *testing.T) {
	for _, test := range []struct {
		name   string
		config values
		want   string // last digits of the ids, in order
	}{
		{name: "without filters all jobs come, the oldest first", want: "54321"},
		{name: "an id in capitals and braces finds its job", config: values{"id": text("{ABCDEF00-0000-4000-8000-000000000003}")}, want: "3"},
		{name: "an id that BITS does not list finds nothing", config: values{"id": text("abcdef00-0000-4000-8000-000000000009")}},
		{name: "case of a name does not matter", config: values{"display_name": text("NIGHTLY PAYLOAD")}, want: "1"},
		{name: "case does not matter outside ASCII either", config: values{"display_name": text("GRÖ?E")}, want: "4"},
		{name: "a name has to match as a whole", config: values{"display_name": text("nightly")}},
		{name: "a star stands for any characters", config: values{"display_name": text("nightly*")}, want: "21"},
		{name: "a star stands for none as well", config: values{"display_name": text("*Nightly payload*")}, want: "1"},
		{name: "a question mark stands for exactly one", config: values{"display_name": text("?eekly?")}, want: "3"},
		{name: "a question mark does not stand for none", config: values{"display_name": text("weekly*?")}, want: "3"},
		{name: "wildcards match line breaks", config: values{"display_name": text("a?b")}, want: "5"},
		{name: "brackets stand for themselves", config: values{"display_name": text("*[1]")}, want: "2"},
		{name: "a pattern is no regular expression", config: values{"display_name": text(".*")}},
		{name: "a state takes in what BITS tells apart", config: values{"state": text("pending")}, want: "21"},
		{name: "an exact state does not", config: values{"bits_state": text("transient_error")}, want: "2"},
		{name: "a priority", config: values{"priority": text("normal")}, want: "51"},
		{name: "an owner by name, in any case", config: values{"owner": text(`nt authority\system`)}, want: "3"},
		{name: "an owner by SID", config: values{"owner": text("s-1-5-18")}, want: "3"},
		{name: "an owner whose name is not known by SID", config: values{"owner": text("S-1-5-21-9")}, want: "5"},
		{name: "all filters have to match", config: values{"priority": text("normal"), "state": text("pending")}, want: "1"},
		{name: "filters may contradict each other", config: values{"state": text("error"), "bits_state": text("queued")}},
		{name: "only the account's own", config: values{"all_users": no()}, want: "21"},
		{name: "everybody's", config: values{"all_users": yes()}, want: "54321"},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := ready(t)
			population(r)
			state := r.mustRead("bits_jobs", test.config)
			got := ""
			for _, job := range state["jobs"].([]any) {
				id := job.(map[string]any)["id"].(string)
				got += id[len(id)-1:]
			}
			if got != test.want {
				t.Errorf("got jobs %q, want %q", got, test.want)
			}
			if calls := r.host.called(); len(calls) != 1 {
				t.Errorf("the host was asked %v, want one list", calls)
			}
			if got := state["host"]; got != "web01" {
				t.Errorf("host is %v", got)
			}
		})
	}
}

func TestJobsOfAnAccountThatSeesItsOwnOnly(t *testing.T) {
	r := ready(t)
	population(r)
	r.host.blind = true
	state := r.mustRead("bits_jobs", nil)
	if jobs := state["jobs"].([]any); len(jobs) != 2 || state["all_users"] != false {
		t.Errorf("all_users is %v with %d jobs, want false with the 2 of the account", state["all_users"], len(jobs))
	}
	_, diags := r.read("bits_jobs", values{"all_users": yes()})
	for _, want := range []string{"Jobs Not Visible", "Unable to list the BITS jobs on web01", "only its own jobs", "remove all_users"} {
		if !strings.Contains(formatted(diags), want) {
			t.Errorf("%q is missing in: %s", want, formatted(diags))
		}
	}
}

func TestAListedJobHasWhatTheHostReturns(t *testing.T) {
	r := ready(t)
	job := bits.Job{
		ID: "abcdef00-0000-4000-8000-000000000001", DisplayName: "payload", Description: "d", TransferType: bits.Upload,
		Priority: bits.PriorityLow, State: bits.StateTransientError, Owner: bits.Owner{SID: "S-1-5-18"},
		Error:      &bits.JobError{HResult: 0x80190194, Context: bits.ContextRemoteFile, File: `C:\t\a`, Text: "nicht gefunden"},
		BytesTotal: new(uint64(3 << 40)), BytesTransferred: 3<<40 - 1, FilesTransferred: 1,
		CreatedAt: fakeNow, ModifiedAt: fakeNow.Add(time.Second), TransferredAt: new(fakeNow.Add(time.Minute)),
		Files: []bits.File{
			{RemoteName: "https://u:p@dl.example/a?sig=1", LocalName: `C:\t\a`, BytesTotal: new(uint64(5)), BytesTransferred: 4},
			{RemoteName: `\\srv\s\b`, LocalName: `C:\t\b`},
		},
		Properties: bits.Properties{
			MinimumRetryDelay: new(bits.Seconds(600)), NoProgressTimeout: new(bits.Seconds(0)), MaximumDownloadTime: new(bits.Seconds(90)),
			TransferPolicy: []bits.CostState{"standard"}, ProxyUsage: new(bits.ProxyOverride), ProxyList: []string{"http://p:1"},
			HTTPMethod: new("GET"), Dynamic: new(false), SecurityFlags: []bits.SecurityFlag{"enable_crl_check"},
			CertificateHash: new("00ff"), CertificateStoreName: new("MY"), CustomHeaders: []bits.Secret{bits.NewSecret("X-Key: " + testPassword)},
		},
		ReadOnly: bits.ReadOnly{
			ACLFlags: []bits.ACLFlag{}, NotifyFlags: []bits.NotifyFlag{"error"}, NotifyCommand: []string{"p.exe", "p.exe 1"},
		},
	}
	r.host.put(job)
	state := r.mustRead("bits_jobs", values{"include_files": yes(), "include_notify_command": yes()})
	want := map[string]any{
		"id": "abcdef00-0000-4000-8000-000000000001", "display_name": "payload", "description": "d", "transfer_type": "upload",
		"priority": "low", "state": "pending", "bits_state": "transient_error", "owner": map[string]any{"sid": "S-1-5-18", "name": nil},
		"error": map[string]any{
			"code": "0x80190194", "name": "BG_E_HTTP_ERROR_404", "message": report.Meaning(0x80190194), "context": "remote_file", "file": `C:\t\a`,
		},
		"bytes_total": float64(3 << 40), "bytes_transferred": float64(3<<40 - 1), "files_total": 2.0, "files_transferred": 1.0, "percent": 99.0, "rate": nil,
		"created_at": "2026-11-20T10:11:12Z", "modified_at": "2026-11-20T10:11:13Z", "transferred_at": "2026-11-20T10:12:12Z",
		"files": []any{
			map[string]any{"remote_name": "https://u:p@dl.example/a?sig=1", "local_name": `C:\t\a`, "bytes_total": 5.0, "bytes_transferred": 4.0},
			map[string]any{"remote_name": `\\srv\s\b`, "local_name": `C:\t\b`, "bytes_total": nil, "bytes_transferred": 0.0},
		},
		"minimum_retry_delay": "10m0s", "no_progress_timeout": "0s", "maximum_download_time": "1m30s", "transfer_policy": []any{"standard"},
		"proxy":       map[string]any{"usage": "override", "list": []any{"http://p:1"}, "bypass_list": nil},
		"http_method": "GET", "dynamic": false, "security_flags": []any{"enable_crl_check"}, "acl_flags": []any{},
		"notify_flags": []any{"error"}, "notify_command": []any{"p.exe", "p.exe 1"},
		"client_certificate": map[string]any{"store_location": nil, "store_name": "MY", "thumbprint": "00ff"},
	}
	if diff := cmp.Diff([]any{want}, state["jobs"]); diff != "" {
		t.Error(diff)
	}
	one := r.mustRead("bits_job", values{"id": text(string(job.ID))})
	delete(want, "rate")
	want["host"] = "web01"
	if diff := cmp.Diff(want, one); diff != "" {
		t.Errorf("bits_job: %s", diff)
	}
	if strings.Contains(fmt.Sprint(state, one), testPassword) {
		t.Error("a custom header is in the state")
	}
	want["files"], want["notify_command"], want["rate"] = nil, nil, nil
	delete(want, "host")
	if diff := cmp.Diff([]any{want}, r.mustRead("bits_jobs", nil)["jobs"]); diff != "" {
		t.Errorf("without files and programs: %s", diff)
	}
}

func TestWhatAHostDoesNotReturnOfAJobIsNull(t *testing.T) {
	r := ready(t)
	r.host.put(bits.Job{ID: "abcdef00-0000-4000-8000-000000000001", DisplayName: "p", TransferType: bits.Download, Priority: bits.PriorityLow, State: bits.StateQueued})
	job := r.mustRead("bits_jobs", nil)["jobs"].([]any)[0].(map[string]any)
	var null []string
	for name, value := range job {
		if value == nil {
			null = append(null, name)
		}
	}
	slices.Sort(null)
	want := []string{
		"acl_flags", "bytes_total", "client_certificate", "created_at", "dynamic", "error", "files", "http_method", "maximum_download_time", "minimum_retry_delay",
		"modified_at", "no_progress_timeout", "notify_command", "notify_flags", "percent", "proxy", "rate", "security_flags", "transfer_policy", "transferred_at",
	}
	if diff := cmp.Diff(want, null); diff != "" {
		t.Error(diff)
	}
}

func TestAJobThatTheHostCanNotShowIsLeftOutWithAWarning(t *testing.T) {
	r := ready(t)
	population(r)
	r.host.unread = []bits.UnreadJob{
		{ID: "6f8f5f10-0b3f-4c7e-9a52-0d6f1c1e2a3b", DisplayName: "odd", Err: &bits.Error{Code: bits.CodeUnreadable, Step: "read:FileList", HResult: 0x80200001}},
		{Err: &bits.Error{Code: bits.CodeUnreadable, Step: "read:JobId", HResult: 0x80004005}},
	}
	state, diags := r.read("bits_jobs", nil)
	if jobs := state["jobs"].([]any); len(jobs) != 5 || len(diags) != 1 || diags[0].Severity != tfprotov6.DiagnosticSeverityWarning {
		t.Fatalf("%d jobs are listed: %s", len(jobs), formatted(diags))
	}
	for _, want := range []string{
		"BITS Job Not Readable", `job 6f8f5f10-0b3f-4c7e-9a52-0d6f1c1e2a3b ("odd"): read:FileList: BG_E_NOT_FOUND (0x80200001)`, "read:JobId: E_FAIL (0x80004005)",
	} {
		if !strings.Contains(formatted(diags), want) {
			t.Errorf("%q is missing in: %s", want, formatted(diags))
		}
	}
}

func TestJobsAreNotLookedForWithFiltersThatCanNotMatch(t *testing.T) {
	for _, test := range []struct {
		name   string
		config values
		want   []string
	}{
		{"no GUID", values{"id": text("nightly")}, []string{`"id"`, "Invalid Job ID", "a GUID such as"}},
		{"an empty pattern", values{"display_name": text("")}, []string{`"display_name"`, "at least 1"}},
		{"a state of jobs that BITS does not list", values{"state": text("acknowledged")}, []string{`"state"`, `"transferred"`}},
		{"an exact state of such jobs", values{"bits_state": text("cancelled")}, []string{`"bits_state"`, `"transient_error"`}},
		{"no priority", values{"priority": text("urgent")}, []string{`"priority"`, `"foreground"`}},
		{"an owner without a domain", values{"owner": text("ops")}, []string{`"owner"`, `CORP\ops`, "S-1-5-18"}},
		{"no host", values{"host": text("https://web01")}, []string{`"host"`, "Invalid Host"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := ready(t)
			_, diags := r.read("bits_jobs", test.config)
			for _, want := range test.want {
				if !strings.Contains(formatted(diags), want) {
					t.Errorf("%q is missing in: %s", want, formatted(diags))
				}
			}
			if calls := r.host.called(); len(calls) > 0 {
				t.Errorf("the host was asked %v", calls)
			}
		})
	}
}

func TestDataSourcesThatCanNotReachTheirHost(t *testing.T) {
	credential := values{"username": text("svc-bits"), "password": text(testPassword)}
	for name, config := range map[string]values{"bits_jobs": {}, "bits_host": {}, "bits_job": {"display_name": text("weekly*")}} {
		t.Run("the settings of the provider are not known yet: "+name, func(t *testing.T) {
			r := newRig(t)
			r.mustConfigure(values{"host": unknownText(), "username": text("svc-bits"), "password": text(testPassword)})
			_, diags := r.read(name, config)
			if got := formatted(diags); !strings.Contains(got, "Unknown Connection Settings") || !strings.Contains(got, "depends_on") {
				t.Error(got)
			}
			if len(r.dialled) > 0 {
				t.Error("a host was dialled")
			}
		})
		t.Run("nobody names a host: "+name, func(t *testing.T) {
			r := newRig(t)
			r.mustConfigure(credential)
			_, diags := r.read(name, config)
			if got := formatted(diags); !strings.Contains(got, "Missing Host") || !strings.Contains(got, `"host"`) {
				t.Error(got)
			}
		})
		t.Run("the connection fails, and the URL in its error is redacted: "+name, func(t *testing.T) {
			r := ready(t)
			broken := &connection.Error{Kind: connection.Unreachable, Host: "web01:5986", Problem: "see https://u:secret@x/y?sig=secret", Remedy: "Start it."}
			r.host.err = fmt.Errorf("list jobs: %w", broken)
			_, diags := r.read(name, config)
			got := formatted(diags)
			for _, want := range []string{"Host Unreachable", "on web01:5986: see https://(hidden)@x/y?(hidden)", "Start it."} {
				if !strings.Contains(got, want) {
					t.Errorf("%q is missing in: %s", want, got)
				}
			}
			if strings.Contains(got, "secret") {
				t.Error(got)
			}
		})
		t.Run("the host of the block is asked, not that of the provider: "+name, func(t *testing.T) {
			r := ready(t)
			population(r)
			r.mustRead(name, with(config, values{"host": text("WEB02:1234")}))
			if got := r.dialled[0]; got.Host != "web02" || got.Port != 1234 {
				t.Errorf("%s was asked", got.Address())
			}
		})
	}
}

// TestDataSourcesGoOnWithoutAHostThatIsDown has a fleet's data sources: each of the host that is down answers without it.
func TestDataSourcesGoOnWithoutAHostThatIsDown(t *testing.T) {
	r := newRig(t)
	r.mustConfigure(values{"host": text("web01"), "username": text("svc-bits"), "password": text(testPassword), "on_unreachable": text("warn")})
	for _, test := range []struct {
		name   string
		config values
	}{
		{name: "bits_jobs"},
		{name: "bits_jobs", config: values{"all_users": yes(), "display_name": text("x*")}},
		{name: "bits_host", config: values{"drive": text("C:")}},
		{name: "bits_job", config: values{"id": text("abcdef00-0000-4000-8000-000000000003")}},
		{name: "bits_job", config: values{"display_name": text("weekly*")}},
	} {
		t.Run(test.name, func(t *testing.T) {
			failure := &connection.Error{Kind: connection.Silent, Host: "web01:5986", Problem: "it is down.", Remedy: "Start it."}
			for _, heading := range []string{"WARNING Host Not Responding: ", "WARNING Host Skipped: "} {
				r.host.err = fmt.Errorf("read: %w", failure)
				state, diags := r.read(test.name, test.config)
				if got := formatted(diags); len(diags) != 1 || !strings.HasPrefix(got, heading) || !strings.Contains(got, `(on_unreachable = "warn")`) {
					t.Errorf("it says: %s", got)
				}
				for name, value := range state {
					_, configured := test.config[name]
					switch list, _ := value.([]any); {
					case name == "host" && value == "web01", configured, value == nil:
					case name == "jobs" && list != nil && len(list) == 0:
					default:
						t.Errorf("%s is %v", name, value)
					}
				}
				failure.Repeated = true
			}
		})
	}
	r.host.err = &connection.Error{Kind: connection.Unauthorized, Host: "web01:5986", Problem: "the host refused the credential."}
	if _, diags := r.read("bits_jobs", nil); !failed(diags) {
		t.Errorf("a refused logon says: %s", formatted(diags))
	}
}

func TestAHostIsDescribed(t *testing.T) {
	r := ready(t)
	r.host.described = bits.Host{
		Computer: "WEB01", OS: "10.0.20348.0", PowerShell: "5.1.20348.1", Module: "2.0.0.0", LanguageMode: "FullLanguage",
		Policies: map[string]string{"Process": "Bypass"}, Is64Bit: true, Account: bits.Owner{SID: fakeSID, Name: fakeOwner},
		Elevated: true, AllUsers: true, Parameters: map[string][]string{"Set-BitsTransfer": {"Priority", "Dynamic"}},
		Now: fakeNow, ServiceState: "running", ServiceStart: "automatic_delayed",
		Limits: map[string]uint32{"MaxJobsPerUser": 5, "JobInactivityTimeout": 0xFFFFFFFF}, FreeBytes: new(uint64(1 << 40)),
		Costs: map[string]uint32{"Normal": 0x80000021}, ClockOffset: -90 * time.Second,
		SystemProxy: &bits.ProxySettings{}, WinHTTPProxy: &bits.ProxySettings{Proxies: "p:1", Bypass: "<local>", ScriptURL: "http://p/pac", AutoDetect: true},
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
		"cost_policies": map[string]any{"Normal": float64(0x80000021)}, "clock_offset": "-1m30s",
		"holding_policies": map[string]any{`TransferPolicy\Normal`: "chooses the networks that jobs without transfer_policy may use, by their cost (0x80000021)"},
		"system_proxy":     map[string]any{"proxies": nil, "bypass": nil, "script_url": nil, "auto_detect": false},
		"winhttp_proxy":    map[string]any{"proxies": "p:1", "bypass": "<local>", "script_url": "http://p/pac", "auto_detect": true},
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
		"computer_name", "cost_policies", "drive", "free_bytes", "holding_policies", "language_mode", "module_version", "os_version", "policies",
		"powershell_version", "service_start_type", "service_state", "system_proxy", "winhttp_proxy",
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
