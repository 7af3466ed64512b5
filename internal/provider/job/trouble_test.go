// SPDX-License-Identifier: MPL-2.0

package job

import (
	"strings"
	"testing"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
)

// TestEveryCodeOfAFailedJobIsExplained has a job fail with each code that is known, and with some that are not: the warning of a
// plan names the code or quotes the host, and says what to do.
func TestEveryCodeOfAFailedJobIsExplained(t *testing.T) {
	codes := []bits.Entry{{Code: 0}, {Code: 0x8007ABCD}, {Code: 0x80138001}, {Code: 0x81234567}, {Code: 0xC0000005}, {Code: 0x80190321}}
	for _, entry := range bits.Entries() {
		if entry.Kind != bits.KindSuccess {
			codes = append(codes, entry)
		}
	}
	if len(codes) < 120 {
		t.Fatalf("only %d codes", len(codes))
	}
	r := ready(t)
	made := r.created(jobConfig(nil))
	job := r.host.theJob(t)
	job.State = bits.StateError
	for _, entry := range codes {
		job.Error = &bits.JobError{HResult: entry.Code, Context: bits.ContextRemoteFile, Text: "Der Vorgang ist fehlgeschlagen."}
		_, diags := r.refresh(made)
		if len(diags) != 1 || diags[0].Summary != "BITS Job Failed" {
			t.Fatalf("%s: %s", entry.Code, formatted(diags))
		}
		parts := strings.Split(diags[0].Detail, "\n\n")
		quoted := strings.Contains(parts[0], `"Der Vorgang ist fehlgeschlagen"`)
		known := entry.Meaning != ""
		switch {
		case len(parts) != 3:
			t.Errorf("%s: %q", entry.Code, diags[0].Detail)
		case known && !strings.Contains(parts[0], entry.Code.String()+": "), entry.Code != 0 && !strings.Contains(parts[0], entry.Code.Hex()):
			t.Errorf("%s is not named: %s", entry.Code, parts[0])
		case quoted == (known && !entry.Code.Vague()):
			t.Errorf("%s: the host is quoted: %t: %s", entry.Code, quoted, parts[0])
		case !known && (strings.Contains(parts[0], "BITS is known") || !strings.Contains(parts[0], "the host reports")):
			t.Errorf("%s: a claim about BITS: %s", entry.Code, parts[0])
		case parts[1] == "" || !strings.HasSuffix(parts[1], "."):
			t.Errorf("%s has no remedy: %s", entry.Code, diags[0].Detail)
		}
	}
}

// TestAdviceOnAFailedJobKnowsItsConfiguration has what neither job nor code shows.
func TestAdviceOnAFailedJobKnowsItsConfiguration(t *testing.T) {
	account := credentialsOf(values{"username": text("u"), "password_wo": text(testPassword), "password_wo_version": number(1)})
	for _, test := range []struct {
		name   string
		config values
		code   bits.HResult
		says   []string
		not    string
	}{
		{"a server that asks for an account", nil, 0x80190191, []string{"Set credentials"}, ""},
		{"a server that does not take the account", values{"credentials": account}, 0x80190191, []string{"does not accept the account", "password_wo_version"}, "Set credentials"},
		{"a signed URL", values{"files": fileList("https://dl.example/p.cab?token=secret", pathA)}, 0x80190193, []string{"HEAD", `dynamic = true and priority = "foreground"`}, "secret"},
		{
			"a signed URL of a dynamic job", values{
				"files": fileList("https://dl.example/p.cab?token=secret", pathA), "dynamic": yes(), "priority": text("foreground"),
			},
			0x80190193, []string{"signature has probably expired"}, "Set dynamic",
		},
		{"a server without ranges and a job below foreground", values{"priority": text("low")}, 0x80200013, []string{`priority = "foreground"`, "dynamic = true"}, ""},
		{"a full disk", nil, 0x80070070, []string{"C: on web01 has 1024 bytes free"}, ""},
		{"a bandwidth policy", nil, 0x8020003E, []string{"MaxInternetBandwidth, which limits", `priority = "foreground"`}, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := ready(t)
			r.host.described = bits.Host{FreeBytes: new(uint64(1024)), Limits: map[string]uint32{"MaxInternetBandwidth": 0}}
			made := r.created(jobConfig(test.config))
			job := r.host.theJob(t)
			job.State, job.Error = bits.StateError, &bits.JobError{HResult: test.code, Context: bits.ContextRemoteFile}
			_, diags := r.refresh(made)
			expectDiagnostic(t, diags, "WARNING", test.says...)
			if test.not != "" && strings.Contains(formatted(diags), test.not) {
				t.Errorf("%q is in: %s", test.not, formatted(diags))
			}
		})
	}
}

// TestAFailedWaitSaysWhatToDo has the same advice in an apply, and that of a retry in a wait that ends.
func TestAFailedWaitSaysWhatToDo(t *testing.T) {
	r := ready(t)
	r.host.onGet = func(j *bits.Job) {
		j.State, j.Error = bits.StateError, &bits.JobError{HResult: 0x80200013, Context: bits.ContextRemoteFile}
	}
	_, diags := r.apply(t.Context(), r.plan(r.none(), jobConfig(values{"wait_for_transfer": yes(), "priority": text("low")})))
	expectDiagnostic(t, diags, "ERROR", "BITS Job Failed", "BG_E_INSUFFICIENT_RANGE_SUPPORT (0x80200013)", `Set priority = "foreground"`, "dynamic = true", "terraform untaint")
}

// TestARefusedCreateSaysWhatToDo has refusals whose remedy depends on the step and on the configuration.
func TestARefusedCreateSaysWhatToDo(t *testing.T) {
	for _, test := range []struct {
		name   string
		config values
		err    bits.Error
		says   []string
		not    string
	}{
		{"a drive that is not there", nil, bits.Error{Step: "create-directory", HResult: 0x80070003}, []string{"C: does not exist on web01", "LocalSystem does not see users' mapped drives"}, "create_directories"},
		{"a directory that is not there", values{"create_directories": no()}, bits.Error{Step: "create", HResult: 0x80070003}, []string{"Set create_directories = true"}, ""},
		{"an upload whose file is not there", values{"transfer_type": text("upload")}, bits.Error{Step: "add-file", HResult: 0x80070002}, []string{`Put C:\ProgramData\Acme\p.cab on web01`}, "create_directories"},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := ready(t)
			test.err.Code = bits.CodeRefused
			r.host.fail["create"] = &test.err
			_, diags := r.apply(t.Context(), r.plan(r.none(), jobConfig(test.config)))
			expectDiagnostic(t, diags, "ERROR", test.says...)
			if test.not != "" && strings.Contains(formatted(diags), test.not) {
				t.Errorf("%q is in: %s", test.not, formatted(diags))
			}
		})
	}
}
