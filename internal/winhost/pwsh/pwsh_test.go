// SPDX-License-Identifier: MPL-2.0

package pwsh

import (
	"bytes"
	"context"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/winrmbits/terraform-provider-bits/internal/judges"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/bitsvc"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/machine"
	"github.com/winrmbits/terraform-provider-bits/internal/winhost/windows"
)

// patience bounds what hangs.
const patience = 5 * time.Minute

// testHost is a host with the PowerShell of this machine, or the test skips.
func testHost(t *testing.T) Host {
	t.Helper()
	path := judges.PowerShell(t)
	d, err := machine.NewDrive(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	windows := t.TempDir()
	if err := Install(windows); err != nil {
		t.Fatal(err)
	}
	service := bitsvc.New(bitsvc.Options{Clock: machine.NewClock(), Drive: d})
	t.Cleanup(service.Close)
	return Host{PowerShell: path, Windows: windows, Service: service, Drive: d}
}

// admin is who the processes of the tests run as.
func admin() bitsvc.Caller {
	return bitsvc.Caller{Account: `WEB01\admin`, SID: "S-1-5-21-1-2-3-500", Elevated: true, LoggedOn: true}
}

// runScript runs a script and gives what it wrote and its exit code.
func runScript(t *testing.T, h Host, script string) (stdout, stderr string, exitCode int) {
	t.Helper()
	return runScriptWith(t, h, script, "")
}

// runScriptWith runs a script that reads stdin.
func runScriptWith(t *testing.T, h Host, script, stdin string) (stdout, stderr string, exitCode int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	var out, complaints bytes.Buffer
	exitCode = h.Run(ctx, commandLine(script), admin(), strings.NewReader(stdin), &out, &complaints)
	return out.String(), complaints.String(), exitCode
}

func commandLine(script string) string {
	return "powershell.exe -NoLogo -NoProfile -NonInteractive -ExecutionPolicy Bypass -EncodedCommand " + windows.EncodeCommand(script)
}

func TestAScriptRunsAndItsExitCodeIsThatOfTheProcess(t *testing.T) {
	h := testHost(t)
	// What is written has the console's code page.
	out, complaints, code := runScript(t, h, "[Console]::Out.Write('ä😀'.Length); exit 7")
	if out != "3" || code != 7 {
		t.Errorf("got %q and exit code %d; stderr: %s", out, code, complaints)
	}
}

func TestOtherCommandsAreRefused(t *testing.T) {
	h := testHost(t)
	for name, line := range map[string]string{
		"no script at all":        "powershell.exe -Version",
		"a plain command":         "powershell.exe -Command 1",
		"a script that is broken": "powershell.exe -EncodedCommand !",
		"half a character":        "powershell.exe -EncodedCommand QQ==",
	} {
		t.Run(name, func(t *testing.T) {
			var complaints bytes.Buffer
			if code := h.Run(t.Context(), line, admin(), strings.NewReader(""), io.Discard, &complaints); code != exitFailed {
				t.Errorf("exit code %d", code)
			}
			if complaints.Len() == 0 {
				t.Error("nothing was said about it")
			}
		})
	}
}

func TestAKilledProcessEnds(t *testing.T) {
	h := testHost(t)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	stdin, hold := io.Pipe()
	out, written := io.Pipe()
	t.Cleanup(func() { _ = hold.Close(); _ = out.Close() })
	code := make(chan int, 1)
	go func() {
		code <- h.Run(ctx, commandLine("[Console]::Out.WriteLine('up'); [Console]::In.ReadLine()"), admin(), stdin, written, io.Discard)
	}()
	if _, err := io.ReadFull(out, make([]byte, len("up"))); err != nil {
		t.Fatal(err)
	}
	cancel()
	if got := <-code; got != exitKilled {
		t.Errorf("exit code %d, want %d", got, exitKilled)
	}
}

// A failed cmdlet stops nothing by itself, as on Windows, and says why as .NET does.
func TestCmdletsFailAsOnWindows(t *testing.T) {
	h := testHost(t)
	const unknown = "6f8f5f10-0b3f-4c7e-9a52-0d6f1c1e2a3b"
	out, complaints, _ := runScript(t, h, `
$env:PSModulePath = [IO.Path]::Combine($PSHOME, 'Modules')
Import-BitsModule
function Show($e) { [Console]::Out.WriteLine(('{0} {1:X8} {2}' -f $e.Exception.GetType().FullName, $e.Exception.HResult, $e.FullyQualifiedErrorId)) }
$job = Start-BitsTransfer -Source http://h/a -Destination C:\t\a -Asynchronous -Suspended
[Console]::Out.WriteLine("$($job.Priority) $($job.DisplayName) $($job.JobState) $($job.JobId.GetType().FullName)")
Get-BitsTransfer -JobId '`+unknown+`' -ErrorAction SilentlyContinue -ErrorVariable failed
[Console]::Out.WriteLine('still here')
Show $failed[-1]
try { Set-BitsTransfer -BitsJob $job -Priority urgent -ErrorAction Stop } catch { Show $_ }
Remove-BitsTransfer -BitsJob $job -Confirm:$false
try { Set-BitsTransfer -BitsJob $job -Priority Low -ErrorAction Stop } catch { Show $_ }
try { Set-BitsTransfer -BitsJob $job -RetryInterval 59 -ErrorAction Stop } catch { Show $_ }
try { Start-BitsTransfer -Source http://h/a -Destination C:\t\a -ErrorAction Stop } catch { Show $_ }
`)
	want := strings.Join([]string{
		"Foreground BITS Transfer Suspended System.Guid",
		"still here",
		"System.Runtime.InteropServices.COMException 80200001 System.Runtime.InteropServices.COMException,Get-BitsTransfer",
		"System.Management.Automation.ParameterBindingValidationException 80131501 ParameterArgumentValidationError,Set-BitsTransfer",
		"System.Runtime.InteropServices.COMException 80200002 System.Runtime.InteropServices.COMException,Set-BitsTransfer",
		"System.Management.Automation.ParameterBindingValidationException 80131501 ParameterArgumentValidationError,Set-BitsTransfer",
		"System.NotSupportedException 80131515 The simulated BitsTransfer module transfers with -Asynchronous only.",
	}, "\n")
	if got := strings.TrimSpace(strings.ReplaceAll(out, "\r\n", "\n")); got != want {
		t.Errorf("got\n%s\nwant\n%s\nstderr: %s", got, want, complaints)
	}
}
