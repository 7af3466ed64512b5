// SPDX-License-Identifier: MPL-2.0

package job

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/winrmbits/terraform-provider-bits/internal/bits"
)

const (
	signedS3  = "https://bucket.s3.example/p.cab?X-Amz-Expires=60&X-Amz-Signature=secret"
	signedGCS = "https://storage.example/b/p.cab?X-Goog-Signature=secret"
)

// TestASignedURLThatRefusesHEADIsAWarningOfThePlan is about URLs that are signed for GET: S3 answers HEAD, which BITS sends first,
// with 403. Source: github.com/streamio/streamio-ffmpeg/pull/236. Google Cloud Storage takes HEAD as well: UrlSigner.RequestTemplate,
// docs.cloud.google.com.
func TestASignedURLThatRefusesHEADIsAWarningOfThePlan(t *testing.T) {
	inForeground := text("foreground")
	for _, test := range []struct {
		name   string
		config values
		want   []string // nil: no warning
	}{
		{
			name: "S3", config: values{"files": fileList(urlB, pathB, signedS3, pathA)},
			want: []string{
				`[AttributeName("files")] Signed URL Refuses HEAD: files[1].remote_name has an S3 signature (X-Amz-Signature)`,
				`Set dynamic = true and priority = "foreground"`,
			},
		},
		{name: "a signature of Google Cloud Storage holds for HEAD", config: values{"files": fileList(signedGCS, pathA)}},
		{
			name: "what is set already is not asked for", config: values{"files": fileList(signedS3, pathA), "priority": inForeground},
			want: []string{"Set dynamic = true: BITS"},
		},
		{name: "a dynamic job sends no HEAD", config: values{"files": fileList(signedS3, pathA), "priority": inForeground, "dynamic": yes()}},
		{name: "a job that may turn out to be dynamic", config: values{
			"files": fileList(signedS3, pathA), "priority": inForeground, "dynamic": tftypes.NewValue(tftypes.Bool, tftypes.UnknownValue),
		}},
		{name: "a method that needs no HEAD", config: values{"files": fileList(signedS3, pathA), "priority": inForeground, "http_method": text("POST")}},
		{name: "an upload", config: values{"files": fileList(signedS3, pathA), "transfer_type": text("upload")}},
		{name: "a signature of Azure or CloudFront holds for HEAD", config: values{"files": fileList("https://a.example/p?sv=1&se=2&sig=s", pathA, "https://c.example/q?Signature=s&Key-Pair-Id=k", pathB)}},
		{name: "the name of the signature in a path", config: values{"files": fileList("https://a.example/X-Amz-Signature=s", pathA)}},
		{name: "a URL that is not known yet", config: values{"files": fileWith(unknownText(), pathA)}},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := ready(t)
			p := r.plan(r.none(), jobConfig(test.config))
			severity := ""
			if test.want != nil {
				severity = "WARNING"
			}
			expectDiagnostic(t, p.diags, severity, test.want...)
			if strings.Contains(formatted(p.diags), "secret") {
				t.Error("the signature is in the warning")
			}
		})
	}
}

// TestASignedURLIsAWarningWhereBITSStillFetchesIt leaves plans alone that make BITS fetch nothing.
func TestASignedURLIsAWarningWhereBITSStillFetchesIt(t *testing.T) {
	for _, test := range []struct {
		name         string
		prior, after values
		want         bool
	}{
		{name: "a live job that does not change", prior: values{"files": fileList(signedS3, pathA)}},
		{name: "another attribute of it", prior: values{"files": fileList(signedS3, pathA)}, after: values{"priority": text("high")}},
		{name: "a file that is appended", prior: values{"files": fileList(urlB, pathB)}, after: values{"files": fileList(urlB, pathB, signedS3, pathA)}, want: true},
		{name: "a job that is replaced", prior: values{"files": fileList(urlA, pathA)}, after: values{"files": fileList(signedS3, pathA)}, want: true},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := ready(t)
			config := jobConfig(test.prior)
			made, _ := r.apply(t.Context(), r.plan(r.none(), config))
			p := r.plan(made, with(config, test.after))
			severity := ""
			if test.want {
				severity = "WARNING"
			}
			expectDiagnostic(t, p.diags, severity, "Signed URL Refuses HEAD")
		})
	}
}

// TestAURLThatIsNotKnownReplacesACompletedJobWithAWarning is about signatures that are made at each plan, as with timestamp().
func TestAURLThatIsNotKnownReplacesACompletedJobWithAWarning(t *testing.T) {
	for _, test := range []struct {
		name  string
		move  bits.State
		files tftypes.Value
		want  string // of the plan
		warns bool
	}{
		{name: "a completed job", move: bits.StateTransferred, files: fileWith(unknownText(), pathA), want: "replace for files", warns: true},
		{name: "the signature alone is another one", move: bits.StateTransferred, files: fileList(urlA+"?sig=2", pathA), want: "none"},
		{name: "a live job", move: bits.StateQueued, files: fileWith(unknownText(), pathA), want: "replace for files"},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := ready(t)
			config := jobConfig(values{"files": fileList(urlA+"?sig=1", pathA)})
			prior := r.created(config)
			if test.move == bits.StateTransferred {
				r.host.theJob(t).State = test.move
				prior, _ = r.refresh(prior)
				prior, _ = r.apply(t.Context(), r.plan(prior, config))
			}
			p := r.plan(prior, with(config, values{"files": test.files}))
			if got := describe(p); got != test.want {
				t.Errorf("planned: %s, want: %s", got, test.want)
			}
			severity := ""
			if test.warns {
				severity = "WARNING"
			}
			expectDiagnostic(t, p.diags, severity, `[AttributeName("files")] URL Not Known Before Apply: `,
				"plantimestamp()", "ignore_changes = [files]")
		})
	}
}

// fileWith is a list of one file whose remote name may be unknown.
func fileWith(remoteName tftypes.Value, localName string) tftypes.Value {
	return tftypes.NewValue(tftypes.List{ElementType: fileObject}, []tftypes.Value{tftypes.NewValue(fileObject, map[string]tftypes.Value{
		"remote_name": remoteName, "local_name": text(localName), "sha256": nullText(),
	})})
}
