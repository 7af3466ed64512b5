// SPDX-License-Identifier: MPL-2.0

package job

import (
	"strings"
	"testing"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
	"github.com/winrmbits/terraform-provider-bits/internal/provider/report"
)

const anID = bits.JobID("6f8f5f10-0b3f-4c7e-9a52-0d6f1c1e2a3b")

func refused(h bits.HResult) *bits.Error {
	return &bits.Error{Code: bits.CodeRefused, Step: "set:priority", HResult: h, Text: "Der Vorgang ist fehlgeschlagen."}
}

func TestErrorsOfTheJobExplainThemselves(t *testing.T) {
	for _, test := range []struct {
		name    string
		err     error
		tainted bool
		summary string
		want    []string
		not     []string
	}{
		{
			name:    "a completed job is described with its evidence",
			err:     &jobEnded{ending: ending{Ending: bits.EndingCompleted, By: byTerraform, At: &fakeNow}},
			summary: "Invalid BITS Job State",
			want:    []string{"completed at 2026-11-20T10:11:12Z by Terraform; BITS no longer lists it; a finished job takes no changes (BG_E_INVALID_STATE, 0x80200002)", "terraform apply -replace=ADDRESS"},
			not:     []string{"host returned"},
		},
		{
			name: "a failed job", tainted: true, summary: "BITS Job Failed",
			err:  &jobFailed{job: bits.Job{ID: anID, State: bits.StateError, Error: &bits.JobError{HResult: 0x80190194, Context: bits.ContextRemoteFile, File: pathA}}},
			want: []string{"state error", "BG_E_HTTP_ERROR_404 (0x80190194)", "Context: remote_file. File: " + pathA, "terraform untaint"},
		},
		{
			name: "the only file of a failed job is named where the host does not tell it", summary: "BITS Job Failed",
			err: &jobFailed{job: bits.Job{
				ID: anID, State: bits.StateError, Error: &bits.JobError{HResult: 0x80190194},
				Files: []bits.File{{LocalName: pathA, RemoteName: "https://dl.example/a.cab?sig=secret"}},
			}},
			want: []string{" File: " + pathA + `, remote name "https://dl.example/a.cab?(hidden)".`}, not: []string{"secret"},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			d := report.Error(t.Context(), report.Operation{Verb: "change", Job: anID, DisplayName: "nightly payload", Host: "web01", Tainted: test.tainted}, test.err)
			if d.Summary() != test.summary {
				t.Errorf("the summary is %q, want %q", d.Summary(), test.summary)
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
		})
	}
}
