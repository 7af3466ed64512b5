// SPDX-License-Identifier: MPL-2.0

package report

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/connection"
)

const anID = bits.JobID("6f8f5f10-0b3f-4c7e-9a52-0d6f1c1e2a3b")

func refused(h bits.HResult) *bits.Error {
	return &bits.Error{Code: bits.CodeRefused, Step: "set:priority", HResult: h, Text: "Der Vorgang ist fehlgeschlagen."}
}

func bytesOf(n uint64) *uint64 { return &n }

func anAct(doing string) Operation {
	return Operation{Verb: doing, Job: anID, DisplayName: "nightly payload", Host: "web01", At: path.Empty()}
}

func TestDiagnose(t *testing.T) {
	files := []bits.FileSpec{{RemoteName: "https://dl.example/a.cab", LocalName: `C:\t\a.cab`}, {RemoteName: "https://dl.example/b.cab", LocalName: `C:\t\b.cab`}}
	unreachable := &connection.Error{Kind: connection.Unreachable, Host: "web01:5986", Problem: "nothing listens there", Remedy: "Enable a listener."}
	repeated := &connection.Error{Kind: connection.Unreachable, Host: "web01:5986", Problem: "nothing listens there", Remedy: "Enable a listener.", Repeated: true}
	for _, test := range []struct {
		name    string
		act     func(*Operation)
		doing   string
		err     error
		summary string
		at      string   // attribute; "" for none
		want    []string // stand in the detail
		not     []string // do not
	}{
		{
			name: "the host's own refusal is quoted as the host's", doing: "set the priority of", act: func(a *Operation) { a.At = path.Root("priority"); a.Stage = bits.StagePending },
			err: refused(0x80200002), summary: InvalidState.text, at: "priority",
			want: []string{
				`Unable to set the priority of job ` + string(anID) + ` ("nightly payload") on web01: the host returned BG_E_INVALID_STATE (0x80200002)`,
				"Step: set:priority.",
			},
			not: []string{"no longer lists"},
		},
		{
			name: "an absent job is described without evidence", doing: "set the priority of", act: func(a *Operation) { a.At = path.Root("priority"); a.Stage = bits.StageTransferred },
			err: fmt.Errorf("change: %w", &bits.Error{Code: bits.CodeNotFound, HResult: 0x80200001}), summary: InvalidState.text, at: "priority",
			want: []string{
				`Unable to set the priority of job "nightly payload" on web01: BITS no longer lists job ` + string(anID) + ", which was transferred when last read: it was completed, cancelled or expired since; " +
					"a finished job takes no changes (BG_E_INVALID_STATE, 0x80200002)",
			},
			not: []string{"host returned"},
		},
		{
			name: "a job that is not listed is described without the cmdlet's exception", doing: "import", act: func(a *Operation) { a.DisplayName = "" },
			err:     &bits.Error{Code: bits.CodeNotFound, Step: "read", Type: "System.InvalidOperationException"},
			summary: "Job Not Found", want: []string{"BITS lists no such job"}, not: []string{"Step:", "Exception:"},
		},
		{
			name: "a missing directory is reported at its file", doing: "create", act: func(a *Operation) { a.Job, a.Files = "", files },
			err: &bits.Error{Code: bits.CodeRefused, Step: "add-file", HResult: 0x80070003, File: `c:\T\b.cab`}, summary: "Path Not Found", at: "files",
			want: []string{`job "nightly payload"`, "(0x80070003)", "Step: add-file. File: c:\\T\\b.cab.", "Set create_directories = true, or create the directory"},
		},
		{
			name: "a missing directory that the cmdlet finds by itself is reported in its words", doing: "create", act: func(a *Operation) { a.Job, a.Files = "", files[:1] },
			err: &bits.Error{
				Code: bits.CodeRefused, Step: "create", Type: "System.Management.Automation.ParentContainsErrorRecordException",
				FQEID: "PathNotFound,Microsoft.BackgroundIntelligentTransfer.Management.NewBitsTransferCommand",
				Text:  `Cannot find path 'C:\no\a.cab' because it does not exist.`,
			},
			summary: "Path Not Found", at: "files",
			want: []string{`on web01: the host returned an error: "Cannot find path 'C:\no\a.cab' because it does not exist".`, "File: " + `C:\t\a.cab` + ".", "Set create_directories = true, or create the directory"}, not: []string{"event log", "Exception"},
		},
		{name: "nobody logged on", doing: "create", err: refused(0x800704DD), summary: "Job Owner Not Logged On", want: []string{"0x800704DD", "Remote Desktop"}},
		{name: "remote use", doing: "create", err: refused(0x80200014), summary: "Remote Session Not Supported", want: []string{"0x80200014", "logged on"}},
		{name: "access denied", doing: "remove", err: refused(0x80070005), summary: "Access Denied", want: []string{"0x80070005", "write access"}},
		{name: "a stopped service", doing: "read", err: refused(0x80070426), summary: "BITS Service Stopped", want: []string{"0x80070426", "Start-Service BITS"}},
		{name: "a disabled service", doing: "read", err: refused(0x80070422), summary: "BITS Service Disabled", want: []string{"StartupType"}},
		{name: "too many jobs", doing: "create", err: refused(0x80200049), summary: "Too Many Jobs", want: []string{"MaxJobsPerUser"}, not: []string{"Der Vorgang"}}, // a known code comes with our words only
		{name: "an invisible job", doing: "read", err: fmt.Errorf("read: %w", bits.ErrNotVisible), summary: "Job Not Visible", want: []string{`on web01: this account may not see the job.`, "account that owns the job"}},
		{
			name: "a code that the result is unknown comes with the host's words", doing: "create", err: refused(0x8020ABCD), summary: "BITS Refused the Operation",
			want: []string{"0x8020ABCD", "an unknown code", "Der Vorgang ist fehlgeschlagen", "event log"},
		},
		{name: "a directory where a file is to be", doing: "create", err: refused(0x80070057), summary: "Invalid Argument", want: []string{"E_INVALIDARG (0x80070057)", "not of directories"}},
		{
			name: "a new job that can't be read", doing: "create", summary: "BITS Job Not Readable",
			err:  &bits.Error{Code: bits.CodeUnreadable, Step: "answer", Text: `"banana" is not a BITS job state`, TakenBack: true},
			want: []string{`the host returned a job that can't be read: "banana" is not a BITS job state`, "The new job was removed from the host again."},
		},
		{name: "a job left behind", doing: "create", err: &bits.Error{HResult: 0x80070057, Left: anID}, summary: "Invalid Argument", want: []string{string(anID), "the next apply removes the job"}},
		{
			name: "a host with an address of its own comes by its key", doing: "read", act: func(a *Operation) { a.Host = "Web05" },
			err:     &connection.Error{Kind: connection.Unreachable, Host: "127.0.0.1:1", Problem: "nothing listens on port 1."},
			summary: "Host Unreachable", want: []string{"on Web05 (127.0.0.1:1): nothing listens on port 1."},
		},
		{
			name: "a host comes as the configuration spells it", doing: "read", act: func(a *Operation) { a.Host = "WEB01.corp.example" },
			err:     &connection.Error{Kind: connection.Unreachable, Host: "web01.corp.example:5986", Problem: "nothing listens on port 5986."},
			summary: "Host Unreachable", want: []string{"on WEB01.corp.example:5986: nothing listens on port 5986."},
		},
		{name: "the way to the host", doing: "read", err: fmt.Errorf("read: %w", unreachable), summary: "Host Unreachable", want: []string{`job ` + string(anID) + ` ("nightly payload") on web01:5986: nothing listens there.`, "Enable a listener."}},
		{
			name: "a dead host stands in the way of a destroy", doing: "remove", act: func(a *Operation) { a.WhenUnreachable = "To forget the job run terraform state rm." }, err: unreachable, summary: "Host Unreachable",
			want: []string{"Enable a listener.\n\nTo forget the job run terraform state rm."},
		},
		{
			name: "a host that refuses the logon is not gone", doing: "remove", act: func(a *Operation) { a.WhenUnreachable = "To forget the job run terraform state rm." },
			err:     &connection.Error{Kind: connection.Unauthorized, Host: "web01:5986", Problem: "the host refused the credential.", Remedy: "Check the password."},
			summary: "Logon Refused", want: []string{"Check the password."}, not: []string{"state rm"},
		},
		{
			name: "a credential that was refused elsewhere is not used again", doing: "read", act: func(a *Operation) { a.Host = "web02" },
			err:     &connection.Error{Kind: connection.Unauthorized, Host: "web02:5986", Repeated: true},
			summary: "Logon Refused", want: []string{"on web02:5986: the credential was refused before", "first resource"},
		},
		{name: "the same failure again is one line", doing: "remove", act: func(a *Operation) { a.WhenUnreachable = "To forget the job run terraform state rm." }, err: repeated, summary: "Host Unreachable", want: []string{"not tried again"}, not: []string{"Enable", "state rm"}},
		{
			name: "an action finds that its job is gone", doing: "suspend", act: func(a *Operation) { a.Action, a.Stage = true, bits.StagePending },
			err: bits.ErrNotFound, summary: InvalidState.text,
			want: []string{"it was completed, cancelled or expired since.", "bits_jobs lists the jobs"}, not: []string{"INVALID_STATE", "terraform apply"},
		},
		{
			name: "an action has no attributes of a job", doing: "resume", act: func(a *Operation) { a.Action = true },
			err: refused(0x80200003), summary: "Job Without Files",
			want: []string{"-replace=ADDRESS", "belong to the resource bits_job. If no resource manages the job, change it on the host"},
			not:  []string{"this resource"},
		},
		{
			name: "an action whose advice names the priority, which an action changes", doing: "resume", act: func(a *Operation) { a.Action = true },
			err: refused(0x8020003E), summary: OperationRefused.text, want: []string{"priority"}, not: []string{"belong to the resource"},
		},
		{
			name: "an action whose advice names no attribute", doing: "resume", act: func(a *Operation) { a.Action = true },
			err: refused(0x80070426), summary: "BITS Service Stopped", want: []string{"Start-Service BITS"}, not: []string{"belong to the resource"},
		},
		{
			name: "an action with an unknown outcome", doing: "suspend", act: func(a *Operation) { a.Action = true },
			err: bits.ErrUnknownOutcome, summary: "Unknown Outcome", want: []string{"before you repeat the action"}, not: []string{"plan"},
		},
		{name: "an unknown outcome", doing: "create", act: func(a *Operation) { a.Tainted = true }, err: fmt.Errorf("create a job on web01:5986: %w: the session ended", bits.ErrUnknownOutcome), summary: "Unknown Outcome", want: []string{"on web01: the outcome is unknown: the session ended.", "it is unknown whether", "tainted"}},
		{
			name: "a timeout of a wait tells how far the job is", doing: "wait for the transfer of",
			act: func(a *Operation) {
				a.Consequence, a.Limit = "The job is kept, and the next apply continues with it.", "timeouts.update"
				a.LastRead = &bits.Job{State: bits.StateTransferring, BytesTransferred: 3, BytesTotal: bytesOf(10)}
			},
			err: context.DeadlineExceeded, summary: "Timeout",
			want: []string{"it timed out (timeouts.update). When last read, the job was in state transferring, with 3 of 10 bytes transferred.", "The job is kept"},
		},
		{
			name: "a timeout of a call", doing: "create", act: func(a *Operation) { a.Limit = "timeouts.create" }, err: fmt.Errorf("create: %w", context.DeadlineExceeded), summary: "Timeout",
			want: []string{"the host did not respond in time (timeouts.create).", "raise the limit"},
		},
		{
			name: "a job of which no size is known yet", doing: "wait for the transfer of", act: func(a *Operation) { a.LastRead = &bits.Job{State: bits.StateQueued} },
			err: context.Canceled, summary: "Interrupted", want: []string{"this run was interrupted. When last read, the job was in state queued, with 0 bytes transferred."},
		},
		{
			name: "a job that tries to overcome an error when its time is up", doing: "wait for the transfer of",
			act: func(a *Operation) {
				a.LastRead = &bits.Job{State: bits.StateTransientError, Error: &bits.JobError{HResult: 0x801901F7, Context: bits.ContextRemoteFile}}
			},
			err: context.DeadlineExceeded, summary: "Timeout", want: []string{"in state transient_error, with 0 bytes transferred. BG_E_HTTP_ERROR_503 (0x801901F7): HTTP status 503", "Context: remote_file."},
		},
		{
			name: "the error of a job whose code the result is unknown comes with the host's words", doing: "wait for the transfer of",
			act: func(a *Operation) {
				a.LastRead = &bits.Job{State: bits.StateTransientError, Error: &bits.JobError{HResult: 0x80138001, Text: "Der Vorgang ist\r\nung\u00fcltig."}}
			},
			err: context.DeadlineExceeded, summary: "Timeout",
			want: []string{`0x80138001, an unknown code; the host reports: "Der Vorgang ist ung` + "\u00fc" + `ltig".`},
		},
		{
			name: "the error of a job whose code names no cause comes with the host's words, too", doing: "wait for the transfer of",
			act: func(a *Operation) {
				a.LastRead = &bits.Job{State: bits.StateTransientError, Error: &bits.JobError{HResult: 0x80004005, Text: "Es ging schief."}}
			},
			err: context.DeadlineExceeded, summary: "Timeout",
			want: []string{`E_FAIL (0x80004005): An error without a description; the host reports: "Es ging schief".`},
		},
		{
			name: "the error of a job whose code the host's module does not report comes with the host's words", doing: "wait for the transfer of",
			act: func(a *Operation) {
				a.LastRead = &bits.Job{State: bits.StateTransientError, Error: &bits.JobError{Text: "Zugriff auf https://dl.example/a?sig=secret verweigert"}}
			},
			err: context.DeadlineExceeded, summary: "Timeout", not: []string{"secret"},
			want: []string{`The BITS module of this host does not report the code; the host reports: "Zugriff auf https://dl.example/a?(hidden) verweigert".`},
		},
		{name: "Ctrl-C", doing: "read", err: context.Canceled, summary: "Interrupted", want: []string{"on web01: this run was interrupted."}},
		{
			name: "URLs are redacted", doing: "create", err: errors.New("GET https://bob:pw@dl.example/a?sig=secret: no"), summary: "BITS Job Operation Failed",
			want: []string{"https://(hidden)@dl.example/a?(hidden)"}, not: []string{"secret", "pw"},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			a := anAct(test.doing)
			if test.act != nil {
				test.act(&a)
			}
			d := Error(t.Context(), a, test.err)
			if d.Severity() != diag.SeverityError || d.Summary() != test.summary {
				t.Errorf("%s %q, want an error %q", d.Severity(), d.Summary(), test.summary)
			}
			at := ""
			if with, ok := d.(diag.DiagnosticWithPath); ok {
				at = with.Path().String()
			}
			if at != test.at {
				t.Errorf("it is about %q, want %q", at, test.at)
			}
			for _, want := range test.want {
				if !strings.Contains(d.Detail(), want) {
					t.Errorf("%q is missing in: %s", want, d.Detail())
				}
			}
			for _, not := range test.not {
				if strings.Contains(d.Detail(), not) {
					t.Errorf("%q is in: %s", not, d.Detail())
				}
			}
			if strings.Contains(d.Detail(), "..") && !strings.Contains(d.Detail(), "...") || strings.Contains(d.Detail(), "%!") {
				t.Errorf("ill-formed: %s", d.Detail())
			}
		})
	}
}

// TestAHostileHostControlsNoTerminal quotes what a host may say wherever it may say it.
func TestAHostileHostControlsNoTerminal(t *testing.T) {
	hostile := "\x1b]0;owned\a\r\n\nError: all is lost\u202e\u009b2J" + strings.Repeat("x", 100_000)
	a := anAct("create")
	a.DisplayName, a.Files = hostile, []bits.FileSpec{{RemoteName: "https://dl.example/a", LocalName: `C:\a`}}
	for name, err := range map[string]error{
		"a refusal":   &bits.Error{Code: bits.CodeRefused, Step: hostile, Text: hostile, Type: hostile, File: hostile, Context: bits.ErrorContext(hostile), Done: []string{hostile}},
		"a parameter": &bits.Error{Code: bits.CodeBinding, Text: hostile}, "an old module": &bits.Error{Code: bits.CodeNotSupported, Text: hostile},
		"a code of its own": &bits.Error{Code: bits.ErrorCode(hostile)}, "a member": &bits.Error{Code: bits.CodeUnreadable, Step: "read:" + hostile, HResult: 1},
		"a connection": &connection.Error{Kind: connection.NoAgent, Problem: hostile}, "any other": errors.New(hostile),
	} {
		t.Run(name, func(t *testing.T) {
			expectHarmless(t, Error(t.Context(), a, err).Detail())
		})
	}
	failed := bits.Job{DisplayName: hostile, Error: &bits.JobError{Text: hostile, File: hostile, Context: bits.ErrorContext(hostile)}}
	expectHarmless(t, Notice(path.Empty(), JobNotReadable, "%s %s", JobName(anID, hostile), DescribeError(failed)).Detail())
}

func expectHarmless(t *testing.T, text string) {
	t.Helper()
	if strings.ContainsAny(text, "\x1b\a\r\u202e\u009b") || len([]rune(text)) > maxDetail+len("...") {
		t.Errorf("%d bytes: %.3000q", len(text), text)
	}
}

func TestEveryClassOfRefusalHasAdvice(t *testing.T) {
	for _, a := range advices {
		if a.summary.text == "" || anAct("change").remedy(a, &bits.Error{}) == "" || a.code != 0 && !errors.Is(&bits.Error{HResult: a.code}, a.class) {
			t.Errorf("%v: %+v", a.class, a)
		}
	}
	for _, kind := range []connection.Kind{
		connection.Unreachable, connection.Untrusted, connection.Unauthorized, connection.Forbidden, connection.Silent,
		connection.NotWinRM, connection.Quota, connection.NoAgent, connection.Unreadable, connection.Lost,
	} {
		if connectionSummaries[kind] == (Summary{}) {
			t.Errorf("%s has no summary", kind)
		}
	}
}
