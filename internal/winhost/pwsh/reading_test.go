// SPDX-License-Identifier: MPL-2.0

package pwsh

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/winrmbits/terraform-provider-bits/internal/winrmbits/agent"
)

// runWithAgent runs a script that has the agent's functions.
func runWithAgent(t *testing.T, script string) (stdout, stderr string) {
	t.Helper()
	out, complaints, _ := runScriptWith(t, testHost(t),
		". ([ScriptBlock]::Create([Console]::In.ReadToEnd())) -Token ('0' * 32) -Reader $null\n"+script, agent.Functions())
	return out, complaints
}

// Builds of the module differ in names and types, and the documentation tells little of them: whatever a job shows is
// read as far as it means something.
func TestJobsOfEveryBuildAreRead(t *testing.T) {
	const script = `
$say = { param($job) [Console]::Out.WriteLine((ConvertTo-Line -Value ($job | ConvertTo-JobValue))) }
function New-Job([hashtable]$More) {
    $job = [ordered]@{
        JobId = [Guid]::Empty; DisplayName = 'n'; Description = $null; TransferType = 'UploadReply'; Priority = 'High'; JobState = 'TransientError'
        OwnerAccount = ''; FileList = $null; FilesTransferred = 0; BytesTotal = [UInt64]::MaxValue; BytesTransferred = 0
        CreationTime = [datetime]'2026-01-02T03:04:05Z'; ModificationTime = [datetime]'2026-01-02T03:04:05Z'
    }
    foreach ($name in $More.Keys) { $job[$name] = $More[$name] }
    [pscustomobject]$job
}
& $say (New-Job @{})
& $say (New-Job @{ RetryInterval = 61; RetryTimeout = [UInt32]::MaxValue; MaxDownloadTime = 7 })
& $say (New-Job @{ TransferPolicy = 'Capped, UsageBased'; ProxyUsage = 'NO_PROXY'; SecurityFlags = 'EnableCRLCheck, IgnoreCertCNInvalid'; ACLFlags = 'Owner, Dacl, x'; NotifyFlags = 9 })
& $say (New-Job @{ TransferPolicy = 'None'; SecurityFlags = '0'; ACLFlags = 'None'; NotifyFlags = 0 })
& $say (New-Job @{ CustomHeaders = "A: b` + "`r`n" + `C: d` + "`r`n" + `"; CertificateHash = '0A1B'; CertificateStoreLocation = 'CURRENT_USER'; ProxyList = [Uri]'http://p'; NotifyCmdLine = 'one' })
$torn = New-Job @{ HttpMethod = 'GET' }
$torn.PSObject.Properties.Add([psscriptproperty]::new('Dynamic', { throw 'E_NOTIMPL' }))
& $say $torn
`
	out, complaints := runWithAgent(t, script)
	lines := strings.Split(strings.TrimSpace(strings.ReplaceAll(out, "\r\n", "\n")), "\n")
	want := []string{
		`{}`,
		`{"minimum_retry_delay":61,"no_progress_timeout":4294967295,"maximum_download_time":7}`,
		`{"transfer_policy":["capped","usage_based"],"proxy_usage":"no_proxy","security_flags":["enable_crl_check","ignore_cert_cn_invalid"],
			"acl_flags":["owner","dacl","x"],"notify_flags":["transferred","modification"]}`,
		`{"transfer_policy":[],"security_flags":[],"acl_flags":[],"notify_flags":[]}`,
		`{"custom_headers":["A: b","C: d"],"certificate_hash":"0a1b","certificate_store_location":"current_user","proxy_list":["http://p"],
			"notify_command":["one"]}`,
		`{"http_method":"GET"}`,
	}
	if len(lines) != len(want) {
		t.Fatalf("%d lines, want %d: %s\n%s", len(lines), len(want), out, complaints)
	}
	basic := strings.Fields(`id display_name description transfer_type priority state owner_sid owner_name bytes_total bytes_transferred
		files_transferred created_at modified_at transferred_at error files`)
	for i, line := range lines {
		var got, wanted map[string]any
		if err := json.Unmarshal([]byte(line), &got); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		if err := json.Unmarshal([]byte(want[i]), &wanted); err != nil {
			t.Fatal(err)
		}
		if got["state"] != "transient_error" || got["transfer_type"] != "upload_reply" || got["bytes_total"] != nil || got["owner_sid"] != nil {
			t.Errorf("job %d is %s", i, line)
		}
		for _, name := range basic {
			delete(got, name)
		}
		if !reflect.DeepEqual(got, wanted) {
			t.Errorf("job %d has the properties %v, want %v", i, got, wanted)
		}
	}
}

// A path's directory is found without the help of .NET, which takes a backslash for a letter here.
func TestTheDirectoryOfAPath(t *testing.T) {
	out, complaints := runWithAgent(t, `
foreach ($path in 'C:\a\b\c.bin', 'C:\a\b', 'C:\a', 'C:', '\\s\share\d\f', '\\s\share\d', '\\s\share', 'none') {
    [Console]::Out.WriteLine("$path -> $(Get-Parent -Path $path)")
}`)
	want := strings.Join([]string{
		`C:\a\b\c.bin -> C:\a\b`, `C:\a\b -> C:\a`, `C:\a ->`, `C: ->`, `\\s\share\d\f -> \\s\share\d`, `\\s\share\d ->`, `\\s\share ->`, `none ->`,
	}, "\n")
	var got []string
	for line := range strings.Lines(out) {
		got = append(got, strings.TrimSpace(line))
	}
	if strings.Join(got, "\n") != want {
		t.Errorf("got\n%s\nwant\n%s\n%s", strings.Join(got, "\n"), want, complaints)
	}
}

// What goes wrong while something else is being told is left out, and never told instead.
func TestASecondFailureIsNotTold(t *testing.T) {
	out, complaints := runWithAgent(t, `
function Stop-All { [Alias('Get-AccessRules')] param([string]$Directory) throw "no $Directory" }
$open = Get-OpenDirectories -Files @([pscustomobject]@{ local_name = 'C:\a\b' })
[Console]::Out.WriteLine("open: $($open.Count)")
Remove-Made -Made ([Collections.ArrayList]@('/nowhere/x'))
$Agent.Step = 'complete'; $Agent.File = ''
Find-Unnamed -Id 'no id'
[Console]::Out.WriteLine("step: $($Agent.Step) file: $($Agent.File)")
`)
	if got := strings.Join(strings.Fields(out), " "); got != "open: 0 step: complete file:" {
		t.Errorf("got %q; %s", got, complaints)
	}
}

// A log may have more records than are looked through: then a job from before those may have ended without a trace, and one from after
// them has not.
func TestAHistoryTellsHowFarBackALogWasRead(t *testing.T) {
	out, complaints := runWithAgent(t, `
$MaxRecords = 2
function Get-FewRecords {
    [Alias('Get-EventXml')]
    param([string]$Log, [string]$XPath, [int]$AtMost)
    foreach ($day in '02', '01') {
        "<Event><System><EventID>5</EventID><TimeCreated SystemTime='2026-02-${day}T00:00:00.0000000Z'/></System><EventData><Data Name='jobId'>{6F8F5F10-0B3F-4C7E-9A52-0D6F1C1E2A$day}</Data></EventData></Event>"
    }
}
$Agent.Ops = @(foreach ($day in '01', '02', '03') {
    [pscustomobject]@{ op = 'history'; id = "6f8f5f10-0b3f-4c7e-9a52-0d6f1c1e2a$day"; since = [datetime]::new(2026, 1, [int]$day, 0, 0, 0, [DateTimeKind]::Utc).AddDays(30) }
})
foreach ($op in $Agent.Ops) {
    $answer = Invoke-History -Op $op
    [Console]::Out.WriteLine("$($answer.ending) $($answer.at) $($answer.text.Length -gt 0)")
}`)
	want := "cancelled 2026-02-01T00:00:00.0000000Z True\ncancelled 2026-02-02T00:00:00.0000000Z False\nunknown  False"
	if got := strings.TrimSpace(strings.ReplaceAll(out, "\r\n", "\n")); got != want {
		t.Errorf("got\n%s\nwant\n%s\n%s", got, want, complaints)
	}
}

// Some versions return nothing for a suspended job, so that every create of a batch looks for its own: among its name's jobs, and not
// among all of the host.
func TestAPendingJobIsLookedForByItsName(t *testing.T) {
	out, complaints := runWithAgent(t, `
$token = '0123456789abcdef0123456789abcdef'
$jobs = foreach ($name in 'other', "terraform-provider-bits pending $token", 'terraform-provider-bits pending') {
    [pscustomobject]@{ JobId = [Guid]::NewGuid(); DisplayName = $name; CreationTime = [datetime]::Now }
}
$asked = New-Object -TypeName Collections.ArrayList
function Get-BitsTransfer {
    [CmdletBinding()]
    param([string]$Name, [switch]$AllUsers)
    [void]$asked.Add($Name)
    if ($Name -and $refuses) { throw 'Cannot find a job.' }
    foreach ($job in $jobs) { if (-not $Name -or $job.DisplayName -like $Name) { $job } }
}
foreach ($refuses in $false, $true) {
    $found = @(Get-PendingJob -PendingToken $token)
    [Console]::Out.WriteLine("$($found.Count) $($found[0].DisplayName -ceq $jobs[1].DisplayName) $($asked.Count)")
}`)
	if got := strings.Join(strings.Fields(out), " "); got != "1 True 1 1 True 3" {
		t.Errorf("got %q; %s", got, complaints)
	}
}
